// The takes of this device: begins them, finds those from before, carries each of them by one tab at a time
// (a lock that the browser releases when a tab dies), and notes what she decides.

import { PickedTake, RecordedTake, fingerprint, newRow } from "./take.js";
import { Uploader } from "./uploader.js";

const LOCK = "vidmsg-take-";

/** Runs `work` alone among all tabs. Plain http has no locks; there the server's offsets keep order. */
function alone(id, work) {
  return navigator.locks ? navigator.locks.request(LOCK + id, work) : work();
}

export class Takes {
  /** `changed(take)` is told of everything that happens to a take. */
  constructor(store, session, changed) {
    this.store = store;
    this.session = session;
    this.changed = changed;
    this.uploaders = new Map();
    this.live = new Map();
    this.signedOut = new Set();
    addEventListener("focus", () => this.trySignedOut());
  }

  watch(take) {
    this.live.set(take.id, take);
    take.addEventListener("change", () => this.changed(take));
    return take;
  }

  async record(place, mime) {
    const extension = mime.includes("mp4") ? "mp4" : mime.includes("matroska") ? "mkv" : "webm";
    const row = newRow(place, this.session.user, { kind: "take", mime, filename: `take.${extension}` });
    return this.begin(new RecordedTake(row, this.store));
  }

  /** A picked file; one that was broken off before goes on where it was. */
  async pick(place, file) {
    const print = fingerprint(file);
    const rows = await this.store.list();
    const here = (row) => row.person === place.person && (row.occurrence ?? null) === place.occurrence;
    const same = (row) => row.print === print && here(row) && row.user === this.session.user;
    const known = rows.find((row) => same(row) && row.decision !== "discard");
    if (known && this.uploaders.has(known.id)) return this.live.get(known.id);
    if (known) known.urls = place.urls;
    const row = known ?? newRow(place, this.session.user, {
      kind: "file", mime: file.type || "video/mp4", filename: file.name, print, bytes: file.size, ended: "stopped",
    });
    return this.begin(new PickedTake(row, this.store, file));
  }

  /** The row is written under the lock, so no other tab can take the beginning for a broken one. */
  begin(take) {
    this.watch(take);
    return new Promise((resolve) => {
      this.carry(take, async () => {
        await this.store.put(take.row);
        resolve(take);
      });
    });
  }

  /** Sends what is missing. Ends when nothing is left to do for now; safe to call again. */
  carry(take, first = async () => {}) {
    if (this.uploaders.has(take.id)) return;
    this.uploaders.set(take.id, null);
    alone(take.id, async () => {
      await first();
      await this.run(take);
    });
  }

  async run(take) {
    const uploader = new Uploader(take, this.session);
    this.uploaders.set(take.id, uploader);
    const end = await uploader.run();
    this.uploaders.delete(take.id);
    take.gone = end === "removed";
    this.changed(take);
    if (end !== "signed-out") return;
    this.signedOut.add(take);
    // Perhaps only the token is old: once at once, then whenever she comes back to this tab.
    if (!take.asked) this.trySignedOut();
    take.asked = true;
  }

  async trySignedOut() {
    if (this.signedOut.size === 0 || !(await this.session.refresh())) return;
    for (const take of this.signedOut) this.carry(take);
    this.signedOut.clear();
  }

  /** Takes from before go on by themselves; `found(take)` is told of each as soon as no other tab holds it. */
  async recover(found) {
    const rows = (await this.store.list()).sort((one, other) => one.startedAt - other.startedAt);
    for (const row of rows) this.adopt(row.id, found);
  }

  adopt(id, found) {
    this.uploaders.set(id, null);
    alone(id, async () => {
      const row = await this.store.get(id);
      if (!row) return this.uploaders.delete(id);
      row.urls = this.session.doors(row);
      await this.close(row);
      const file = row.kind === "file";
      const take = this.watch(file ? new PickedTake(row, this.store, null) : new RecordedTake(row, this.store));
      found(take);
      // The file itself is not here, only what we know about it.
      if (file && !row.whole && row.decision !== "discard") return this.uploaders.delete(id);
      return this.run(take);
    });
  }

  /** A take whose tab died while it recorded ends where its last slice ends. */
  async close(row) {
    if (row.ended !== null) return;
    row.ended = "closed";
    // Nothing was recorded yet: nothing to offer either.
    if (row.bytes === 0) row.decision = "discard";
    await this.store.update(row.id, { ended: row.ended, decision: row.decision });
  }

  async keep(take) {
    await take.save({ decision: "keep" });
    this.go(take);
  }

  async discard(take) {
    await take.save({ decision: "discard" });
    this.go(take);
  }

  /** At once: also a waiting uploader looks again. */
  go(take) {
    this.uploaders.get(take.id)?.hurry();
    this.carry(take);
  }
}
