// The spool that never says no: on the disk while that works, in memory from the first failure on (no
// IndexedDB, no room left). Recording must not stop because a device is full; the page only says so.

import { openSpool } from "./spool.js";

export class Store {
  /** `disk` is a spool, or null where there is none. */
  constructor(disk) {
    this.disk = disk;
    this.rows = new Map();
    this.slices = new Map();
  }

  static async open() {
    try {
      return new Store(await openSpool());
    } catch {
      return new Store(null);
    }
  }

  /** True while every byte of this take so far lies on the disk. */
  holds(id) {
    return this.disk !== null && !this.rows.has(id);
  }

  async put(row) {
    try {
      if (!this.disk) throw new Error("There is no disk here.");
      await this.disk.put(row);
    } catch {
      this.rows.set(row.id, row);
    }
  }

  async get(id) {
    return this.rows.get(id) ?? (await this.disk?.get(id).catch(() => undefined));
  }

  async list() {
    const stored = (await this.disk?.list().catch(() => [])) ?? [];
    return [...stored.filter((row) => !this.rows.has(row.id)), ...this.rows.values()];
  }

  async update(id, changes) {
    if (this.rows.has(id)) this.rows.set(id, { ...this.rows.get(id), ...changes });
    await this.disk?.update(id, changes).catch(() => {});
  }

  /** Adds one slice to `row`; it never rejects, `holds` tells afterwards where the bytes are. */
  async append(row, bytes, seconds) {
    if (this.holds(row.id)) {
      try {
        return await this.disk.append(row.id, row.bytes, bytes, seconds);
      } catch {
        this.rows.set(row.id, { ...row });
      }
    }
    const list = this.slices.get(row.id) ?? [];
    list.push({ offset: row.bytes, bytes });
    this.slices.set(row.id, list);
    return this.rows.set(row.id, { ...row, bytes: row.bytes + bytes.byteLength, seconds });
  }

  async read(id, offset, atMost) {
    const kept = (this.slices.get(id) ?? []).find(
      (slice) => slice.offset <= offset && offset < slice.offset + slice.bytes.byteLength,
    );
    if (kept) return new Uint8Array(kept.bytes).subarray(offset - kept.offset);
    return this.disk ? this.disk.read(id, offset, atMost) : new Uint8Array(0);
  }

  async all(id) {
    const stored = (await this.disk?.all(id).catch(() => [])) ?? [];
    return [...stored, ...(this.slices.get(id) ?? []).map((slice) => slice.bytes)];
  }

  async dropSlices(id) {
    this.slices.delete(id);
    await this.disk?.dropSlices(id).catch(() => {});
  }

  async remove(id) {
    this.rows.delete(id);
    this.slices.delete(id);
    await this.disk?.remove(id).catch(() => {});
  }
}
