// How bright the picture is, from a tiny copy of it; the same tiny copy, blurred by the style sheet, is the
// room around the portrait frame on a wide screen.

import * as words from "./words.js";

const INTERVAL_MS = 700;
const DARK = 62;
const BRIGHT = 212;

export class Light {
  constructor(canvas, word) {
    this.canvas = canvas;
    this.word = word;
    this.brush = canvas.getContext("2d", { willReadFrequently: true });
  }

  look(video) {
    this.close();
    this.timer = setInterval(() => this.tick(video), INTERVAL_MS);
  }

  close() {
    clearInterval(this.timer);
  }

  tick(video) {
    if (video.readyState < 2 || document.hidden) return;
    const { width, height } = this.canvas;
    this.brush.drawImage(video, 0, 0, width, height);
    const { data } = this.brush.getImageData(0, 0, width, height);
    let sum = 0;
    for (let at = 0; at < data.length; at += 4) sum += 0.2126 * data[at] + 0.7152 * data[at + 1] + 0.0722 * data[at + 2];
    const word = this.wordFor(sum / (data.length / 4));
    if (this.word.textContent !== word) this.word.textContent = word;
  }

  wordFor(brightness) {
    if (brightness < DARK) return words.DARK;
    return brightness > BRIGHT ? words.BRIGHT : words.LOVELY;
  }
}
