import { GleanerError } from '../gleaner-error.ts';
import { markLength } from './byte-order-mark.ts';
import type { ByteWindow } from './byte-window.ts';
import type { CsvDialect } from './csv-dialect.ts';

const LF = 0x0a;
const CR = 0x0d;
const QUOTE = 0x22;

/** Where one row lies in the window, without its line end. */
export interface CsvFrame {
  readonly start: number;
  readonly end: number;
  /** 1-based line on which the row starts. */
  readonly line: number;
  /** Whether a byte order mark stands before the row, as where files were joined. */
  readonly isMarked: boolean;
  /** Why the row cannot be read, if its quoting is broken. */
  readonly problem: string | undefined;
}

export interface CsvFramerOptions {
  /** How messages call the input. */
  readonly name: string;
  readonly dialect: CsvDialect;
  readonly maxRowBytes: number;
  /** Whether a single line has as many fields as the header: if so, a row can start there. */
  readonly isRow: (line: Buffer) => boolean;
  /** 1-based line on which the window begins. Default 1. */
  readonly firstLine?: number;
}

/**
 * Finds where rows begin and end, on which line, and which are quoted wrongly, so that one broken row does not take the
 * rest of the input with it. A quote opens a quoted field only as the field's first character; it closes it only before
 * a delimiter, a line end or the end of the input. Any other quote in a quoted field makes the row unreadable but leaves
 * the field open, as the usual cause is a quote that was not doubled, and the row's true end comes later.
 *
 * Where the quote itself was the mistake, that would swallow the rows that follow. So if a quoted field never closes,
 * or meets what looks like the opening quote of a later row, and the next line is a row by itself, then only the first
 * line is given up, and reading resumes on the next.
 */
export class CsvFramer {
  readonly #options: CsvFramerOptions;
  readonly #window: ByteWindow;
  #line: number;
  #hasEnded = false;
  #isSkipping = false;
  #isMarked = false;
  /** Bytes of rows given out, and bytes looked at again after resuming: the second may not outgrow the first for long. */
  #consumed = 0;
  #rescanned = 0;

  /* The row being looked at; offsets are from the start of the window. */
  #scanned = 0;
  #isQuoted = false;
  #innerLines = 0;
  #firstLineEnd = -1;
  #quoteLine = 0;
  #strayQuoteLine = 0;
  #strayLooksOpening = false;
  #quoteMemory: { bytes: Buffer; at: number } | undefined;

  constructor(window: ByteWindow, options: CsvFramerOptions) {
    this.#window = window;
    this.#options = options;
    this.#line = options.firstLine ?? 1;
  }

  end(): void {
    this.#hasEnded = true;
  }

  /** The next row that is not blank; undefined when more bytes are needed or none are left. */
  next(): CsvFrame | undefined {
    const { dialect, maxRowBytes } = this.#options;
    const window = this.#window;
    for (;;) {
      if (this.#isSkipping && !this.#skipLine()) return undefined;
      const { bytes } = window;
      if (this.#scanned === 0 && !this.#passMark()) return undefined;
      const { start } = window;
      const found = this.#findRowEnd();
      const rowEnd = found ?? bytes.length;
      if (rowEnd - start > maxRowBytes) return this.#overlong(rowEnd, found !== undefined);
      if (found === undefined) {
        if (!this.#hasEnded || start === bytes.length) return undefined;
        if (this.#isQuoted) {
          const problem = `the quote opened on line ${this.#quoteLine} is not closed`;
          return this.#canResume() ? this.#resume(problem) : this.#take(bytes.length, bytes.length, problem);
        }
      }
      if (this.#strayQuoteLine !== 0) {
        const problem = `a quote inside the quoted field on line ${this.#strayQuoteLine} is not doubled`;
        if (this.#strayLooksOpening && this.#canResume()) return this.#resume(problem);
        return this.#take(rowEnd, rowEnd + 1, problem);
      }
      const end = withoutLineEnd(bytes, start, rowEnd, dialect);
      if (isBlank(bytes, start, end, dialect.delimiter)) {
        this.#startRow(Math.min(rowEnd + 1, bytes.length), 1);
        if (found === undefined) return undefined;
        continue;
      }
      return this.#take(end, rowEnd + 1, undefined);
    }
  }

  /** Passes over a byte order mark before a row; false where more bytes are needed to know one. */
  #passMark(): boolean {
    const { bytes, start } = this.#window;
    if (bytes[start] !== 0xef) return true;
    if (bytes.length - start < 3) return this.#hasEnded;
    const length = markLength(bytes, start);
    this.#window.start += length;
    if (length > 0) this.#isMarked = true;
    return true;
  }

  /** The position of the line end that closes the row, looking only at bytes not looked at before. */
  #findRowEnd(): number | undefined {
    const { delimiter, newline } = this.#options.dialect;
    const { bytes, start } = this.#window;
    let at = start + this.#scanned;
    let rowEnd = -1;
    for (;;) {
      if (this.#isQuoted) {
        const found = bytes.indexOf(QUOTE, at);
        const following = found === -1 ? 'more' : this.#following(found);
        // A quote whose follower has not arrived is looked at again, so the scan stops before it.
        const stop = found === -1 ? bytes.length : found;
        for (
          let line = bytes.indexOf(newline, at);
          line !== -1 && line < stop;
          line = bytes.indexOf(newline, line + 1)
        ) {
          if (this.#firstLineEnd === -1) this.#firstLineEnd = line - start;
          this.#innerLines += 1;
        }
        at = stop;
        if (following === 'more') break;
        if (following === 'quote') at += 2;
        else {
          at += 1;
          if (following === 'field-end') {
            this.#isQuoted = false;
            rowEnd = -1;
          } else {
            if (this.#strayQuoteLine === 0) this.#strayQuoteLine = this.#line + this.#innerLines;
            const before = bytes[stop - 1];
            if (before === delimiter || before === newline) this.#strayLooksOpening = true;
          }
        }
        continue;
      }
      if (rowEnd === -1) {
        rowEnd = bytes.indexOf(newline, at);
        if (rowEnd === -1) rowEnd = bytes.length;
      }
      const found = this.#nextQuote(at, rowEnd);
      if (found === -1) {
        this.#scanned = rowEnd - start;
        return rowEnd === bytes.length ? undefined : rowEnd;
      }
      if (found === start || bytes[found - 1] === delimiter) {
        this.#isQuoted = true;
        this.#quoteLine = this.#line + this.#innerLines;
      }
      at = found + 1;
    }
    this.#scanned = at - start;
    return undefined;
  }

  /** The first quote in a stretch; remembers it, so that input with few quotes is not searched over and over. */
  #nextQuote(from: number, to: number): number {
    const { bytes } = this.#window;
    if (this.#quoteMemory?.bytes !== bytes || this.#quoteMemory.at < from) {
      const found = bytes.indexOf(QUOTE, from);
      this.#quoteMemory = { bytes, at: found === -1 ? bytes.length : found };
    }
    return this.#quoteMemory.at < to ? this.#quoteMemory.at : -1;
  }

  /** What a quote in a quoted field is, going by the bytes after it. */
  #following(at: number): 'quote' | 'field-end' | 'text' | 'more' {
    const { delimiter, newline } = this.#options.dialect;
    const { bytes } = this.#window;
    let next = at + 1;
    if (bytes[next] === QUOTE) return 'quote';
    if (bytes[next] === delimiter) return 'field-end';
    if (newline === LF) while (bytes[next] === CR && next < at + 3) next += 1;
    if (next >= bytes.length) return this.#hasEnded ? 'field-end' : 'more';
    return bytes[next] === newline ? 'field-end' : 'text';
  }

  #overlong(rowEnd: number, isComplete: boolean): CsvFrame {
    const { maxRowBytes, name } = this.#options;
    const problem = `the row is longer than ${maxRowBytes} bytes`;
    if (this.#firstLineEnd !== -1 && this.#firstLineEnd <= maxRowBytes) {
      const detail = `${problem}; the quote opened on line ${this.#quoteLine} may not be closed`;
      if (this.#canResume()) return this.#resume(detail);
      throw new GleanerError('input-unreadable', `Cannot read ${name}: on line ${this.#line} ${detail}`);
    }
    // A single line. Where it ends does not depend on how the input happened to be cut into chunks.
    const lineEnd = this.#firstLineEnd === -1 ? rowEnd : this.#window.start + this.#firstLineEnd;
    this.#innerLines = 0;
    this.#quoteMemory = undefined;
    if (isComplete || this.#firstLineEnd !== -1) return this.#take(lineEnd, lineEnd + 1, problem);
    const frame = this.#take(rowEnd, rowEnd, problem);
    this.#line -= 1;
    this.#isSkipping = true;
    return frame;
  }

  #skipLine(): boolean {
    const { bytes, start } = this.#window;
    const found = bytes.indexOf(this.#options.dialect.newline, start);
    if (found === -1) {
      this.#window.clear();
      return false;
    }
    this.#isSkipping = false;
    this.#startRow(found + 1, 1);
    return true;
  }

  #canResume(): boolean {
    const { bytes, start } = this.#window;
    if (this.#firstLineEnd === -1) return false;
    if (this.#rescanned > this.#consumed + 4 * this.#options.maxRowBytes) return false;
    const { newline } = this.#options.dialect;
    const next = start + this.#firstLineEnd + 1;
    const found = bytes.indexOf(newline, next);
    if (found === -1 ? !this.#hasEnded : found - start > this.#options.maxRowBytes) return false;
    const end = withoutLineEnd(bytes, next, found === -1 ? bytes.length : found, this.#options.dialect);
    return this.#options.isRow(bytes.subarray(next, end));
  }

  /** Gives up the row's first line only. */
  #resume(problem: string): CsvFrame {
    const lineEnd = this.#window.start + this.#firstLineEnd;
    this.#rescanned += this.#scanned - this.#firstLineEnd;
    this.#innerLines = 0;
    // It holds for what lies ahead, and reading goes back.
    this.#quoteMemory = undefined;
    return this.#take(lineEnd, lineEnd + 1, problem);
  }

  #take(end: number, next: number, problem: string | undefined): CsvFrame {
    const frame: CsvFrame = { start: this.#window.start, end, line: this.#line, isMarked: this.#isMarked, problem };
    this.#startRow(Math.min(next, this.#window.bytes.length), this.#innerLines + 1);
    return frame;
  }

  #startRow(start: number, lines: number): void {
    this.#consumed += start - this.#window.start;
    this.#window.start = start;
    this.#line += lines;
    this.#scanned = 0;
    this.#isQuoted = false;
    this.#innerLines = 0;
    this.#firstLineEnd = -1;
    this.#strayQuoteLine = 0;
    this.#strayLooksOpening = false;
    this.#isMarked = false;
  }
}

/** Where the text of a line ends: a LF may have one CR before it, or two where line ends were translated twice. */
function withoutLineEnd(bytes: Buffer, start: number, end: number, { newline }: CsvDialect): number {
  if (newline !== LF) return end;
  let textEnd = end;
  while (textEnd > start && textEnd > end - 2 && bytes[textEnd - 1] === CR) textEnd -= 1;
  return textEnd;
}

/** True for a line of nothing but white space; tabs count as such unless they separate fields. */
function isBlank(bytes: Buffer, start: number, end: number, delimiter: number): boolean {
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at];
    if ((byte !== 0x20 && byte !== 0x09) || byte === delimiter) return false;
  }
  return true;
}
