import { readSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { scanLines } from '../files/line-scanner.ts';
import { isJsonObject, type JsonObject } from '../json/value.ts';
import { BitSet } from '../store/bit-set.ts';
import type { RowRanges } from './row-ranges.ts';

/** Others have their turn each time so many bytes were gone through. */
const TURN_BYTES = 4 * 1024 * 1024;

/** Where the lines of a job's output stand, and which of them has the key of which row. */
export class LineIndex {
  readonly #fd: number;
  readonly #starts: number[] = [];
  readonly #lengths: number[] = [];
  /** The row whose key a line has, whatever else it says; -1 for none of these rows. */
  readonly #rows: number[] = [];
  readonly #byRow = new Map<number, number>();
  readonly #repeats = new BitSet();
  /** Lines are read into it one at a time. */
  #scratch = Buffer.allocUnsafe(16 * 1024);
  repeated = 0;

  private constructor(fd: number) {
    this.#fd = fd;
  }

  /** Goes through a file once. Lines are not parsed for it where their keys stand at their beginning. */
  static async of(fd: number, rows: RowRanges): Promise<LineIndex> {
    const index = new LineIndex(fd);
    let turn = TURN_BYTES;
    for (const { offset, bytes } of scanLines(fd)) {
      if (bytes.length > 0) index.#add(offset, bytes, rows);
      if (offset < turn) continue;
      turn = offset + TURN_BYTES;
      await setImmediate();
    }
    return index;
  }

  get lines(): number {
    return this.#starts.length;
  }

  /** The first whole line that has the key of a row. */
  ofRow(row: number): number | undefined {
    return this.#byRow.get(row);
  }

  /** The row that a line answers by its key, where no line before it does. */
  rowOf(line: number): number | undefined {
    const row = this.#rows[line] ?? -1;
    return this.#byRow.get(row) === line ? row : undefined;
  }

  /** Whether a line has the key of an earlier one. */
  isRepeat(line: number): boolean {
    return this.#repeats.has(line);
  }

  text(line: number): string {
    const length = this.#lengths[line] ?? 0;
    if (length > this.#scratch.length) this.#scratch = Buffer.allocUnsafe(length * 2);
    const read = readSync(this.#fd, this.#scratch, 0, length, this.#starts[line] ?? 0);
    return this.#scratch.toString('utf8', 0, read);
  }

  /** The object of a line; undefined for one that is torn. */
  value(line: number): JsonObject | undefined {
    return parseObject(this.text(line));
  }

  #add(offset: number, bytes: Buffer, rows: RowRanges): void {
    const line = this.#starts.length;
    this.#starts.push(offset);
    this.#lengths.push(bytes.length);
    const row = rowAhead(bytes) ?? rowOf(parseObject(bytes.toString('utf8'))?.['key']);
    const isOurs = row !== undefined && rows.has(row);
    this.#rows.push(isOurs ? row : -1);
    if (!isOurs) return;
    const known = this.#byRow.get(row);
    // A torn line says nothing, so that it is no second one, and another of its key is none.
    if (known === undefined || this.value(known) === undefined) this.#byRow.set(row, line);
    else if (this.value(line) !== undefined) {
      this.#repeats.add(line);
      this.repeated += 1;
    }
  }
}

/** The key of a record's line: its row, in a fixed number of digits. */
export function keyOf(row: number): string {
  return String(row).padStart(KEY_DIGITS, '0');
}

const KEY_DIGITS = 10;
/** So far into a line its key is looked for without parsing it. */
const AHEAD_BYTES = 160;
/** No brace, bracket or escape before it, so it is a member of the line itself. */
const KEY_AHEAD = /^\{[^{[\\]*?"key" ?: ?"(\d{10})"/;

function rowOf(key: unknown): number | undefined {
  return typeof key === 'string' && /^\d{10}$/.test(key) ? Number(key) : undefined;
}

/** The row of a line that has its key before all that is long. */
function rowAhead(line: Buffer): number | undefined {
  return rowOf(KEY_AHEAD.exec(line.toString('latin1', 0, AHEAD_BYTES))?.[1]);
}

export function parseObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
