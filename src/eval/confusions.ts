import type { JsonValue } from '../json/value.ts';
import type { ComparedLeaf } from './compare-record.ts';

/** Answers that were taken for another value of an enum, or of a yes and no. */
export interface Confusion {
  field: string;
  gold: JsonValue;
  answer: JsonValue;
  count: number;
}

const MAX_CONFUSIONS = 50;

/** Counts what was taken for what, the first 50 pairs. */
export class Confusions {
  readonly #found = new Map<string, Confusion>();

  add({ field, gold = null, answer = null }: ComparedLeaf): void {
    const key = JSON.stringify([field, gold, answer]);
    const known = this.#found.get(key);
    if (known !== undefined) known.count += 1;
    else if (this.#found.size < MAX_CONFUSIONS) this.#found.set(key, { field, gold, answer, count: 1 });
  }

  /** The most frequent first. */
  list(): Confusion[] {
    return [...this.#found.values()].sort((left, right) => right.count - left.count);
  }
}
