// Looking at a take: one <video>, one pill that plays and pauses, sound from the first tap.

import { draw, parts, shape, write } from "./view.js";
import * as words from "./words.js";

const BEYOND_THE_END = 1e9;

export class Film {
  constructor() {
    this.seconds = 0;
    this.address = null;
    const { film } = parts;
    parts.play.addEventListener("click", () => this.toggle());
    parts.mid.addEventListener("click", (event) => {
      if (event.target === parts.mid && parts.page.dataset.state === "review") this.toggle();
    });
    film.addEventListener("loadedmetadata", () => this.measure());
    film.addEventListener("error", () => { parts.page.dataset.film = "none"; });
    for (const event of ["play", "pause", "ended"]) film.addEventListener(event, () => this.label());
  }

  /** `source` is a Blob or an address; `seconds` its length where we know it, else 0. */
  open(source, seconds) {
    this.close();
    this.seconds = seconds;
    this.address = source instanceof Blob ? URL.createObjectURL(source) : null;
    parts.page.dataset.film = source ? "shown" : "none";
    if (source) parts.film.src = this.address ?? source;
    this.label();
  }

  close() {
    parts.film.pause();
    parts.film.removeAttribute("src");
    parts.film.load();
    if (this.address) URL.revokeObjectURL(this.address);
    this.address = null;
  }

  /** Live WebM carries no length: going beyond its end makes the browser find out. */
  measure() {
    const { film } = parts;
    shape(film);
    if (film.duration !== Infinity) return this.known();
    film.addEventListener("seeked", () => {
      film.currentTime = 0;
      this.known();
    }, { once: true });
    film.currentTime = BEYOND_THE_END;
  }

  known() {
    if (!this.seconds && Number.isFinite(parts.film.duration)) this.seconds = parts.film.duration;
    this.label();
  }

  toggle() {
    if (parts.film.paused) parts.film.play().catch(() => {});
    else parts.film.pause();
  }

  label() {
    const playing = !parts.film.paused && !parts.film.ended;
    parts.play.classList.toggle("playing", playing);
    draw(parts.playIcon, playing ? "pause" : "play");
    write(parts.playWord, playing ? "Pause" : words.play(this.seconds));
  }
}
