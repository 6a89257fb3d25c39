// Keys as an extra to the buttons: R records and stops, Space pauses or plays, Esc goes back. They can be
// switched off, and they leave every field, button and dialog its own keys.

const OFF = "vidmsg-keys-off";

export const keysOn = () => {
  try {
    return localStorage.getItem(OFF) === null;
  } catch {
    return true;
  }
};

export function setKeys(on) {
  try {
    if (on) localStorage.removeItem(OFF);
    else localStorage.setItem(OFF, "1");
  } catch {
    // A private window forgets it.
  }
}

/** `actions` are functions by "r", " " and "Escape"; each answers true when it did something. */
export function listen(actions) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || !keysOn()) return;
    if (document.querySelector("dialog[open]") || event.target.closest("input, select, textarea")) return;
    if (event.key === " " && event.target.closest("button, a, label")) return;
    const action = actions[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (action?.()) event.preventDefault();
  });
}
