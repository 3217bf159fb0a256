import { LITERALS, skipWord } from './value-characters.ts';

/** The largest double written out has 309 digits. */
const MAX_LENGTH = 400;
const NUMBER_PATTERN = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** Reads a number or a literal of JSON, cut anywhere. */
export class WordReader {
  #text = '';
  #isNumber = false;

  begin(code: number, isNumber: boolean): void {
    this.#text = String.fromCharCode(code);
    this.#isNumber = isNumber;
  }

  /** Takes what belongs to the word; the place after it. */
  read(text: string, at: number): number {
    const end = skipWord(text, at);
    this.#text += text.slice(at, end);
    return end;
  }

  get length(): number {
    return this.#text.length;
  }

  get isTooLong(): boolean {
    return this.#text.length > MAX_LENGTH;
  }

  /** Whether it has no letter that a number has not. */
  get isLikeNumber(): boolean {
    return /^[\d.eE+-]*$/.test(this.#text);
  }

  /** What was read; undefined where it is no value of JSON. */
  value(): number | boolean | null | undefined {
    if (!this.#isNumber) return LITERALS.get(this.#text);
    return NUMBER_PATTERN.test(this.#text) ? Number(this.#text) : undefined;
  }
}
