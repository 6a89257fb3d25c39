// How loud it is, now and over a whole take. Drawn as twelve small bars with a word beside them.

import * as words from "./words.js";

const BARS = 12;
const QUIETEST_DB = -54;
const LOUDEST_DB = -6;
/** Below this a person cannot be understood; a take that hardly ever rises above it counts as silent. */
const HEARD_DB = -48;
const HEARD_SHARE = 0.03;
const INTERVAL_MS = 80;

export class Meter {
  /** `bars` are the twelve paths, `word` the element beside them. */
  constructor(bars, word) {
    this.bars = [...bars].slice(0, BARS);
    this.word = word;
    this.loudest = [];
    this.forget();
  }

  /** Listens to the stream's sound; a browser without Web Audio shows no meter and claims nothing. */
  listen(stream) {
    this.close();
    if (!window.AudioContext || stream.getAudioTracks().length === 0) return;
    this.context = new AudioContext();
    this.analyser = this.context.createAnalyser();
    this.analyser.fftSize = 2048;
    this.samples = new Float32Array(this.analyser.fftSize);
    this.context.createMediaStreamSource(stream).connect(this.analyser);
    this.timer = setInterval(() => this.tick(), INTERVAL_MS);
  }

  /** Browsers that start sound asleep wake it on a tap. */
  wake() {
    this.context?.resume().catch(() => {});
  }

  close() {
    clearInterval(this.timer);
    this.context?.close().catch(() => {});
    this.context = null;
  }

  /** Begins to judge a new take. */
  forget() {
    this.ticks = 0;
    this.heard = 0;
  }

  /** True when the take since forget() was almost silent; false also when nobody could listen. */
  get silent() {
    return this.ticks > 10 && this.heard / this.ticks < HEARD_SHARE;
  }

  tick() {
    if (this.context.state !== "running") return;
    this.analyser.getFloatTimeDomainData(this.samples);
    const power = this.samples.reduce((sum, sample) => sum + sample * sample, 0) / this.samples.length;
    const level = 10 * Math.log10(power + 1e-10);
    this.ticks += 1;
    if (level > HEARD_DB) this.heard += 1;
    this.draw(level);
  }

  draw(level) {
    const share = (level - QUIETEST_DB) / (LOUDEST_DB - QUIETEST_DB);
    const lit = Math.round(Math.min(1, Math.max(0, share)) * BARS);
    this.bars.forEach((bar, index) => bar.setAttribute("class", index < lit ? "lit" : "dim"));
    // The word follows the loudest of the last two seconds: people pause between words.
    this.loudest = [...this.loudest.slice(-24), level];
    const word = this.wordFor(Math.max(...this.loudest));
    if (this.word.textContent !== word) this.word.textContent = word;
  }

  wordFor(level) {
    if (level <= HEARD_DB) return words.NO_SOUND;
    if (level < -38) return words.QUIET;
    return level > -4 ? words.LOUD : words.GOOD_SOUND;
  }
}
