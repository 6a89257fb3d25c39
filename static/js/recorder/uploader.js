// Carries one take to the server and settles what she decided about it. It may be stopped, killed or cut off
// anywhere: each step asks what is already there and goes on from that. Nothing is deleted here on this
// device before the server has said that it holds the whole.

import * as tus from "./tus.js";
import * as words from "./words.js";

const SLICE_BYTES = 1 << 20;
const FILE_BYTES = 4 << 20;
const LONGEST_WAIT_MS = 30000;

/** Later is better than never: the server is busy, restarting, or another tab sends just now. */
const PASSING = new Set([408, 423, 425, 429, 460]);
const SIGNED_OUT = new Set([401, 403]);
const NO_ROOM = 507;
const GONE = new Set([404, 410]);

export class Uploader {
  constructor(take, session) {
    this.take = take;
    this.session = session;
    this.offset = null;
    this.failures = 0;
    this.conflicts = 0;
    this.idle = false;
    this.renewed = false;
    this.restarted = false;
    this.signedOut = false;
    this.stopped = false;
    this.nudge = () => {};
    this.hurry = () => this.nudge();
  }

  /** Runs to the end; answers "done", "removed", "signed-out", "stuck" or "stopped". */
  async run() {
    const changed = () => { if (this.idle) this.nudge(); };
    this.take.addEventListener("change", changed);
    addEventListener("online", this.hurry);
    try {
      return await this.loop();
    } finally {
      this.take.removeEventListener("change", changed);
      removeEventListener("online", this.hurry);
    }
  }

  stop() {
    this.stopped = true;
    this.nudge();
  }

  async loop() {
    while (!this.stopped) {
      try {
        const end = await this.step();
        if (end) return end;
      } catch (error) {
        const end = await this.after(error);
        if (end) return end;
      }
    }
    return "stopped";
  }

  /** The next thing to do, once. Answers how it ended, or null while there is more. */
  async step() {
    const { take } = this;
    if (take.row.decision === "discard" && !take.row.video) return this.letGo();
    if (!navigator.onLine) return this.offline();
    if (take.row.decision === "discard") return this.letGo();
    if (!take.row.location && !take.whole) await this.create();
    if (take.row.decision === "keep" && !take.row.settled && !this.signedOut) await this.keep();
    if (take.whole) return this.finish();
    if (this.offset === null) return this.ask();
    return this.send();
  }

  async create() {
    const { take, session } = this;
    const { row } = take;
    if (row.user !== session.user) throw new tus.Refused(401, "");
    const values = { kind: row.kind, person: row.person, filetype: row.mime, filename: row.filename, take: row.remote };
    if (row.occurrence) values.occurrence = row.occurrence;
    const made = await tus.create(row.urls.create, { csrf: session.csrf, length: take.declared, values });
    await take.save(made);
  }

  /** Where the server is. A take that it has closed with less than we hold begins anew, whole. */
  async ask() {
    const { take } = this;
    const { offset, length } = await tus.head(take.row.location);
    const closed = length !== null && offset === length;
    if (closed && (!take.ended || length < take.size)) return this.again();
    if (closed) return this.landed(offset);
    this.offset = offset;
    await take.save({ sent: offset });
    return null;
  }

  async send() {
    const { take } = this;
    const ended = take.ended;
    const bytes = await take.read(this.offset, take.row.kind === "file" ? FILE_BYTES : SLICE_BYTES);
    const last = ended && this.offset + bytes.length >= take.size;
    if (bytes.length === 0 && !last) return this.rest(ended);
    take.tell("sending");
    // A take that grew is given its length with its last bytes; the server may hold more than this disk.
    const length = last && take.declared === null ? this.offset + bytes.length : null;
    this.offset = await tus.patch(take.row.location, this.offset, bytes, length);
    // Only now: asking where the server is may work well while each piece is refused.
    this.failures = 0;
    this.conflicts = 0;
    this.renewed = false;
    if (last) return this.landed(this.offset);
    await take.save({ sent: this.offset });
    return null;
  }

  async landed(offset) {
    const { take } = this;
    await take.save({ sent: offset, whole: true });
    await take.store.dropSlices(take.id);
    if (take.row.shorter) await this.dropShorter(take.row.shorter);
    return null;
  }

  /** The closed beginning of this take is not offered beside the whole; if this fails she chooses herself. */
  async dropShorter(video) {
    const url = address(this.take.row.urls.discard, { video });
    await tus.post(url, this.session.csrf).catch(() => {});
  }

  async finish() {
    const { take } = this;
    if (take.row.decision !== "keep") {
      take.tell("idle");
      return "done";
    }
    if (!take.row.settled) return this.askToSignIn();
    await take.store.remove(take.id);
    take.tell("idle");
    return "removed";
  }

  async keep() {
    const { take, session } = this;
    try {
      const answer = await tus.post(address(take.row.urls.keep, take.row), session.csrf);
      take.next = answer.next;
      await take.save({ settled: true });
    } catch (error) {
      if (!(error instanceof tus.Refused) || passing(error)) throw error;
      // Not signed in: the bytes go on all the same, they need no cookie.
      if (outside(error)) this.signedOut = true;
      else {
        take.objection = error.message;
        await take.save({ decision: null });
      }
    }
  }

  async letGo() {
    const { take, session } = this;
    try {
      if (take.row.video) await tus.post(address(take.row.urls.discard, take.row), session.csrf);
    } catch (error) {
      if (error.status === 409) return this.keptElsewhere();
      if (!GONE.has(error.status)) throw error;
    }
    await take.store.remove(take.id);
    return "removed";
  }

  /** Another tab has kept it and a message may need it: then it is kept, and goes up to its end. */
  async keptElsewhere() {
    await this.take.save({ decision: "keep", settled: true });
    return null;
  }

  /** A new upload for the same bytes: the old one is closed or gone, and nothing here may be lost. */
  async again() {
    if (this.restarted) return this.stuck("");
    this.restarted = true;
    if (this.take.onDisk && !(await this.take.store.get(this.take.id))) return "removed";
    this.offset = null;
    const { remote, video } = this.take.row;
    await this.take.save({
      remote: `${remote}.2`, shorter: video, location: null, upload: null, video: null, sent: 0, settled: false,
    });
    return null;
  }

  /** What an error means: go on (null) or how it ended. */
  async after(error) {
    const { take } = this;
    if (error.message === words.FILE_CHANGED) return this.stuck(error.message);
    if (error.status === NO_ROOM) return this.backOff(error.message);
    if (!(error instanceof tus.Refused) || passing(error)) return this.backOff();
    if (error.status === 409 && this.offset !== null) {
      this.offset = null;
      return this.conflicts++ > 2 ? this.backOff() : null;
    }
    if (outside(error)) return this.renew();
    if (GONE.has(error.status) && take.row.location) return this.again();
    return this.stuck(error.told ? error.message : "");
  }

  async renew() {
    const { take, session } = this;
    if (take.row.location && !this.renewed && take.row.user === session.user) {
      this.renewed = true;
      try {
        const { location } = await tus.post(address(take.row.urls.renew, take.row), session.csrf);
        await take.save({ location: new URL(location, document.baseURI).href });
        return null;
      } catch (error) {
        if (!(error instanceof tus.Refused) || passing(error)) return this.backOff();
      }
    }
    return this.askToSignIn();
  }

  askToSignIn() {
    this.take.tell("signed-out", this.take.onDisk ? words.SIGN_IN : words.SIGN_IN_MEMORY);
    return "signed-out";
  }

  stuck(message) {
    this.take.tell("stuck", message);
    return "stuck";
  }

  async offline() {
    this.offset = null;
    this.take.tell("offline", this.take.onDisk ? words.OFFLINE : words.OFFLINE_MEMORY);
    await new Promise((resolve) => { this.nudge = resolve; });
    return null;
  }

  /** Nothing to send yet: until the take has grown or ended (which may have happened while we looked). */
  async rest(ended) {
    if (this.take.ended !== ended || this.take.size > this.offset) return null;
    this.idle = true;
    await new Promise((resolve) => { this.nudge = resolve; });
    this.idle = false;
    return null;
  }

  async backOff(message = "") {
    this.offset = null;
    const longest = Math.min(LONGEST_WAIT_MS, 500 * 2 ** this.failures++);
    if (this.failures > 2) this.take.tell("waiting", message);
    let timer;
    await new Promise((resolve) => {
      this.nudge = resolve;
      timer = setTimeout(resolve, longest * (0.5 + Math.random() / 2));
    });
    clearTimeout(timer);
    return null;
  }
}

const passing = (error) => error.status >= 500 || PASSING.has(error.status);
const outside = (error) => SIGNED_OUT.has(error.status);

/** An address of the row's with its own ids put in. */
function address(template, row) {
  return template.replace("{video}", row.video).replace("{upload}", row.upload);
}
