/** How a CSV file is written. Bytes, as rows are found in undecoded input. */
export interface CsvDialect {
  readonly delimiter: number;
  /** 0x0a for files with LF or CRLF line ends, 0x0d for files with bare CR. */
  readonly newline: number;
}

const LF = 0x0a;
const CR = 0x0d;
const QUOTE = 0x22;
/** Comma, semicolon, tab, pipe: where counts are equal the earlier one wins. */
const CANDIDATES = [0x2c, 0x3b, 0x09, 0x7c];

/**
 * Reads the dialect off the header, looking outside quotes only: the line end that it has and, where none is given, the
 * delimiter that occurs most. Looks at each byte once, however many chunks the header comes in.
 */
export class CsvDialectDetector {
  readonly #delimiter: number | undefined;
  readonly #counts = CANDIDATES.map(() => 0);
  /** Bytes that need not be looked at again. */
  #scanned = 0;
  #isQuoted = false;
  #isBlank = true;

  constructor(delimiter?: number) {
    this.#delimiter = delimiter;
  }

  /** Undefined while the header is incomplete. `bytes` from `start` on are those of the last call, and more. */
  detect(bytes: Buffer, start: number, hasEnded: boolean): CsvDialect | undefined {
    for (let at = start + this.#scanned; at < bytes.length; at += 1) {
      const byte = bytes[at] ?? 0;
      if (byte === CR && !this.#isQuoted) {
        const next = bytes[at + 1];
        if (next === undefined && !hasEnded) {
          this.#scanned = at - start;
          return undefined;
        }
        // CR CR LF comes from line ends translated twice, so only a CR followed by text is a line end of its own.
        if (!this.#isBlank && next !== undefined && next !== LF && next !== CR) return this.#dialect(CR);
        continue;
      }
      if (byte === QUOTE) this.#isQuoted = !this.#isQuoted;
      if (this.#isQuoted) {
        this.#isBlank = false;
      } else if (byte === LF) {
        if (!this.#isBlank) return this.#dialect(LF);
      } else {
        if (byte !== 0x20) this.#isBlank = false;
        const candidate = CANDIDATES.indexOf(byte);
        if (candidate !== -1) this.#counts[candidate] = (this.#counts[candidate] ?? 0) + 1;
      }
    }
    this.#scanned = bytes.length - start;
    return hasEnded ? this.#dialect(LF) : undefined;
  }

  #dialect(newline: number): CsvDialect {
    const most = Math.max(...this.#counts);
    return { delimiter: this.#delimiter ?? CANDIDATES[this.#counts.indexOf(most)] ?? 0x2c, newline };
  }
}
