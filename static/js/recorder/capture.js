// One run of MediaRecorder, from start to stop. It hands out a slice a second and stops by itself when going
// on could lose something: the page is hidden, the phone turned, a track ends, the time is full.

const SLICE_MS = 1000;
const MUTE_MS = 1500;

export class Capture {
  /** `onSlice(blob, seconds)`, then once `onEnd(how)` with one of words.ENDED. */
  constructor(stream, type, { onSlice, onEnd, maxSeconds }) {
    this.stream = stream;
    this.onSlice = onSlice;
    this.onEnd = onEnd;
    this.maxSeconds = maxSeconds;
    this.how = null;
    this.counted = 0;
    this.since = null;
    // Without a key frame a second Chrome's MP4 ignores the timeslice and holds everything back.
    this.recorder = new MediaRecorder(stream, {
      mimeType: type, videoBitsPerSecond: 2_500_000, audioBitsPerSecond: 96_000, videoKeyFrameIntervalDuration: SLICE_MS,
    });
    this.guards = new AbortController();
  }

  /** Recorded seconds so far, pauses left out. */
  get seconds() {
    return (this.counted + (this.since === null ? 0 : performance.now() - this.since)) / 1000;
  }

  get paused() { return this.recorder.state === "paused"; }
  get running() { return this.recorder.state !== "inactive"; }

  start() {
    this.recorder.ondataavailable = ({ data }) => {
      // Empty slices happen, and mean nothing.
      if (data.size > 0) this.onSlice(data, this.seconds);
    };
    this.recorder.onerror = () => this.stop("broken");
    this.recorder.onstop = () => this.finished();
    this.recorder.start(SLICE_MS);
    this.since = performance.now();
    this.watch();
  }

  pause() {
    if (this.recorder.state !== "recording") return;
    this.recorder.pause();
    this.recorder.requestData();
    this.count();
  }

  resume() {
    if (!this.paused) return;
    this.recorder.resume();
    this.since = performance.now();
  }

  stop(how = "stopped") {
    this.how ??= how;
    this.count();
    if (this.running) this.recorder.stop();
  }

  count() {
    this.counted = this.seconds * 1000;
    this.since = null;
  }

  finished() {
    this.count();
    this.guards.abort();
    clearInterval(this.clock);
    // Nobody said stop: the browser did, as it does when every track has ended.
    this.onEnd(this.how ?? "unplugged");
  }

  watch() {
    const { signal } = this.guards;
    const on = (target, event, work) => target?.addEventListener(event, work, { signal });
    on(document, "visibilitychange", () => document.hidden && this.stop("hidden"));
    on(window, "pagehide", () => this.stop("hidden"));
    const turns = screen.orientation ?? window;
    on(turns, screen.orientation ? "change" : "orientationchange", () => this.stop("turned"));
    for (const track of this.stream.getTracks()) {
      on(track, "ended", () => this.stop("unplugged"));
      on(track, "mute", () => setTimeout(() => track.muted && this.stop("unplugged"), MUTE_MS));
    }
    this.clock = setInterval(() => this.seconds >= this.maxSeconds && this.stop("full"), 100);
  }
}
