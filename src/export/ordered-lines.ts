import { parseJsonObject } from '../json/parse-json.ts';
import { fstatSync, openSync, readSync } from 'node:fs';
import type { JsonObject } from '../json/value.ts';
import { GleanerError } from '../gleaner-error.ts';
import { describeSystemError } from '../files/system-error.ts';
import { scanLines } from '../files/line-scanner.ts';
import { closeRead } from '../files/close-read.ts';

/** How our own lines begin: found without parsing them. */
const LINE_HEAD = /^\{"id":(?:"(?:[^"\\]|\\.)*"|null),"index":(\d+)[,}]/;
const HEAD_BYTES = 256;
const WINDOW_BYTES = 1024 * 1024;
/** Records end nearly in the order of the input, so a line often stands a little before the one that was read last: this part of a window. */
const LOOK_BACK = 1 / 16;
/** Lines that stand elsewhere, as those of rejects that were tried again do, are read alone unless so many follow each other. */
const MOST_READ_ALONE = 8;

/**
 * The lines of results.jsonl or rejects.jsonl in input order. The files are in the order in which records ended; what is kept of
 * a line is its record's index and where it stands (24 bytes), and the lines are read again one by one.
 */
export class OrderedLines implements Iterable<string> {
  readonly #path: string;
  readonly #fd: number;
  readonly #positions: Positions;
  readonly #order: Uint32Array;
  #buffer = Buffer.allocUnsafe(4096);
  /** A part of the file, which begins at `#windowStart`. */
  #window = Buffer.alloc(0);
  #windowStart = 0;
  readonly #windowBytes: number;
  #readAlone = 0;

  /**
   * `size`: how many bytes of the file count; by default all. `windowBytes`: how much of it is held; by default a megabyte.
   *
   * @throws {GleanerError} when the file cannot be read, or a line of it is not one of ours
   */
  constructor(path: string, options: { size?: number | undefined; windowBytes?: number } = {}) {
    this.#path = path;
    this.#windowBytes = options.windowBytes ?? WINDOW_BYTES;
    try {
      this.#fd = openSync(path, 'r');
    } catch (error) {
      throw unreadable(path, describeSystemError(error), error);
    }
    try {
      // What a run adds from now on is not part of this reading.
      this.#positions = readPositions(this.#fd, options.size ?? fstatSync(this.#fd).size, path);
      this.#order = this.#positions.inOrder();
    } catch (error) {
      closeRead(this.#fd);
      throw error instanceof GleanerError ? error : unreadable(path, describeSystemError(error), error);
    }
  }

  get count(): number {
    return this.#order.length;
  }

  *[Symbol.iterator](): Generator<string> {
    for (let place = 0; place < this.#order.length; place += 1) yield this.lineAt(place);
  }

  /** The index of the record whose line is in a place of the order. */
  indexAt(place: number): number {
    return this.#positions.indexOf(this.#order[place] ?? 0);
  }

  /** The line in a place of the order, from 0. */
  lineAt(place: number): string {
    const { offset, length } = this.#positions.of(this.#order[place] ?? 0);
    const start = offset - this.#windowStart;
    if (start >= 0 && start + length <= this.#window.length) {
      this.#readAlone = 0;
      return this.#window.toString('utf8', start, start + length);
    }
    const isNext = start >= 0 && start < this.#window.length + this.#windowBytes;
    if (length < this.#windowBytes * (1 - LOOK_BACK) && (isNext || this.#readAlone >= MOST_READ_ALONE)) {
      this.#moveWindow(offset);
      return this.lineAt(place);
    }
    this.#readAlone += 1;
    if (length > this.#buffer.length) this.#buffer = Buffer.allocUnsafe(length * 2);
    if (this.#read(this.#buffer, length, offset) < length) throw unreadable(this.#path, 'it was cut short meanwhile');
    return this.#buffer.toString('utf8', 0, length);
  }

  #moveWindow(offset: number): void {
    const buffer =
      this.#window.length === 0 ? Buffer.allocUnsafeSlow(this.#windowBytes) : Buffer.from(this.#window.buffer);
    this.#windowStart = Math.max(0, offset - Math.floor(this.#windowBytes * LOOK_BACK));
    this.#window = buffer.subarray(0, this.#read(buffer, buffer.length, this.#windowStart));
    this.#readAlone = 0;
    if (offset >= this.#windowStart + this.#window.length) throw unreadable(this.#path, 'it was cut short meanwhile');
  }

  /** Fills the buffer from an offset of the file on, as far as that goes. */
  #read(buffer: Buffer, length: number, offset: number): number {
    let filled = 0;
    while (filled < length) {
      const read = readSync(this.#fd, buffer, filled, length - filled, offset + filled);
      if (read === 0) break;
      filled += read;
    }
    return filled;
  }

  /** @throws {GleanerError} when the line is no JSON object */
  entryAt(place: number): JsonObject {
    return parseLine(this.lineAt(place), this.#path);
  }

  /** @throws {GleanerError} when a line is no JSON object */
  *entries(): Generator<JsonObject> {
    for (const line of this) yield parseLine(line, this.#path);
  }

  close(): void {
    closeRead(this.#fd);
  }
}

/** Columns of numbers instead of an object a line: a million lines take 24 MB. */
class Positions {
  #size = 0;
  #indexes = new Float64Array(1024);
  #offsets = new Float64Array(1024);
  #lengths = new Uint32Array(1024);

  add(index: number, offset: number, length: number): void {
    if (this.#size === this.#indexes.length) {
      this.#indexes = doubled(this.#indexes);
      this.#offsets = doubled(this.#offsets);
      this.#lengths = doubled(this.#lengths);
    }
    this.#indexes[this.#size] = index;
    this.#offsets[this.#size] = offset;
    this.#lengths[this.#size] = length;
    this.#size += 1;
  }

  of(at: number): { offset: number; length: number } {
    return { offset: this.#offsets[at] ?? 0, length: this.#lengths[at] ?? 0 };
  }

  indexOf(at: number): number {
    return this.#indexes[at] ?? 0;
  }

  /** Ordinals of the lines by index; lines of one index stay as they stand in the file. */
  inOrder(): Uint32Array {
    const indexes = this.#indexes.subarray(0, this.#size);
    const order = new Uint32Array(this.#size);
    const largest = indexes.reduce((most, index) => Math.max(most, index), 0);
    if (largest < 4 * this.#size + 1024) return countInto(order, indexes, largest);
    for (let at = 0; at < order.length; at += 1) order[at] = at;
    return order.sort((left, right) => (indexes[left] ?? 0) - (indexes[right] ?? 0) || left - right);
  }
}

/** Counting sort: the indexes of a run are dense, and a comparison for each pair would take longer than reading the file. */
function countInto(order: Uint32Array, indexes: Float64Array, largest: number): Uint32Array {
  const starts = new Uint32Array(largest + 2);
  for (const index of indexes) starts[index + 1] = (starts[index + 1] ?? 0) + 1;
  for (let index = 1; index < starts.length; index += 1)
    starts[index] = (starts[index] ?? 0) + (starts[index - 1] ?? 0);
  for (let at = 0; at < indexes.length; at += 1) {
    const index = indexes[at] ?? 0;
    const place = starts[index] ?? 0;
    order[place] = at;
    starts[index] = place + 1;
  }
  return order;
}

function doubled<Numbers extends Float64Array | Uint32Array>(numbers: Numbers): Numbers {
  const grown = new (numbers.constructor as new (length: number) => Numbers)(numbers.length * 2);
  grown.set(numbers);
  return grown;
}

function readPositions(fd: number, size: number, path: string): Positions {
  const positions = new Positions();
  for (const { offset, bytes } of scanLines(fd, size)) {
    const head = LINE_HEAD.exec(bytes.toString('latin1', 0, HEAD_BYTES));
    const index = head === null ? parseLine(bytes.toString('utf8'), path)['index'] : Number(head[1]);
    if (typeof index !== 'number') throw unreadable(path, `the line at byte ${offset} has no index`);
    positions.add(index, offset, bytes.length);
  }
  return positions;
}

function parseLine(line: string, path: string): JsonObject {
  const value = parseJsonObject(line);
  if (value !== undefined) return value;
  throw unreadable(path, 'one of its lines is no JSON object; restore the file');
}

function unreadable(path: string, reason: string, cause?: unknown): GleanerError {
  return new GleanerError('run-unreadable', `Cannot read ${path}: ${reason}`, { cause });
}
