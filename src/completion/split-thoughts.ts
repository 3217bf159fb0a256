/** An answer's text without the thoughts, and the thoughts; undefined when there are none. */
export interface SplitText {
  content: string;
  thoughts: string | undefined;
}

/** Cuts `<marker>…</marker>` out of a text, wherever it stands. A tag that is never closed holds all the rest. */
export function splitThoughts(text: string, marker: string): SplitText {
  if (marker === '' || !text.includes(`<${marker}>`)) return { content: text, thoughts: undefined };
  const content: string[] = [];
  const thoughts: string[] = [];
  const splitter = new ThoughtSplitter(marker, (piece, isThought) => (isThought ? thoughts : content).push(piece));
  splitter.push(text);
  splitter.end();
  return { content: content.join(''), thoughts: thoughts.join('') };
}

/** Splits a text that arrives in pieces. A piece that may be the start of a tag is held back until it is known. */
export class ThoughtSplitter {
  readonly #open: string;
  readonly #close: string;
  readonly #emit: (text: string, isThought: boolean) => void;
  #isThought = false;
  #held = '';

  constructor(marker: string, emit: (text: string, isThought: boolean) => void) {
    this.#open = `<${marker}>`;
    this.#close = `</${marker}>`;
    this.#emit = emit;
  }

  push(text: string): void {
    let rest = this.#held === '' ? text : this.#held + text;
    for (;;) {
      const tag = this.#isThought ? this.#close : this.#open;
      const index = rest.indexOf(tag);
      if (index < 0) {
        const held = overlap(rest, tag);
        this.#held = rest.slice(rest.length - held);
        this.#give(rest.slice(0, rest.length - held));
        return;
      }
      this.#give(rest.slice(0, index));
      rest = rest.slice(index + tag.length);
      this.#isThought = !this.#isThought;
    }
  }

  /** Gives out what was held back: no tag came of it. */
  end(): void {
    this.#give(this.#held);
    this.#held = '';
  }

  #give(text: string): void {
    if (text !== '') this.#emit(text, this.#isThought);
  }
}

/** Length of the longest end of the text that a tag could begin with. */
function overlap(text: string, tag: string): number {
  for (let length = Math.min(text.length, tag.length - 1); length > 0; length--) {
    if (text.endsWith(tag.slice(0, length))) return length;
  }
  return 0;
}
