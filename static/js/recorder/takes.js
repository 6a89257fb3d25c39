// The takes of this device: begins them, finds those from before, carries each of them by one tab at a time
// (a lock that the browser releases when a tab dies), and notes what she decides.

import { PickedTake, RecordedTake, fingerprint, newRow } from "./take.js";
import { Uploader } from "./uploader.js";

const LOCK = "vidmsg-take-";

/** Runs `work` alone among all tabs. Plain http has no locks; there the server's offsets keep order. */
function alone(id, work, options = {}) {
  return navigator.locks ? navigator.locks.request(LOCK + id, options, work) : work(true);
}

export class Takes {
  /** `changed(take)` is told of everything that happens to a take. */
  constructor(store, session, changed) {
    this.store = store;
    this.session = session;
    this.changed = changed;
    this.uploaders = new Map();
    this.signedOut = new Set();
    addEventListener("focus", () => this.trySignedOut());
  }

  watch(take) {
    take.addEventListener("change", () => this.changed(take));
    return take;
  }

  async record(place, mime) {
    const extension = mime.includes("mp4") ? "mp4" : mime.includes("matroska") ? "mkv" : "webm";
    const row = newRow(place, this.session.user, { kind: "take", mime, filename: `take.${extension}` });
    await this.store.put(row);
    return this.begin(new RecordedTake(row, this.store));
  }

  /** A picked file; one that was broken off before goes on where it was. */
  async pick(place, file) {
    const print = fingerprint(file);
    const rows = await this.store.list();
    const known = rows.find((row) => row.print === print && row.person === place.person && row.user === this.session.user);
    const row = known ?? newRow(place, this.session.user, {
      kind: "file", mime: file.type || "video/mp4", filename: file.name, print, bytes: file.size, ended: "stopped",
    });
    if (!known) await this.store.put(row);
    return this.begin(new PickedTake(row, this.store, file));
  }

  begin(take) {
    this.watch(take);
    this.carry(take);
    return take;
  }

  /** Sends what is missing. Ends when nothing is left to do for now; safe to call again. */
  carry(take) {
    if (this.uploaders.has(take.id)) return;
    this.uploaders.set(take.id, null);
    alone(take.id, () => this.run(take));
  }

  async run(take) {
    const uploader = new Uploader(take, this.session);
    this.uploaders.set(take.id, uploader);
    const end = await uploader.run();
    this.uploaders.delete(take.id);
    if (end === "signed-out") this.signedOut.add(take);
    take.gone = end === "removed";
    this.changed(take);
  }

  async trySignedOut() {
    if (this.signedOut.size === 0 || !(await this.session.refresh())) return;
    for (const take of this.signedOut) this.carry(take);
    this.signedOut.clear();
  }

  /** Takes from before, oldest first, that no other tab is busy with; they go on by themselves. */
  async recover() {
    const found = [];
    const rows = (await this.store.list()).sort((one, other) => one.startedAt - other.startedAt);
    for (const row of rows) {
      const take = await this.claim(row);
      if (take) found.push(take);
    }
    return found;
  }

  async claim(row) {
    const free = await alone(row.id, async (lock) => {
      if (!lock) return false;
      await this.close(row);
      return true;
    }, { ifAvailable: true });
    if (!free) return null;
    const take = row.kind === "file" ? new PickedTake(row, this.store, null) : new RecordedTake(row, this.store);
    if (row.bytes === 0 && !row.location) {
      await this.store.remove(row.id);
      return null;
    }
    this.watch(take);
    if (row.kind === "take" || row.decision || row.whole) this.carry(take);
    return take;
  }

  /** A take whose tab died while it recorded ends where its last slice ends. */
  async close(row) {
    if (row.ended !== null) return;
    row.ended = "broken";
    await this.store.update(row.id, { ended: "broken" });
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
