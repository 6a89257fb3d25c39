// The page's parts by name, the state it is in, and its one spoken line.

const by = (id) => document.getElementById(id);

export const parts = {
  page: by("recorder"), live: by("live"), film: by("film"), mid: by("mid"), room: by("room"), say: by("say"),
  number: by("number"), countArc: by("count-arc"), livepill: by("livepill"), ring: by("ring"),
  shoot: by("shoot"), pause: by("pause"), pauseWord: by("pause-word"), pauseIcon: by("pause-icon"),
  notYet: by("not-yet"), retry: by("retry"), bars: document.querySelectorAll("#bars path"),
  sound: by("sound"), light: by("light"), play: by("play"), playWord: by("play-word"), playIcon: by("play-icon"),
  savedpill: by("savedpill"), choices: by("choices"), another: by("another"), keep: by("keep"),
  letGo: by("let-go"), offer: by("offer"), offerWord: by("offer-word"), look: by("look"), forget: by("forget"),
  setup: by("setup"), open: by("open-setup"), camera: by("camera"), microphone: by("microphone"),
  shape: by("shape"), counting: by("counting"), keys: by("keys"), sure: by("sure"), files: document.querySelectorAll("input[type=file]"),
};

/** asking, trouble, ready, countdown, recording or review; the style sheet shows what belongs to it. */
export function show(state) {
  parts.page.dataset.state = state;
}

export const state = () => parts.page.dataset.state;

/** The one role=status: only a new sentence is set, so nothing is read out twice. */
export function say(sentence) {
  if (parts.say.textContent !== sentence) parts.say.textContent = sentence;
}

export function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Another drawing from the same sprite as before. */
export function draw(icon, name) {
  const use = icon.querySelector("use");
  use.setAttribute("href", use.getAttribute("href").replace(/#.*/, `#${name}`));
}

/** The frame takes the shape of what is in it. */
export function shape(video) {
  parts.page.dataset.shape = video.videoWidth > video.videoHeight ? "wide" : "tall";
}

export function arc(circle, share) {
  const percent = Math.max(0.01, Math.min(100, share * 100));
  circle.setAttribute("stroke-dasharray", `${percent.toFixed(2)} 100`);
}
