// The recorder's page: puts the parts together and moves between its states. What is on the way from before
// goes on by itself the moment this page opens.

import { Trouble } from "./camera.js";
import { doors, urls } from "./doors.js";
import { listen } from "./keys.js";
import { Review } from "./review.js";
import { Session } from "./session.js";
import { Shoot } from "./shoot.js";
import { Stage } from "./stage.js";
import { Store } from "./store.js";
import { Takes } from "./takes.js";
import { parts, say, shape, show, state, write } from "./view.js";
import { maySleep, stayAwake } from "./wake.js";
import * as words from "./words.js";

const given = JSON.parse(document.getElementById("recorder-config").textContent);
const config = {
  maxSeconds: given.maxSeconds, warnSeconds: given.warnSeconds, suggestedSeconds: given.suggestedSeconds,
  place: {
    person: given.personId, occurrence: given.occurrenceId, name: parts.page.dataset.name, urls: urls(given),
  },
};

const takes = new Takes(await Store.open(), new Session(given.userId, given.csrf, doors(given)), changed);
const review = new Review();
const stage = new Stage(openStage);
const shoot = new Shoot(config, stage, takes, ended);
let leaving = false;
let starting = false;

/** A take that is hers, for this person, and still waits for her choice. */
const open = (take) =>
  !take.gone && take.row.decision === null && take.row.person === given.personId && take.row.user === String(given.userId);

async function openStage() {
  if (state() === "recording" || state() === "countdown") return;
  show("asking");
  say(words.ASKING);
  try {
    await stage.open();
    if (state() === "asking") ready();
  } catch (error) {
    if (!(error instanceof Trouble)) throw error;
    if (state() !== "asking") return;
    show("trouble");
    say(words.TROUBLE[error.name]);
  }
}

function ready(sentence = words.READY) {
  review.close();
  shape(parts.live);
  if (!stage.alive) return openStage();
  show("ready");
  say(sentence);
  return offer();
}

async function record() {
  if (state() !== "ready" || starting) return;
  starting = true;
  try {
    if (!(await shoot.start())) ready();
    else parts.shoot.focus();
  } catch {
    // The camera went away meanwhile, or the browser promised this type and then would not record it.
    if (shoot.take) takes.discard(shoot.take);
    show("trouble");
    say(words.TROUBLE[stage.alive ? "no-recorder" : "gone"]);
  } finally {
    starting = false;
  }
}

function ended(take, how) {
  if (take.parts.length === 0) {
    takes.discard(take);
    return ready(how === "stopped" ? words.TOO_SHORT : undefined);
  }
  review.add(take);
  review.open(take);
  return parts.play.focus();
}

async function pick(input) {
  const [file] = input.files;
  input.value = "";
  if (!file) return;
  if (file.size === 0) return say(words.FILE_EMPTY);
  const take = await takes.pick(config.place, file);
  review.list = review.list.filter((one) => one.id !== take.id);
  review.add(take);
  review.open(take);
  stayAwake();
}

/** Something happened to a take: draw it, and go on to the text when it is kept and may be left alone. */
function changed(take) {
  if (take.gone) review.remove(take);
  if (take.whole && take.file) maySleep();
  if (take === review.take) review.draw();
  if (state() === "ready") offer();
  if (take.next && take === review.take && (take.onDisk || take.whole)) leave(take);
}

async function leave(take) {
  if (leaving) return;
  leaving = true;
  await Promise.all(review.others.map((other) => takes.discard(other)));
  location.assign(take.next);
}

function found(take) {
  if (!open(take)) return;
  review.add(take);
  offer();
}

/** The note over the shutter about takes from before. */
function offer() {
  const waiting = review.list.filter(open);
  parts.offer.hidden = waiting.length === 0;
  if (waiting.length === 0) return;
  const last = waiting.at(-1);
  write(parts.offerWord, words.waiting(waiting));
  // Half a file that is not here any more cannot be shown.
  const absent = last.row.kind === "file" && !last.whole && !last.file;
  parts.look.hidden = absent;
  parts.forget.hidden = !absent;
}

/** Asks once more before something is let go for good. */
function sure() {
  parts.sure.returnValue = "";
  parts.sure.showModal();
  return new Promise((resolve) => {
    parts.sure.addEventListener("close", () => resolve(parts.sure.returnValue === "yes"), { once: true });
  });
}

async function forget(take) {
  if (!(await sure())) return;
  review.remove(take);
  takes.discard(take);
  const next = review.list.filter(open).at(-1);
  if (state() === "review" && next) await review.open(next);
  else ready(words.LET_GO);
}

function keep() {
  const { take } = review;
  if (!take || take.row.decision) return;
  take.objection = "";
  takes.keep(take);
}

parts.shoot.addEventListener("click", () => (state() === "recording" ? shoot.stop() : record()));
parts.pause.addEventListener("click", () => shoot.pauseOrResume());
parts.notYet.addEventListener("click", () => shoot.callOff());
parts.retry.addEventListener("click", openStage);
parts.another.addEventListener("click", () => ready());
parts.keep.addEventListener("click", keep);
parts.letGo.addEventListener("click", () => forget(review.take));
parts.look.addEventListener("click", () => review.open(review.list.filter(open).at(-1)));
parts.forget.addEventListener("click", () => forget(review.list.filter(open).at(-1)));
parts.files.forEach((input) => input.addEventListener("change", () => pick(input)));

listen({
  r: () => ["ready", "recording"].includes(state()) && (parts.shoot.click(), true),
  " ": () => (state() === "recording" && (shoot.pauseOrResume(), true)) || (state() === "review" && (parts.play.click(), true)),
  Escape: () => (state() === "countdown" && (shoot.callOff(), true)) || (state() === "review" && (ready(), true)),
});

document.addEventListener("visibilitychange", () => {
  if (!document.hidden && state() === "ready" && !stage.alive) openStage();
});

addEventListener("beforeunload", (event) => {
  const undone = state() === "recording" || review.list.some((take) => !take.gone && !take.whole && take.file !== null);
  if (undone && !leaving) event.preventDefault();
});

takes.recover(found);
openStage();
