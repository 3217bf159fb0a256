/** Counts the records of an input beside the run, because a forecast needs the end before the run gets there. */
export class RecordCount {
  readonly #count: (signal: AbortSignal) => Promise<number | undefined>;
  readonly #aborting = new AbortController();
  #isStarted = false;
  #total: number | undefined;

  constructor(count: (signal: AbortSignal) => Promise<number | undefined>) {
    this.#count = count;
  }

  /** Undefined until all are counted. The first call begins to count. */
  total(): number | undefined {
    if (!this.#isStarted) {
      this.#isStarted = true;
      this.#count(this.#aborting.signal).then(
        (total) => (this.#total = total),
        // The run itself meets the same input and says what is wrong with it.
        () => undefined,
      );
    }
    return this.#total;
  }

  stop(): void {
    this.#isStarted = true;
    this.#aborting.abort();
  }
}
