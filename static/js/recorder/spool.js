// The take's safe place on this device: IndexedDB. A slice and the row that counts it are written in one
// transaction and flushed to the disk, so after a crash the row never promises bytes that are not there.
// It knows nothing about the network; whoever calls it decides when something may be deleted.

const NAME = "vidmsg-takes";

const result = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

const finished = (transaction) =>
  new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onerror = () => reject(transaction.error);
    transaction.onabort = () => reject(transaction.error ?? new Error("The write was broken off."));
  });

const everything = (take) => IDBKeyRange.bound([take, 0], [take, Infinity]);

/** Opens the database, or rejects where the browser has none (private windows, blocked storage). */
export async function openSpool() {
  const request = indexedDB.open(NAME, 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore("takes", { keyPath: "id" });
    request.result.createObjectStore("slices", { keyPath: ["take", "offset"] });
  };
  const database = await result(request);
  database.onversionchange = () => database.close();
  return new Spool(database);
}

class Spool {
  constructor(database) {
    this.database = database;
  }

  begin(mode, ...stores) {
    return this.database.transaction(stores, mode, { durability: mode === "readonly" ? "default" : "strict" });
  }

  async put(row) {
    const transaction = this.begin("readwrite", "takes");
    transaction.objectStore("takes").put(row);
    await finished(transaction);
  }

  async get(id) {
    return result(this.begin("readonly", "takes").objectStore("takes").get(id));
  }

  async list() {
    return result(this.begin("readonly", "takes").objectStore("takes").getAll());
  }

  /** Merges `changes` into the row; a row that another tab has removed stays removed. */
  async update(id, changes) {
    const transaction = this.begin("readwrite", "takes");
    const done = finished(transaction);
    const takes = transaction.objectStore("takes");
    const row = await result(takes.get(id));
    if (row) takes.put({ ...row, ...changes });
    await done;
  }

  /** Adds one slice at `offset`; `seconds` is the take's length with it. */
  async append(id, offset, bytes, seconds) {
    const transaction = this.begin("readwrite", "takes", "slices");
    const done = finished(transaction);
    const takes = transaction.objectStore("takes");
    const row = await result(takes.get(id));
    if (!row || row.bytes !== offset) {
      transaction.abort();
      await done.catch(() => {});
      throw new Error("The take's row is not where it should be.");
    }
    transaction.objectStore("slices").put({ take: id, offset, bytes });
    takes.put({ ...row, bytes: offset + bytes.byteLength, seconds });
    await done;
  }

  /** Up to about `atMost` bytes from `offset` on, in one piece; empty when there are none. */
  async read(id, offset, atMost) {
    const slices = this.begin("readonly", "slices").objectStore("slices");
    const parts = [];
    let found = 0;
    const from = await this.startOf(slices, id, offset);
    await new Promise((resolve, reject) => {
      const walk = slices.openCursor(IDBKeyRange.bound([id, from], [id, Infinity]));
      walk.onerror = () => reject(walk.error);
      walk.onsuccess = () => {
        const cursor = walk.result;
        if (!cursor || (found > 0 && found + cursor.value.bytes.byteLength > atMost)) return resolve();
        const skip = Math.max(0, offset - cursor.value.offset);
        const part = new Uint8Array(cursor.value.bytes).subarray(skip);
        parts.push(part);
        found += part.length;
        return found >= atMost ? resolve() : cursor.continue();
      };
    });
    return join(parts, found);
  }

  /** The offset of the slice that holds `offset`: the server may have stopped in the middle of one. */
  async startOf(slices, id, offset) {
    const before = await result(slices.openKeyCursor(IDBKeyRange.bound([id, 0], [id, offset]), "prev"));
    return before ? before.primaryKey[1] : offset;
  }

  /** All bytes of the take, slice by slice, for looking at it. */
  async all(id) {
    const slices = await result(this.begin("readonly", "slices").objectStore("slices").getAll(everything(id)));
    return slices.map((slice) => slice.bytes);
  }

  async dropSlices(id) {
    const transaction = this.begin("readwrite", "slices");
    transaction.objectStore("slices").delete(everything(id));
    await finished(transaction);
  }

  async remove(id) {
    const transaction = this.begin("readwrite", "takes", "slices");
    transaction.objectStore("slices").delete(everything(id));
    transaction.objectStore("takes").delete(id);
    await finished(transaction);
  }
}

function join(parts, length) {
  if (parts.length === 1) return parts[0];
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
