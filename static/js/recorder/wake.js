// Keeps the screen awake while she records or a file goes up; where the browser cannot, nothing changes.

let lock = null;
let wanted = false;

async function ask() {
  try {
    lock = await navigator.wakeLock.request("screen");
  } catch {
    lock = null;
  }
}

// The browser takes the lock away whenever the page is hidden.
document.addEventListener("visibilitychange", () => wanted && !document.hidden && ask());

export function stayAwake() {
  wanted = true;
  if (navigator.wakeLock) ask();
}

export function maySleep() {
  wanted = false;
  lock?.release().catch(() => {});
  lock = null;
}
