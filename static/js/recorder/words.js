// Every sentence that the recorder says, in one place: short, kind, exact; what happened, then what to do.

/** Seconds as a person reads them: 84 becomes "1:24". */
export function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** "9:41" today, "Thu 9:41" on another day, as the app writes hours everywhere. */
export function hour(milliseconds) {
  const then = new Date(milliseconds);
  const time = `${then.getHours()}:${String(then.getMinutes()).padStart(2, "0")}`;
  if (then.toDateString() === new Date().toDateString()) return time;
  return `${then.toLocaleDateString(document.documentElement.lang || [], { weekday: "short" })} ${time}`;
}

/** Why there is no picture, by the name that camera.js gives to it. */
export const TROUBLE = {
  insecure: "The browser keeps the camera shut on a page without https. Open the https address, or pick a file.",
  "no-recorder": "This browser cannot record. Open the page in another one, or pick a file.",
  "no-camera": "We find no camera here. Plug one in and try again, or pick a file.",
  "no-microphone": "We find no microphone here. Plug one in and try again, or pick a file.",
  refused: "The camera is switched off for this page. Allow camera and microphone beside the address, then try again. Or pick a file.",
  busy: "The camera is busy in another window. Close it there, then try again. Or pick a file.",
  gone: "That camera or microphone is no longer there. Try again with another one, or pick a file.",
  other: "The camera did not start. Try again, or pick a file.",
};

/** Why a take ended without her pressing Stop; a plain stop says nothing. */
export const ENDED = {
  stopped: "",
  full: "Three minutes are full, so we stopped. The take is kept.",
  hidden: "The page went out of sight, so we stopped. The take so far is kept.",
  turned: "The phone was turned, so we stopped. The take so far is kept.",
  unplugged: "The camera or the microphone went away, so we stopped. The take so far is kept.",
  closed: "The page was closed while it recorded. The take up to then is kept.",
  broken: "The browser stopped recording. The take so far is kept.",
};

export const ASKING = "The browser asks for camera and microphone. Say yes to both.";
export const READY = "It saves while you speak.";
export const COUNTDOWN = "Starting in three. Look at the words, they sit under the lens.";
export const PAUSED = "Paused. Go on when you like, it is one take.";
export const OFFLINE = "You are offline. The take is safe here and goes on when you are back.";
export const OFFLINE_MEMORY = "You are offline, and this device cannot store the take. Keep this page open until you are back.";
export const MEMORY = "This device has no room to store the take, so it goes straight up. Keep this page open until all is saved.";
export const SIGN_IN = "Sign in again, the take is safe here.";
export const SIGN_IN_MEMORY = "You are signed out. Sign in again in another tab and leave this one open, the take lives in it.";
export const SILENT = "We hear almost nothing. Is the microphone covered?";
export const GAP = "A moment of this take is missing, the browser could not read it. Look at it before you keep it.";
export const FILE_CHANGED = "The file changed while we read it. Pick it again.";
export const FILE_EMPTY = "This file is empty. Pick another one.";
export const TOO_SHORT = "Nothing was recorded yet. Try once more.";
export const STAYS = "This take stays until you choose.";
export const KEEPING_WAITS = "We keep it. Stay here until all is saved, then we go on.";
export const KEEPING = "We keep it, one moment.";
export const UNPLAYABLE = "This browser cannot show the file. You can keep it all the same.";

export const STUCK = "The take did not go up. It is safe here; load the page again to try once more.";
export const STUCK_MEMORY = "The take did not go up. Leave this page open and try another network.";
export const LET_GO = "The take is let go.";
export const SILENT_NOW = "We hear almost nothing so far. Is the microphone covered?";

export const ringCloses = (seconds) => `The ring closes at ${seconds} seconds. No need to fill it.`;
export const ringClosed = (seconds) => `That was ${seconds} seconds. Take the time you need, up to 3 minutes.`;
export const almostFull = (seconds) => `${seconds} seconds left, then it stops by itself.`;
export const recording = (seconds) => `Recording · saved up to ${clock(seconds)}`;
export const paused = (seconds) => `Paused · saved up to ${clock(seconds)}`;
export const stopsIn = (seconds) => `Recording · stops in ${clock(seconds)}`;
export const play = (seconds) => `Play · ${clock(seconds)}`;
export const takeName = (index, seconds) => `Take ${index + 1} · ${clock(seconds)}`;

/** The pill over the review: how much of this take the server has confirmed. */
export function saved(take) {
  if (take.row.kind === "file") {
    return take.whole ? "All of it is saved" : `${Math.floor((100 * take.row.sent) / take.size)} % is saved`;
  }
  const length = clock(take.seconds);
  return take.whole ? `All ${length} is saved` : `Saved up to ${clock(take.savedSeconds)} of ${length}`;
}

/** What is waiting here from before, for the note over the shutter. */
export function waiting(takes) {
  const last = takes[takes.length - 1].row;
  if (takes.length > 1) return `${takes.length} takes are kept, the last from ${hour(last.startedAt)}.`;
  if (last.kind === "file" && !last.whole) return `${last.filename} is not all up yet. Pick it again and it goes on.`;
  if (last.kind === "file") return `${last.filename} from ${hour(last.startedAt)} is kept.`;
  return `Your take from ${hour(last.startedAt)} is kept, ${clock(last.seconds)}.`;
}

/** Under the two buttons of the review: what Keep does to the other takes. */
export function choice(others) {
  if (others === 0) return STAYS;
  return others === 1 ? "Keeping this one lets the other go." : `Keeping this one lets the other ${others} go.`;
}

/** The note on other pages of the app, for one take that is not all up or waits for a choice. */
export function elsewhere(row) {
  const whose = row.name ? `for ${row.name}` : "from this device";
  if (row.whole) return `Your take ${whose} from ${hour(row.startedAt)} is kept. It waits for your choice.`;
  if (row.kind === "file") return `${row.filename} ${whose} is not all up yet. Pick it again and it goes on.`;
  if (!navigator.onLine) return `You are offline. The take ${whose} is safe here and goes on when you are back.`;
  return `The take ${whose} is still going up. It goes on by itself, you can keep working.`;
}
