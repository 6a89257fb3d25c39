// Keeps a page about a message true without reloading: asks for its parts while somebody looks, and stops when not.

const QUICK_MS = 1200;
const CALM_MS = 5000;
const CALM_AFTER = 100; // answers without news
const WITH_BUTTONS = new Set(["planned", "scheduled", "held", "missed", "unconfirmed"]);

const page = document.querySelector("[data-live]");
const part = (name) => document.querySelector(`[data-part="${name}"]`);
const state = { etag: "", quiet: 0, timer: 0 };

/** Put in what changed; a list that was scrolled to its end stays there. */
function show(parts) {
  for (const [name, html] of Object.entries(parts)) {
    const place = part(name);
    if (place && place.dataset.shown !== html) {
      place.dataset.shown = html;
      place.innerHTML = html; // our own server's piece of this page, escaped there
      if (name === "thread") place.scrollTop = place.scrollHeight;
    }
  }
  if (page.dataset.state && page.dataset.state !== parts.state) {
    const before = page.dataset.state;
    page.dataset.state = parts.state;
    // Which buttons there are depends on these states; a form that somebody has opened is left alone.
    if ((WITH_BUTTONS.has(before) || WITH_BUTTONS.has(parts.state)) && !document.querySelector("details[open]")) location.reload();
  }
}

async function ask() {
  try {
    const answer = await fetch(page.dataset.live, {
      headers: { Accept: "application/json", ...(state.etag && { "If-None-Match": state.etag }) },
      cache: "no-store",
    });
    state.quiet = answer.status === 304 ? state.quiet + 1 : 0;
    if (answer.ok) {
      state.etag = answer.headers.get("ETag") ?? "";
      show(await answer.json());
    }
  } catch {
    state.quiet += 1; // offline: the next time
  }
  plan();
}

function plan() {
  clearTimeout(state.timer);
  if (!document.hidden) state.timer = setTimeout(ask, state.quiet > CALM_AFTER ? CALM_MS : QUICK_MS);
}

document.addEventListener("visibilitychange", () => {
  state.quiet = 0;
  if (document.hidden) clearTimeout(state.timer);
  else ask();
});
const thread = part("thread");
if (thread) thread.scrollTop = thread.scrollHeight;
plan();
