import { createHash } from 'node:crypto';
import {
  closeSync,
  createReadStream,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { StoreError } from '../files/store-error.ts';
import { RowRanges } from './row-ranges.ts';

/** Files of shards on this machine: lines on their way out, and outputs on their way in. */
export class Spool {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Lines of a shard that are to be uploaded. */
  input(shard: number): string {
    return join(this.#folder, `${name(shard)}.input.jsonl`);
  }

  /** The output of a shard's job, whole. */
  output(shard: number): string {
    return join(this.#folder, `${name(shard)}.output.jsonl`);
  }

  make(): void {
    try {
      mkdirSync(this.#folder, { recursive: true });
    } catch (error) {
      throw new StoreError('create', this.#folder, error);
    }
  }

  has(path: string, bytes?: number): boolean {
    const stats = statSync(path, { throwIfNoEntry: false });
    return stats?.isFile() === true && (bytes === undefined || stats.size === bytes);
  }

  remove(path: string): void {
    rmSync(path, { force: true });
  }

  /** Removes files that no shard needs, such as those of a process that was killed before it had planned them. */
  keepOnly(paths: ReadonlySet<string>): void {
    let names: string[];
    try {
      names = readdirSync(this.#folder);
    } catch {
      return;
    }
    for (const one of names) if (!paths.has(join(this.#folder, one))) this.remove(join(this.#folder, one));
    if (paths.size === 0) rmSync(this.#folder, { recursive: true, force: true });
  }
}

function name(shard: number): string {
  return String(shard).padStart(4, '0');
}

/** Flushed to the system in pieces of this size. */
const PIECE_BYTES = 1 << 20;

/** Writes the lines of one shard. */
export class SpoolFile {
  readonly path: string;
  readonly #fd: number;
  #rows = new RowRanges();
  /** Bytes up to the end of each of the first lines, in case only those are taken. */
  readonly #ends: number[] = [];
  readonly #marked: number;
  #pending: string[] = [];
  #pendingBytes = 0;
  #bytes = 0;
  #lines = 0;

  /** @param marked after how many lines it may still be cut */
  constructor(path: string, marked: number) {
    this.path = path;
    this.#marked = marked;
    try {
      this.#fd = openSync(path, 'w', 0o600);
    } catch (error) {
      throw new StoreError('create', path, error);
    }
  }

  get rows(): RowRanges {
    return this.#rows;
  }

  get lines(): number {
    return this.#lines;
  }

  get bytes(): number {
    return this.#bytes;
  }

  add(row: number, line: string, length: number): void {
    this.#rows.add(row);
    this.#lines += 1;
    this.#bytes += length;
    if (this.#ends.length < this.#marked) this.#ends.push(this.#bytes);
    this.#pending.push(line);
    this.#pendingBytes += length;
    if (this.#pendingBytes >= PIECE_BYTES) this.#flush();
  }

  /** Leaves the first lines only. */
  cut(lines: number): void {
    this.#flush();
    this.#bytes = this.#ends[lines - 1] ?? this.#bytes;
    this.#lines = Math.min(lines, this.#lines);
    this.#rows = this.#rows.take(lines);
    ftruncateSync(this.#fd, this.#bytes);
  }

  close(): void {
    this.#flush();
    closeSync(this.#fd);
  }

  #flush(): void {
    if (this.#pending.length === 0) return;
    const bytes = Buffer.from(this.#pending.join(''));
    this.#pending = [];
    this.#pendingBytes = 0;
    try {
      for (let written = 0; written < bytes.length;) written += writeSync(this.#fd, bytes, written);
    } catch (error) {
      throw new StoreError('write to', this.path, error);
    }
  }
}

/** SHA-256 of a file, in hexadecimal digits. */
export async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
