import { openSync } from 'node:fs';
import { closeRead } from '../files/close-read.ts';
import type { JsonObject } from '../json/value.ts';
import { digestTexts, listTexts, type SaidText } from '../native/digest-texts.ts';
import { BitSet } from '../store/bit-set.ts';
import { EchoFrame } from './echo-frame.ts';
import { LineIndex, parseObject } from './line-index.ts';
import type { RowRanges } from './row-ranges.ts';

/** A line of a job's output that answers a record. */
export interface FoundLine {
  /** Its ordinal, from 0. */
  line: number;
  /** What it says; what it echoes may be left out. */
  value: JsonObject;
}

/** Where lines have little in common, nothing is learned from more of them. */
const MOST_LESSONS = 200;

/**
 * The output of one job, on this machine. A line is found by the key that was sent with it, and taken where the texts that it echoes are
 * those of the record; else by the texts alone; never by its place. What is held in memory is where each line stands.
 */
export class JobOutput {
  readonly #fd: number;
  readonly #index: LineIndex;
  readonly #taken = new BitSet();
  /** What the lines so far echoed besides their texts. */
  #frame: EchoFrame | undefined;
  #lessons = 0;
  /** Lines by their texts; made when the first key does not help. */
  #byTexts: Map<string, number[]> | undefined;

  private constructor(fd: number, index: LineIndex) {
    this.#fd = fd;
    this.#index = index;
  }

  /** Goes through a file once and notes where the lines stand. */
  static async open(path: string, rows: RowRanges): Promise<JobOutput> {
    const fd = openSync(path, 'r');
    try {
      return new JobOutput(fd, await LineIndex.of(fd, rows));
    } catch (error) {
      closeRead(fd);
      throw error;
    }
  }

  /** Lines that say something a second time. */
  get repeated(): number {
    return this.#index.repeated;
  }

  /** The line that answers a record: by its key and its texts, or by its texts. */
  find(row: number, texts: readonly SaidText[]): FoundLine | undefined {
    const keyed = this.#index.ofRow(row);
    const value = keyed === undefined ? undefined : this.#ifEchoes(keyed, texts);
    if (keyed !== undefined && value !== undefined) return this.#take(keyed, value);
    this.#byTexts ??= this.#indexTexts();
    const line = this.#byTexts.get(digestTexts(texts))?.find((one) => !this.#taken.has(one));
    const said = line === undefined ? undefined : this.#index.value(line);
    return line === undefined || said === undefined ? undefined : this.#take(line, said);
  }

  /** Lines that no record has taken, without those that only repeat another. */
  *rest(): Generator<FoundLine & { row: number | undefined }> {
    for (let line = 0; line < this.#index.lines; line += 1) {
      if (this.#taken.has(line) || this.#index.isRepeat(line)) continue;
      const value = this.#index.value(line);
      if (value !== undefined) yield { line, value, row: this.#index.rowOf(line) };
    }
  }

  close(): void {
    closeRead(this.#fd);
  }

  /** What a line says, where it echoes these texts. */
  #ifEchoes(line: number, texts: readonly SaidText[]): JsonObject | undefined {
    const text = this.#index.text(line);
    const stripped = this.#frame?.strip(text, texts);
    if (stripped !== undefined) return stripped;
    const value = parseObject(text);
    if (value === undefined || digestTexts(listTexts(value['request'])) !== digestTexts(texts)) return undefined;
    if (this.#lessons < MOST_LESSONS) {
      this.#lessons += 1;
      this.#frame = EchoFrame.learn(text, texts) ?? this.#frame;
    }
    return value;
  }

  #take(line: number, value: JsonObject): FoundLine {
    this.#taken.add(line);
    return { line, value };
  }

  #indexTexts(): Map<string, number[]> {
    const byTexts = new Map<string, number[]>();
    for (let line = 0; line < this.#index.lines; line += 1) {
      if (this.#index.isRepeat(line)) continue;
      const texts = digestTexts(listTexts(this.#index.value(line)?.['request']));
      const known = byTexts.get(texts);
      if (known === undefined) byTexts.set(texts, [line]);
      else known.push(line);
    }
    return byTexts;
  }
}
