import { createReadStream, openSync, readSync } from 'node:fs';
import { isJsonObject, type JsonObject } from '../json/value.ts';
import { digestTexts } from '../native/digest-texts.ts';
import { BitSet } from '../store/bit-set.ts';
import type { RowRanges } from './row-ranges.ts';
import { closeRead } from '../files/close-read.ts';

/** A line of a job's output that answers a record. */
export interface FoundLine {
  /** Its ordinal, from 0. */
  line: number;
  value: JsonObject;
}

/**
 * The output of one job, on this machine. A line is found by the key that was sent with it, and taken where the texts that it echoes are
 * those of the record; else by the texts alone; never by its place. What is held in memory is where each line stands.
 */
export class JobOutput {
  readonly #fd: number;
  readonly #starts: number[];
  readonly #lengths: number[];
  readonly #byRow: Map<number, number>;
  /** Lines that say something a second time, and lines that are no JSON. */
  readonly repeated: number;
  readonly torn: number;
  readonly #repeats: BitSet;
  readonly #taken = new BitSet();
  /** Lines by their texts; made when the first key does not help. */
  #byTexts: Map<string, number[]> | undefined;

  private constructor(path: string, index: OutputIndex) {
    this.#fd = openSync(path, 'r');
    this.#starts = index.starts;
    this.#lengths = index.lengths;
    this.#byRow = index.byRow;
    this.#repeats = index.repeats;
    this.repeated = index.repeated;
    this.torn = index.torn;
  }

  /** Goes through a file once and notes where the lines stand. */
  static async open(path: string, rows: RowRanges): Promise<JobOutput> {
    return new JobOutput(path, await indexOf(path, rows));
  }

  get lines(): number {
    return this.#starts.length;
  }

  /** The line that answers a record: by its key and its texts, or by its texts. */
  find(row: number, texts: string): FoundLine | undefined {
    const keyed = this.#byRow.get(row);
    if (keyed !== undefined) {
      const value = this.#read(keyed);
      if (value !== undefined && digestTexts(value['request']) === texts) return this.#take(keyed, value);
    }
    this.#byTexts ??= this.#indexTexts();
    const line = this.#byTexts.get(texts)?.find((one) => !this.#taken.has(one));
    const value = line === undefined ? undefined : this.#read(line);
    return line === undefined || value === undefined ? undefined : this.#take(line, value);
  }

  /** Lines that no record has taken, without those that only repeat another. */
  *rest(): Generator<FoundLine & { row: number | undefined }> {
    const rows = new Map([...this.#byRow].map(([row, line]) => [line, row]));
    for (let line = 0; line < this.lines; line += 1) {
      if (this.#taken.has(line) || this.#repeats.has(line)) continue;
      const value = this.#read(line);
      if (value !== undefined) yield { line, value, row: rows.get(line) };
    }
  }

  close(): void {
    closeRead(this.#fd);
  }

  #take(line: number, value: JsonObject): FoundLine {
    this.#taken.add(line);
    return { line, value };
  }

  #read(line: number): JsonObject | undefined {
    const bytes = Buffer.allocUnsafe(this.#lengths[line] ?? 0);
    readSync(this.#fd, bytes, 0, bytes.length, this.#starts[line] ?? 0);
    return parse(bytes);
  }

  #indexTexts(): Map<string, number[]> {
    const index = new Map<string, number[]>();
    for (let line = 0; line < this.lines; line += 1) {
      if (this.#repeats.has(line)) continue;
      const texts = digestTexts(this.#read(line)?.['request']);
      const known = index.get(texts);
      if (known === undefined) index.set(texts, [line]);
      else known.push(line);
    }
    return index;
  }
}

interface OutputIndex {
  starts: number[];
  lengths: number[];
  byRow: Map<number, number>;
  repeats: BitSet;
  repeated: number;
  torn: number;
}

const NEWLINE = 0x0a;

async function indexOf(path: string, rows: RowRanges): Promise<OutputIndex> {
  const index: OutputIndex = { starts: [], lengths: [], byRow: new Map(), repeats: new BitSet(), repeated: 0, torn: 0 };
  let position = 0;
  let pieces: Buffer[] = [];
  const add = (bytes: Buffer): void => {
    const start = position;
    position += bytes.length + 1;
    if (bytes.length === 0) return;
    const value = parse(bytes);
    if (value === undefined) {
      index.torn += 1;
      return;
    }
    const line = index.starts.length;
    index.starts.push(start);
    index.lengths.push(bytes.length);
    const row = rowOf(value['key']);
    if (row === undefined || !rows.has(row)) return;
    if (!index.byRow.has(row)) {
      index.byRow.set(row, line);
    } else {
      index.repeats.add(line);
      index.repeated += 1;
    }
  };
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      const last = chunk.subarray(start, end);
      add(pieces.length === 0 ? last : Buffer.concat([...pieces, last]));
      pieces = [];
      start = end + 1;
    }
    if (start < chunk.length) pieces.push(chunk.subarray(start));
  }
  if (pieces.length > 0) add(Buffer.concat(pieces));
  return index;
}

/** The key of a record's line: its row, in a fixed number of digits. */
export function keyOf(row: number): string {
  return String(row).padStart(KEY_DIGITS, '0');
}

const KEY_DIGITS = 10;

function rowOf(key: unknown): number | undefined {
  return typeof key === 'string' && /^\d{10}$/.test(key) ? Number(key) : undefined;
}

function parse(bytes: Buffer): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
