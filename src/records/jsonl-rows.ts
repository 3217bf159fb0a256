import { isUtf8 } from 'node:buffer';
import { isJsonObject } from '../json/value.ts';
import { markLength } from './byte-order-mark.ts';
import { ByteWindow } from './byte-window.ts';
import { parseExactJson } from './exact-json.ts';
import { locateJsonError } from '../json/locate-json-error.ts';
import type { SourceRow } from './record.ts';
import type { RowListener, RowParser } from './row-parser.ts';
import { rowText } from './row-text.ts';
import { undecodable } from './undecodable.ts';

const NEWLINE = 0x0a;
/** Deeper values would overflow the stack of whatever writes them out again. */
const MAX_DEPTH = 500;

const NO_FIELDS = {};

export interface JsonlRowsOptions {
  /** How messages call the input. */
  readonly name: string;
  readonly maxRowBytes: number;
  /** The first row's position, for bytes from amid an input. Default: that of the first row of one. */
  readonly begin?: { readonly index: number; readonly line: number } | undefined;
  readonly onRow?: RowListener | undefined;
  /** Tells rows that nobody needs the fields of, which are given without any. */
  readonly isKnown?: ((index: number) => boolean) | undefined;
}

/** Reads JSON lines: one object a line, blank lines skipped. */
export class JsonlRows implements RowParser {
  readonly columns = undefined;
  readonly #name: string;
  readonly #maxRowBytes: number;
  readonly #window = new ByteWindow();
  /** Bytes of the unfinished line known to hold no line end. */
  #scanned = 0;
  /** True while the rest of an over-long line is dropped. */
  #isSkipping = false;
  #hasEnded = false;
  #index: number;
  #line: number;
  readonly #onRow: RowListener | undefined;
  readonly #isKnown: ((index: number) => boolean) | undefined;

  constructor({ name, maxRowBytes, begin = { index: 0, line: 1 }, onRow, isKnown }: JsonlRowsOptions) {
    this.#name = name;
    this.#maxRowBytes = maxRowBytes;
    this.#index = begin.index;
    this.#line = begin.line;
    this.#onRow = onRow;
    this.#isKnown = isKnown;
  }

  write(chunk: Buffer): void {
    this.#window.append(chunk);
  }

  end(): void {
    this.#hasEnded = true;
  }

  read(): SourceRow | undefined {
    const window = this.#window;
    const { bytes } = window;
    for (;;) {
      const { start } = window;
      const found = bytes.indexOf(NEWLINE, start + this.#scanned);
      const isComplete = found !== -1 || this.#hasEnded;
      const end = found === -1 ? bytes.length : found;
      if (this.#isSkipping) {
        if (found === -1) {
          window.clear();
          return undefined;
        }
        this.#isSkipping = false;
        this.#nextLine(end + 1);
        continue;
      }
      if (end - start > this.#maxRowBytes) {
        this.#tell(start);
        const row = this.#unreadable(bytes, start, end, `the line is longer than ${this.#maxRowBytes} bytes`);
        if (found === -1) {
          this.#isSkipping = true;
          this.#scanned = 0;
          window.clear();
        } else this.#nextLine(end + 1);
        return row;
      }
      if (!isComplete) {
        this.#scanned = bytes.length - start;
        return undefined;
      }
      let row: SourceRow | undefined;
      if (!isBlank(bytes, start, end)) {
        this.#tell(start);
        row = this.#isKnown?.(this.#index) === true ? this.#unparsed() : this.#parse(bytes, start, end);
      }
      if (found === -1) window.clear();
      else this.#nextLine(end + 1);
      if (row !== undefined || found === -1) return row;
    }
  }

  #nextLine(start: number): void {
    this.#window.start = start;
    this.#scanned = 0;
    this.#line += 1;
  }

  #tell(start: number): void {
    this.#onRow?.({ index: this.#index, line: this.#line, offset: this.#window.offsetOf(start) });
  }

  #unparsed(): SourceRow {
    const row: SourceRow = { kind: 'record', index: this.#index, line: this.#line, fields: NO_FIELDS };
    this.#index += 1;
    return row;
  }

  #parse(bytes: Buffer, lineStart: number, end: number): SourceRow {
    // Files that were joined have the mark of each at its beginning.
    const start = lineStart + markLength(bytes, lineStart);
    const text = bytes.toString('utf8', start, end);
    // A replacement character is either in the input or stands for broken bytes; only the bytes tell which.
    if (text.includes('\ufffd') && !isUtf8(bytes.subarray(start, end))) {
      throw undecodable(this.#name, this.#line);
    }
    let parsed: ReturnType<typeof parseExactJson>;
    try {
      parsed = parseExactJson(text);
    } catch {
      return this.#unreadable(bytes, start, end, jsonProblem(text));
    }
    const { value, hasRepeatedKey } = parsed;
    if (!isJsonObject(value)) {
      return this.#unreadable(bytes, start, end, `expected a JSON object but got ${kindOf(value)}`);
    }
    if (end - start > 2 * MAX_DEPTH && isDeeperThan(value, MAX_DEPTH)) {
      return this.#unreadable(bytes, start, end, `expected at most ${MAX_DEPTH} levels of nesting but got more`);
    }
    if (hasRepeatedKey) {
      return this.#unreadable(bytes, start, end, 'one of its objects has two members of the same name');
    }
    const row: SourceRow = { kind: 'record', index: this.#index, line: this.#line, fields: value };
    this.#index += 1;
    return row;
  }

  #unreadable(bytes: Buffer, start: number, end: number, problem: string): SourceRow {
    const textEnd = bytes[end - 1] === 0x0d ? end - 1 : end;
    const row: SourceRow = {
      kind: 'unreadable',
      index: this.#index,
      line: this.#line,
      message: `Cannot read record on line ${this.#line}: ${problem}`,
      text: rowText(bytes, start, textEnd),
    };
    this.#index += 1;
    return row;
  }
}

function jsonProblem(text: string): string {
  const content = text.trimEnd();
  const position = locateJsonError(content) ?? content.length;
  return position >= content.length
    ? 'the JSON ends too early'
    : `expected a JSON object but the text is not valid JSON from column ${position + 1} on`;
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  return `a ${typeof value}`;
}

function isBlank(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at];
    if (byte !== 0x20 && byte !== 0x0d && byte !== 0x09) return false;
  }
  return true;
}

function isDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  return Object.values(value).some((member) => isDeeperThan(member, levels - 1));
}
