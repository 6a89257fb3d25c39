// After the take: look at it at once, compare it with the others, keep one. What the server finds out about
// it meanwhile is told here, before she keeps it.

import { Film } from "./film.js";
import { parts, say, show, state, write } from "./view.js";
import * as words from "./words.js";

const ASK_MS = 1500;
const SETTLED = new Set(["ready", "failed", "refused"]);

export class Review {
  constructor() {
    this.film = new Film();
    this.list = [];
    this.take = null;
    this.facts = new Map();
  }

  get others() {
    return this.list.filter((take) => take !== this.take);
  }

  add(take) {
    if (!this.list.includes(take)) this.list.push(take);
  }

  remove(take) {
    this.list = this.list.filter((one) => one !== take);
  }

  /** Shows `take`: from this device, or from the server when it lives only there by now. */
  async open(take) {
    this.take = take;
    show("review");
    this.drawChoices();
    const source = (await take.look()) ?? (await this.ask(take))?.play_url ?? null;
    if (this.take !== take) return;
    this.film.open(source, take.seconds);
    this.draw();
    this.follow(take);
  }

  close() {
    this.take = null;
    this.film.close();
  }

  /** Asks the server about a take it holds, until there is nothing new to expect. */
  async follow(take) {
    while (this.take === take) {
      if (take.whole && !document.hidden) await this.ask(take);
      const address = this.facts.get(take)?.play_url;
      // Gone from this device, and only now playable on the server.
      if (this.take === take && address && parts.page.dataset.film === "none" && !take.file) this.film.open(address, take.seconds);
      if (SETTLED.has(this.facts.get(take)?.state)) return;
      await new Promise((resolve) => setTimeout(resolve, ASK_MS));
    }
  }

  async ask(take) {
    if (!take.row.video) return null;
    try {
      const answer = await fetch(take.row.urls.state.replace("{video}", take.row.video), { cache: "no-cache" });
      if (!answer.ok) return null;
      const facts = await answer.json();
      this.facts.set(take, facts);
      this.draw();
      return facts;
    } catch {
      return null;
    }
  }

  draw() {
    if (!this.take || state() !== "review") return;
    const refused = this.facts.get(this.take)?.state === "refused";
    parts.keep.disabled = refused || this.take.row.decision !== null;
    parts.page.dataset.kept = this.take.whole;
    write(parts.savedpill, refused ? words.NOT_TAKEN : words.saved(this.take));
    say(this.sentence());
  }

  sentence() {
    const { take } = this;
    const { row, news } = take;
    if (take.objection) return take.objection;
    const problems = (this.facts.get(take)?.problems ?? []).map((problem) => problem.message);
    const told = [words.ENDED[take.how] ?? "", row.gap ? words.GAP : "", take.silent ? words.SILENT : ""].filter(Boolean);
    if (row.decision === "keep") return this.keeping();
    if (news.state === "stuck") return news.message || (take.onDisk ? words.STUCK : words.STUCK_MEMORY);
    if (problems.length) return [row.gap ? words.GAP : "", ...problems].join(" ").trim();
    if (told.length) return told.join(" ");
    if (news.message) return news.message;
    if (parts.page.dataset.film === "none" && row.kind === "file") return words.UNPLAYABLE;
    return words.choice(this.others.length);
  }

  keeping() {
    const { news, onDisk, whole } = this.take;
    if (news.message) return news.message;
    return onDisk || whole ? words.KEEPING : words.KEEPING_WAITS;
  }

  /** One radio a take, as soon as there is something to choose from. */
  drawChoices() {
    parts.choices.hidden = this.list.length < 2;
    const labels = this.list.map((take, index) => {
      const input = Object.assign(document.createElement("input"), { type: "radio", name: "take", checked: take === this.take });
      const word = document.createElement("span");
      word.textContent = take.row.kind === "file" ? take.row.filename : words.takeName(index, take.seconds);
      input.addEventListener("change", () => this.open(take));
      const label = document.createElement("label");
      label.append(input, word);
      return label;
    });
    parts.choices.querySelector("div").replaceChildren(...labels);
  }
}
