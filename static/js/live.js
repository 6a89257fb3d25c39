// Keeps parts of a page true without reloading: asks for them at the pace that the page names while somebody looks.
// An answer with "done" is the last one.

const page = document.querySelector("[data-live]");
const state = { etag: "", timer: 0, done: !page };

function show({ done, ...parts }) {
  state.done = Boolean(done);
  for (const [name, html] of Object.entries(parts)) {
    const place = document.querySelector(`[data-part="${name}"]`);
    if (place && place.dataset.shown !== html) {
      place.dataset.shown = html;
      place.innerHTML = html; // our own server's piece of this page, escaped there
    }
  }
}

async function ask() {
  try {
    const answer = await fetch(page.dataset.live, {
      headers: { Accept: "application/json", ...(state.etag && { "If-None-Match": state.etag }) },
      cache: "no-store",
    });
    if (answer.ok) {
      state.etag = answer.headers.get("ETag") ?? "";
      show(await answer.json());
    }
  } catch {
    // offline: the next time
  }
  plan();
}

function plan() {
  clearTimeout(state.timer);
  if (!document.hidden && !state.done) state.timer = setTimeout(ask, Number(page.dataset.every));
}

document.addEventListener("visibilitychange", plan);
plan();
