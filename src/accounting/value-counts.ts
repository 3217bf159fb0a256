/** Counts how often values occur, in constant memory: a value that comes after `limit` others counts as one of the rest. */
export class ValueCounts<Value> {
  readonly #limit: number;
  #counts = new Map<Value, number>();
  #rest = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get distinct(): number {
    return this.#counts.size;
  }

  /** Occurrences of values that are not told apart any more. */
  get rest(): number {
    return this.#rest;
  }

  add(value: Value): void {
    const count = this.#counts.get(value);
    if (count === undefined && this.#counts.size >= this.#limit) this.#rest += 1;
    else this.#counts.set(value, (count ?? 0) + 1);
  }

  save(): { counts: Map<Value, number>; rest: number } {
    return { counts: this.#counts, rest: this.#rest };
  }

  load({ counts, rest }: { counts: Map<Value, number>; rest: number }): void {
    this.#counts = counts;
    this.#rest = rest;
  }

  /** Most frequent first. */
  entries(): [value: Value, count: number][] {
    return [...this.#counts].sort((left, right) => right[1] - left[1]);
  }
}
