// What the recorder says. The sentences stand on the page, in the reader's language (vidmsg/videos/recorder_words.py);
// here they get their numbers and names. Away from the camera a page has only those that can be said there.

const said = JSON.parse(document.getElementById("recorder-words").textContent);

export const {
  TROUBLE, ENDED, ASKING, READY, COUNTDOWN, PAUSED, PAUSE, GO_ON, OFFLINE, OFFLINE_MEMORY, MEMORY, SIGN_IN,
  SIGN_IN_MEMORY, SILENT, SILENT_NOW, GAP, FILE_CHANGED, FILE_EMPTY, TOO_SHORT, STAYS, KEEPING_WAITS, KEEPING,
  UNPLAYABLE, NOT_TAKEN, STUCK, STUCK_MEMORY, LET_GO, DARK, BRIGHT, LOVELY, NO_SOUND, QUIET, LOUD, GOOD_SOUND,
} = said;

/** The sentence with its names in braces filled in. */
const fill = (sentence, values) => sentence.replace(/\{(\w+)\}/g, (_, name) => values[name]);

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

export const ringCloses = (seconds) => fill(said.RING_CLOSES, { seconds });
export const ringClosed = (seconds) => fill(said.RING_CLOSED, { seconds });
export const almostFull = (seconds) => fill(said.ALMOST_FULL, { seconds });
export const recording = (seconds) => fill(said.RECORDING, { time: clock(seconds) });
export const paused = (seconds) => fill(said.PAUSED_AT, { time: clock(seconds) });
export const stopsIn = (seconds) => fill(said.STOPS_IN, { time: clock(seconds) });
export const play = (seconds) => fill(said.PLAY, { time: clock(seconds) });
export const takeName = (index, seconds) => fill(said.TAKE, { number: index + 1, time: clock(seconds) });

/** The pill over the review: how much of this take the server has confirmed. */
export function saved(take) {
  if (take.row.kind === "file") {
    if (take.whole) return said.ALL_OF_FILE;
    return fill(said.PART_OF_FILE, { percent: Math.floor((100 * take.row.sent) / take.size) });
  }
  const length = clock(take.seconds);
  return take.whole ? fill(said.ALL_OF_TAKE, { length }) : fill(said.PART_OF_TAKE, { time: clock(take.savedSeconds), length });
}

/** What is waiting here from before, for the note over the shutter. */
export function waiting(takes) {
  const last = takes[takes.length - 1].row;
  const values = { count: takes.length, hour: hour(last.startedAt), file: last.filename, length: clock(last.seconds) };
  if (takes.length > 1) return fill(said.TAKES_WAIT, values);
  if (last.kind === "file") return fill(last.whole ? said.FILE_WAITS : said.HALF_A_FILE_WAITS, values);
  return fill(said.TAKE_WAITS, values);
}

/** Under the two buttons of the review: what Keep does to the other takes. */
export function choice(others) {
  if (others === 0) return STAYS;
  return others === 1 ? said.LETS_ANOTHER_GO : fill(said.LETS_OTHERS_GO, { count: others });
}

/** The note on other pages of the app, for one take that is not all up or waits for a choice. */
export function elsewhere(row) {
  const whose = row.name ? fill(said.FOR, { name: row.name }) : said.FROM_HERE;
  const values = { whose, hour: hour(row.startedAt), file: row.filename };
  if (row.whole) return fill(said.WAITS_ELSEWHERE, values);
  if (row.kind === "file") return fill(said.FILE_ELSEWHERE, values);
  return fill(navigator.onLine ? said.GOES_UP_ELSEWHERE : said.OFFLINE_ELSEWHERE, values);
}
