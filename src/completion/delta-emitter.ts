import type { CompletionDelta } from './delta.ts';
import { ThoughtSplitter } from './split-thoughts.ts';

/** Words what a stream brings as deltas, thoughts told from text. */
export class DeltaEmitter {
  /** Where deltas go; the reader of a stream puts a new list here whenever it likes. */
  deltas: CompletionDelta[] = [];
  readonly #cleanName: (name: string) => string;
  readonly #splitter: ThoughtSplitter | undefined;
  #isFlagged = false;

  constructor(thoughtTagMarker: string | undefined, cleanName: (name: string) => string = (name) => name) {
    this.#cleanName = cleanName;
    if (thoughtTagMarker === undefined || thoughtTagMarker === '') return;
    this.#splitter = new ThoughtSplitter(thoughtTagMarker, (text, isThought) =>
      this.#give(text, isThought || this.#isFlagged),
    );
  }

  /** `isFlagged`: the service itself says that this is a thought, which goes before any tags. */
  text(text: string, isFlagged: boolean): void {
    this.#isFlagged = isFlagged;
    if (this.#splitter === undefined) this.#give(text, isFlagged);
    else this.#splitter.push(text);
  }

  other(delta: CompletionDelta): void {
    this.deltas.push(delta);
  }

  finish(reason: string): void {
    this.end();
    this.deltas.push({ type: 'finish', reason: this.#cleanName(reason) });
  }

  /** Gives out text that was held back because a tag might have come of it. */
  end(): void {
    this.#splitter?.end();
  }

  #give(text: string, isThought: boolean): void {
    this.deltas.push(isThought ? { type: 'thought-delta', text } : { type: 'text-delta', text });
  }
}
