const MAX_BLANK = 1_000;
/** Outside plain JSON, where white space may stand in a string, unnoticed. */
const MAX_BLANK_ANYWHERE = 3_000;

/** Counts white space in a row, of which a model that has lost itself writes without end. */
export class BlankCount {
  #length = 0;

  /** Whether that much more of it between values is too much. */
  isFlood(more: number): boolean {
    this.#length += more;
    return this.#length > MAX_BLANK;
  }

  /** Whether the text from `at` on, which may be anything, ends in too much of it. */
  isFloodAnywhere(text: string, at: number): boolean {
    let start = text.length;
    while (start > at && text.charCodeAt(start - 1) <= 0x20) start -= 1;
    this.#length = start === at ? this.#length + text.length - at : text.length - start;
    return this.#length > MAX_BLANK_ANYWHERE;
  }

  /** Begins anew; how much there was. */
  end(): number {
    const length = this.#length;
    this.#length = 0;
    return length;
  }
}
