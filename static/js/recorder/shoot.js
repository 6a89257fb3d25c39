// The take itself: countdown, recording, pause, the closing ring, the warning before the end.

import { Capture } from "./capture.js";
import { countDown, countdownOn } from "./countdown.js";
import { chooseType } from "./mime.js";
import { arc, draw, parts, say, show, state, write } from "./view.js";
import { maySleep, stayAwake } from "./wake.js";
import * as words from "./words.js";

const DRAW_MS = 200;
const LISTEN_SECONDS = 5;

export class Shoot {
  /** `ended(take, how)` is called the moment a take is over; its last slice may still be on its way to the disk. */
  constructor(config, stage, takes, ended) {
    Object.assign(this, { config, stage, takes, ended });
    this.capture = null;
    this.take = null;
    this.calledOff = null;
  }

  /** Counts down if she wants that, then records. False when it was called off. */
  async start() {
    this.stage.meter.wake();
    if (countdownOn() && !(await this.count())) return false;
    this.take = await this.takes.record(this.config.place, chooseType());
    await navigator.storage?.persist?.().catch(() => false);
    this.stage.meter.forget();
    const { take } = this;
    this.capture = new Capture(this.stage.stream, chooseType(), {
      maxSeconds: this.config.maxSeconds,
      onSlice: (blob, seconds) => take.append(blob, seconds),
      onEnd: (how) => this.over(how),
    });
    this.capture.start();
    this.timer = setInterval(() => this.draw(), DRAW_MS);
    stayAwake();
    show("recording");
    parts.shoot.classList.add("on");
    this.draw();
    return true;
  }

  async count() {
    this.calledOff = new AbortController();
    const { signal } = this.calledOff;
    document.addEventListener("visibilitychange", () => this.callOff(), { signal });
    show("countdown");
    say(words.COUNTDOWN);
    const went = await countDown(parts.number, parts.countArc, signal);
    this.calledOff.abort();
    return went;
  }

  callOff() {
    this.calledOff?.abort();
  }

  stop() {
    this.capture?.stop();
  }

  pauseOrResume() {
    if (this.capture?.paused) this.capture.resume();
    else this.capture?.pause();
    this.draw();
  }

  over(how) {
    clearInterval(this.timer);
    maySleep();
    parts.shoot.classList.remove("on");
    arc(parts.ring, 0);
    const { take } = this;
    this.capture = null;
    this.take = null;
    take.end(how, this.stage.meter.silent);
    this.ended(take, how);
  }

  draw() {
    if (!this.capture || state() !== "recording") return;
    const { seconds, paused } = this.capture;
    arc(parts.ring, seconds / this.config.suggestedSeconds);
    write(parts.livepill, this.pill(seconds, paused));
    parts.livepill.classList.toggle("paused", paused);
    write(parts.pauseWord, paused ? words.GO_ON : words.PAUSE);
    draw(parts.pauseIcon, paused ? "record" : "pause");
    say(this.sentence(seconds, paused));
  }

  pill(seconds, paused) {
    const left = this.config.maxSeconds - seconds;
    if (paused) return words.paused(this.take.savedSeconds);
    return left <= this.config.warnSeconds ? words.stopsIn(left) : words.recording(this.take.savedSeconds);
  }

  /** The most urgent thing there is to say; it changes seldom, because it is read out. */
  sentence(seconds, paused) {
    const { maxSeconds, warnSeconds, suggestedSeconds } = this.config;
    const { news, onDisk, row } = this.take;
    if (maxSeconds - seconds <= warnSeconds) return words.almostFull(warnSeconds);
    if (news.message) return news.message;
    if (row.gap) return words.GAP;
    if (!onDisk) return words.MEMORY;
    if (paused) return words.PAUSED;
    if (seconds > LISTEN_SECONDS && this.stage.meter.silent) return words.SILENT_NOW;
    return seconds > suggestedSeconds ? words.ringClosed(suggestedSeconds) : words.ringCloses(suggestedSeconds);
  }
}
