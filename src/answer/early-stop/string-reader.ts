import type { Alternatives } from './stream-shape.ts';

/** What the reader is at: text, an escape in it, or past its closing quotation mark; `broken`: this is no JSON string. */
type Place = 'text' | 'escape' | 'unicode' | 'closed' | 'broken';

const ESCAPABLE: ReadonlySet<number> = new Set([...'"\\/bfnrt'].map((char) => char.charCodeAt(0)));

/** Reads a string of JSON as it arrives, cut anywhere. Keeps its text only where that matters. */
export class StringReader {
  #place: Place = 'closed';
  /** The text as it stands between the quotation marks. */
  #raw = '';
  #hasEscape = false;
  #isTextWanted = false;
  #arePointsWanted = false;
  /** UTF-16 units, as zod 3 measures length. */
  #units = 0;
  /** Code points, as newer versions of zod 4 measure it, or fewer; counted where a maximum is set. */
  #points = 0;
  #maxLength = Infinity;
  #hex = '';

  get place(): Place {
    return this.#place;
  }

  get units(): number {
    return this.#units;
  }

  get points(): number {
    return this.#points;
  }

  /** Whether no shape that the string was begun with takes one so long. */
  get isTooLong(): boolean {
    return this.#points > this.#maxLength;
  }

  /** Begins after the opening quotation mark. `shapes`: what a value may be; undefined for a key. */
  begin(shapes: Alternatives | undefined): void {
    this.#place = 'text';
    this.#raw = '';
    this.#hasEscape = false;
    this.#units = 0;
    this.#points = 0;
    this.#isTextWanted = shapes === undefined;
    this.#arePointsWanted = false;
    this.#maxLength = Infinity;
    if (shapes === undefined) return;
    let maxLength = 0;
    for (const shape of shapes) {
      if (shape.values !== undefined) this.#isTextWanted = true;
      if (shape.maxLength < Infinity) this.#arePointsWanted = true;
      if (shape.maxLength > maxLength) maxLength = shape.maxLength;
    }
    this.#maxLength = maxLength;
  }

  /** Reads on from `start` to the end of the text, or of a piece of the string, and returns where that is. */
  read(text: string, start: number): number {
    switch (this.#place) {
      case 'escape':
        this.#readEscape(text.charCodeAt(start));
        return start + 1;
      case 'unicode':
        this.#readUnicode(text.charCodeAt(start));
        return start + 1;
      default:
        return this.#readText(text, start);
    }
  }

  /** The string's value, where it was wanted, and otherwise an empty text; undefined where it is no JSON string. */
  decode(): string | undefined {
    if (!this.#hasEscape || !this.#isTextWanted) return this.#raw;
    try {
      return JSON.parse(`"${this.#raw}"`) as string;
    } catch {
      return undefined;
    }
  }

  #readText(text: string, start: number): number {
    let at = start;
    let code = 0;
    for (; at < text.length; at += 1) {
      code = text.charCodeAt(at);
      if (code === 0x22 || code === 0x5c || code < 0x20) break;
    }
    this.#units += at - start;
    if (this.#arePointsWanted) this.#points += countPoints(text, start, at);
    if (this.#isTextWanted && at > start) this.#raw += text.slice(start, at);
    if (at === text.length) return at;
    if (code === 0x22) this.#place = 'closed';
    else if (code === 0x5c) this.#place = 'escape';
    else this.#break();
    return at + 1;
  }

  #readEscape(code: number): void {
    this.#hasEscape = true;
    this.#units += 1;
    if (this.#isTextWanted) this.#raw += `\\${String.fromCharCode(code)}`;
    if (code === 0x75) {
      this.#place = 'unicode';
      this.#hex = '';
    } else if (ESCAPABLE.has(code)) {
      this.#points += 1;
      this.#place = 'text';
    } else this.#break();
  }

  #readUnicode(code: number): void {
    const lower = code | 0x20;
    if (!((code >= 0x30 && code <= 0x39) || (lower >= 0x61 && lower <= 0x66))) return this.#break();
    this.#hex += String.fromCharCode(code);
    if (this.#hex.length < 4) return;
    if (this.#isTextWanted) this.#raw += this.#hex;
    if (!isLowSurrogate(Number.parseInt(this.#hex, 16))) this.#points += 1;
    this.#place = 'text';
  }

  #break(): void {
    this.#place = 'broken';
  }
}

/** A surrogate pair counts once; so that there is nothing to remember between pieces, half a pair counts as none. */
function countPoints(text: string, start: number, end: number): number {
  let points = 0;
  for (let at = start; at < end; at += 1) {
    if (!isLowSurrogate(text.charCodeAt(at))) points += 1;
  }
  return points;
}

function isLowSurrogate(code: number): boolean {
  return code >= 0xdc00 && code <= 0xdfff;
}
