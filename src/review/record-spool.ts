import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const CHUNK_BYTES = 1024 * 1024;

/**
 * Records in a private temporary file, each found at once by its ordinal: an input may be compressed, and can be read from its
 * beginning only. Memory: 8 bytes a record.
 */
export class RecordSpool {
  readonly #directory = mkdtempSync(join(tmpdir(), 'gleaner-review-'));
  readonly #fd = openSync(join(this.#directory, 'records'), 'wx+', 0o600);
  #offsets = new Float64Array(1024);
  #count = 0;
  #size = 0;
  #pending: Buffer[] = [];
  #pendingBytes = 0;

  /** Takes the next record; its ordinal is the count of those before. */
  add(text: string): number {
    const bytes = Buffer.from(text);
    if (this.#count + 1 >= this.#offsets.length) {
      const grown = new Float64Array(this.#offsets.length * 2);
      grown.set(this.#offsets);
      this.#offsets = grown;
    }
    this.#pending.push(bytes);
    this.#pendingBytes += bytes.length;
    this.#size += bytes.length;
    this.#count += 1;
    this.#offsets[this.#count] = this.#size;
    if (this.#pendingBytes >= CHUNK_BYTES) this.flush();
    return this.#count - 1;
  }

  /** To be called once all records are in. */
  flush(): void {
    const bytes = Buffer.concat(this.#pending);
    for (let written = 0; written < bytes.length;) written += writeSync(this.#fd, bytes, written);
    this.#pending = [];
    this.#pendingBytes = 0;
  }

  read(ordinal: number): string {
    const from = this.#offsets[ordinal] ?? 0;
    const buffer = Buffer.allocUnsafe((this.#offsets[ordinal + 1] ?? from) - from);
    for (let filled = 0; filled < buffer.length;) {
      const read = readSync(this.#fd, buffer, filled, buffer.length - filled, from + filled);
      if (read === 0) throw new Error('The temporary file of records was cut short');
      filled += read;
    }
    return buffer.toString('utf8');
  }

  close(): void {
    closeSync(this.#fd);
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
