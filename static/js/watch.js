/* The customer's page: one pill instead of the browser's controls, playing on after a broken connection, and telling
   how far it was seen. It stands inside the page. Without it the video still plays, and nothing is counted. */
(() => {
  "use strict";
  const main = document.querySelector("main");
  const video = main.querySelector("video");
  const still = main.querySelector(".still");
  const pill = main.querySelector(".pill");
  const problem = main.querySelector(".problem");
  const form = main.querySelector(".after");
  const address = main.dataset.address;
  const STEPS = [0.25, 0.5, 0.75, 0.95];
  const JOINED = 0.25; // s, as on the server
  const RENEWALS = 4;

  /* --- who and what is told ------------------------------------------------------------------------------------ */

  const random = () => {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").slice(0, 22);
  };
  const visitor = (() => {
    try {
      const known = localStorage.getItem("visitor") || random();
      localStorage.setItem("visitor", known);
      return known;
    } catch {
      return undefined; // no storage of its own: a second look can't be told from a second phone, and isn't guessed
    }
  })();

  const tell = (event) => {
    const said = JSON.stringify({ page: main.dataset.page, visitor, event, intervals: parts() });
    navigator.sendBeacon?.(`${address}/seen`, new Blob([said], { type: "application/json" }));
  };

  let before = []; // parts that were seen before the player got a new address
  const parts = () => {
    const all = [...before];
    for (let i = 0; i < video.played.length; i++) all.push([video.played.start(i), video.played.end(i)]);
    const merged = [];
    for (const [begin, end] of all.sort((a, b) => a[0] - b[0])) {
      const last = merged.at(-1);
      if (last && begin - last[1] <= JOINED) last[1] = Math.max(last[1], end);
      else if (end > begin) merged.push([begin, end]);
    }
    return merged.slice(0, 60).map((part) => part.map((seconds) => Math.round(seconds * 100) / 100));
  };
  const share = () => parts().reduce((sum, [begin, end]) => sum + end - begin, 0) / (video.duration || Infinity);

  let opened = false;
  let opening;
  const look = () => {
    clearTimeout(opening);
    if (opened || document.visibilityState !== "visible") return;
    opening = setTimeout(() => { opened = true; tell("opened"); }, 1500);
  };

  let tapped = false; // by a person's finger or key
  let played = false;
  let reached = 0;
  let told = "";
  const progress = () => {
    const now = JSON.stringify(parts());
    if (!played || now === told) return;
    told = now;
    reached = STEPS.filter((step) => share() >= step).length;
    tell("progress");
  };

  /* --- playing ------------------------------------------------------------------------------------------------- */

  const show = (state) => {
    main.classList.remove("playing", "ended");
    if (state) main.classList.add(state);
    video.controls = state === "playing";
    pill.hidden = state === "playing";
    if (still) still.hidden = state !== "ended"; // the poster again, instead of a hand that reaches for the button
  };
  const play = () => video.play().catch((reason) => { if (reason.name === "NotAllowedError") show(""); });

  pill.addEventListener("click", (event) => {
    tapped ||= event.isTrusted;
    problem.textContent = "";
    renewals = 0;
    show("playing");
    if (video.error || ranOut()) renew(true);
    else play();
    video.focus({ preventScroll: true });
    main.querySelector(".frame").scrollIntoView({ block: "nearest" });
  });

  video.addEventListener("playing", () => {
    problem.textContent = "";
    settled();
    if (!tapped || played) return;
    played = true;
    tell("played");
  });
  video.addEventListener("timeupdate", () => {
    if (!video.seeking && !video.paused) settled();
    if (STEPS.filter((step) => share() >= step).length > reached) progress();
  });
  video.addEventListener("pause", progress);
  video.addEventListener("ended", () => {
    progress();
    if (document.fullscreenElement) document.exitFullscreen();
    show("ended");
    form.querySelector("h2:not([hidden])")?.focus({ preventScroll: true });
    main.querySelector(".frame").scrollIntoView({ block: "nearest" });
  });
  addEventListener("pagehide", progress);
  document.addEventListener("visibilitychange", () => {
    look();
    if (document.visibilityState === "hidden") progress();
  });

  /* --- a connection that broke, or a signed address that ran out while the video was paused ---------------------- */

  // A bucket's addresses live for so long; a browser sticks to the one that it was sent on to, and tries it for half a
  // minute after its end before it says so.
  const life = 900 * main.dataset.life; // ms, with a tenth to spare; 0: for ever
  let since = Date.now();
  const ranOut = () => life > 0 && Date.now() - since > life;

  let renewals = 0;
  let resume = 0; // s; where it broke
  let waiting;
  const settled = () => { clearTimeout(waiting); waiting = undefined; renewals = resume = 0; };
  const patience = () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => renew(true), 8000);
  };
  function renew(goOn) {
    clearTimeout(waiting);
    if (!navigator.onLine) {
      problem.textContent = problem.dataset.offline;
      addEventListener("online", () => renew(goOn), { once: true });
      return;
    }
    if (renewals++ >= RENEWALS) {
      problem.textContent = problem.dataset.stuck;
      show("");
      return;
    }
    const at = video.currentTime || resume;
    resume = at;
    before = parts();
    const again = () => {
      since = Date.now();
      video.src = `${address}/video?again=${renewals}`; // the page's own address: it never runs out
      video.addEventListener("loadedmetadata", () => { if (at) video.currentTime = at; }, { once: true });
      if (goOn) play();
    };
    if (renewals === 1) again();
    else setTimeout(again, 500 * 2 ** renewals);
  }
  const inUse = () => main.classList.contains("playing");
  video.addEventListener("error", () => { if (inUse()) renew(!video.paused); });
  video.addEventListener("waiting", () => { if (inUse()) ranOut() ? renew(true) : patience(); });
  video.addEventListener("stalled", () => { if (inUse() && waiting) renew(true); });
  video.addEventListener("progress", () => { if (waiting) patience(); });

  /* --- how was that ---------------------------------------------------------------------------------------------- */

  form.addEventListener("submit", async (event) => {
    const felt = event.submitter?.value;
    if (!felt) return;
    event.preventDefault();
    const body = new URLSearchParams({ page: main.dataset.page, felt });
    const answer = await fetch(form.action, { method: "POST", body, headers: { "X-Requested-With": "fetch" } }).catch(() => null);
    if (!answer?.ok) {
      problem.textContent = form.dataset.unsent;
      return;
    }
    problem.textContent = "";
    form.querySelectorAll("h2, ul").forEach((part) => { part.hidden = !part.classList.contains("thanks"); });
    form.querySelector(".thanks").focus({ preventScroll: true });
  });

  show("");
  look();
})();
