// One take: its row, its bytes and how far it has come. It tells "change" to whoever draws it. A recorded
// take lives in the store; a picked file stays where it is and is only read.

import * as words from "./words.js";

/** A fresh row. `place` is what the page knows: person, her day or null, names and the addresses to talk to. */
export function newRow(place, user, more) {
  return {
    id: newId(), user, person: place.person, occurrence: place.occurrence, name: place.name, urls: place.urls,
    startedAt: Date.now(), bytes: 0, seconds: 0, sent: 0,
    ended: null, whole: false, silent: false, gap: false, decision: null, settled: false,
    remote: newId(), location: null, upload: null, video: null, ...more,
  };
}

/** 128 random bits; crypto.randomUUID exists only over https. */
function newId() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

class Take extends EventTarget {
  constructor(row, store) {
    super();
    this.row = row;
    this.store = store;
    this.news = { state: "idle", message: "" };
    this.next = null;
    this.objection = "";
    this.gone = false;
    this.how = row.ended;
    this.silent = row.silent;
  }

  get id() { return this.row.id; }
  get whole() { return this.row.whole; }

  /** Remembers `changes`, on the disk first. */
  async save(changes) {
    Object.assign(this.row, changes);
    await this.store.update(this.id, changes);
    this.changed();
  }

  /** How the upload is doing: idle, sending, offline, waiting, signed-out, stuck. */
  tell(state, message = "") {
    if (this.news.state === state && this.news.message === message) return;
    this.news = { state, message };
    this.changed();
  }

  changed() {
    this.dispatchEvent(new Event("change"));
  }
}

export class RecordedTake extends Take {
  constructor(row, store) {
    super(row, store);
    this.chain = Promise.resolve();
    this.parts = [];
    this.seconds = row.seconds;
    this.marks = [{ bytes: row.bytes, seconds: row.seconds }];
  }

  get size() { return this.row.bytes; }
  get ended() { return this.row.ended !== null; }
  get declared() { return null; }
  get onDisk() { return this.store.holds(this.id); }

  /** The seconds of which the server has said that it holds them. */
  get savedSeconds() {
    const { sent, bytes, seconds } = this.row;
    if (sent >= bytes) return seconds;
    const mark = this.marks.findLast((one) => one.bytes <= sent);
    if (mark) return mark.seconds;
    return bytes ? (seconds * sent) / bytes : 0;
  }

  /** Takes one slice from the recorder. The order is fixed here; the writing goes on behind. */
  append(blob, seconds) {
    this.parts.push(blob);
    this.seconds = seconds;
    this.chain = this.chain.then(async () => {
      const bytes = await this.readSlice(blob);
      if (!bytes) return;
      await this.store.append(this.row, bytes, seconds);
      this.row.bytes += bytes.byteLength;
      this.row.seconds = seconds;
      this.marks.push({ bytes: this.row.bytes, seconds });
      this.changed();
    });
  }

  /** The bytes of a slice. One that can't be read the second time either is left out and told; what follows goes on. */
  async readSlice(blob) {
    for (let time = 0; time < 2; time++) {
      try {
        return await blob.arrayBuffer();
      } catch {
        // A full disk or a short memory may pass; at the second time it has not.
      }
    }
    this.parts = this.parts.filter((part) => part !== blob);
    await this.save({ gap: true });
    return null;
  }

  /** Nothing comes after this; `how` is one of words.ENDED. */
  async end(how, silent) {
    this.how = how;
    this.silent = silent;
    await this.chain;
    await this.save({ ended: how, silent });
  }

  read(offset, atMost) {
    return this.store.read(this.id, offset, atMost);
  }

  /** The take as this page or this device has it, or null when it lives on the server alone by now. */
  async look() {
    const parts = this.parts.length ? this.parts : await this.store.all(this.id);
    return parts.length ? new Blob(parts, { type: this.row.mime }) : null;
  }
}

export class PickedTake extends Take {
  constructor(row, store, file) {
    super(row, store);
    this.file = file;
    this.seconds = 0;
  }

  get size() { return this.file ? this.file.size : this.row.bytes; }
  get ended() { return true; }
  get declared() { return this.file.size; }
  get onDisk() { return false; }
  get savedSeconds() { return 0; }

  async read(offset, atMost) {
    try {
      return new Uint8Array(await this.file.slice(offset, offset + atMost).arrayBuffer());
    } catch {
      throw new Error(words.FILE_CHANGED);
    }
  }

  async look() {
    return this.file ?? null;
  }
}

/** The same file picked again is known by this. */
export const fingerprint = (file) => `${file.name}|${file.size}|${file.lastModified}`;
