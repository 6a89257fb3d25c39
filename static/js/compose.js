// The page where a text is written: counts as one types, shows it as on the phone, and follows the video until it plays.
// Everything here is a help; the server counts and checks again.

import { count, plain } from "./segments.js";

const ALONE = { "GSM-7": 160, "UCS-2": 70 };
const ASK_MS = 700;

const form = document.getElementById("write");
const body = document.getElementById("body");
const line = document.getElementById("count");
const cents = document.getElementById("cents");
const plainly = document.getElementById("plainly");

const fill = (words, values) => words.replace(/\{(\w+)\}/g, (_, name) => values[name]);

/** What will leave: plain where that was chosen, with room for the link. */
function leaving() {
  const tick = plainly.querySelector("input");
  return (tick.checked ? plain(body.value) : body.value).trim() + form.dataset.tail;
}

function recount() {
  const counted = count(leaving());
  const words = line.dataset;
  const values = { n: counted.characters, max: ALONE[counted.encoding] };
  const size = fill(counted.segments === 1 ? words.linked : words.long, values);
  const texts = counted.segments === 1 ? words.one : fill(words.many, { n: counted.segments });
  const why = counted.encoding === "UCS-2" ? `; ${words.special}` : "";
  line.value = `${size}: ${texts}${why}`;
  if (cents) {
    const price = Math.max(1, Math.round(Number(cents.dataset.each) * counted.segments));
    cents.textContent = price === 1 ? cents.dataset.one : fill(cents.dataset.many, { n: price });
  }
  plainly.hidden = plain(body.value) === body.value;
  document.getElementById("said").textContent = leaving().slice(0, leaving().length - form.dataset.tail.length);
}

const when = (state) => {
  for (const place of document.querySelectorAll("[data-when]")) place.hidden = place.dataset.when !== state;
};

function clockOf(seconds) {
  const whole = Math.max(1, Math.round(seconds));
  return ` · ${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

function follow(video) {
  const unusable = video.state === "refused" || video.state === "failed";
  const ready = video.play_url !== null && !unusable;
  when(unusable ? "unusable" : ready ? "ready" : "waiting");
  if (video.duration_s) document.getElementById("length").textContent = clockOf(video.duration_s);
  for (const picture of [document.getElementById("poster"), document.getElementById("preview")]) {
    if (video.poster_url && picture.getAttribute("src") !== video.poster_url) {
      picture.src = video.poster_url;
      picture.hidden = false;
    }
  }
  const notes = video.problems.map((problem) =>
    Object.assign(document.createElement("p"), { className: `status ${unusable ? "bad" : "honey"}`, textContent: problem.message }));
  const problems = document.getElementById("problems");
  if (problems.textContent !== notes.map((note) => note.textContent).join("")) problems.replaceChildren(...notes);
  return video.state !== "ready" && !unusable;
}

async function ask() {
  let more = true;
  try {
    const answer = document.hidden ? null : await fetch(form.dataset.video, { headers: { Accept: "application/json" } });
    if (answer?.ok) more = follow(await answer.json());
  } catch {
    more = true; // offline: the next time
  }
  if (more) setTimeout(ask, ASK_MS);
}

body.addEventListener("input", recount);
plainly.addEventListener("change", recount);
form.addEventListener("submit", () => {
  // A second click changes nothing at the server; the quiet button only says so.
  setTimeout(() => form.querySelectorAll("button").forEach((button) => { button.disabled = true; }), 0);
});
recount();
if (form.dataset.video) ask();
