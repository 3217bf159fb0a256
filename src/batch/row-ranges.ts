/** First and last of a run of rows. */
export type RowRange = readonly [first: number, last: number];

/** A set of row positions, kept as ranges: a shard mostly takes rows that follow each other. */
export class RowRanges {
  readonly #ranges: [number, number][];

  constructor(ranges: readonly RowRange[] = []) {
    this.#ranges = ranges.map(([first, last]) => [first, last]);
  }

  get ranges(): readonly RowRange[] {
    return this.#ranges;
  }

  get last(): number {
    return this.#ranges.at(-1)?.[1] ?? -1;
  }

  add(row: number): void {
    const range = this.#ranges.at(-1);
    if (range !== undefined && range[1] + 1 === row) range[1] = row;
    else if (row > this.last) this.#ranges.push([row, row]);
    else this.#insert(row);
  }

  /** Adds a row that comes late: from records that are worked on at the same time. */
  #insert(row: number): void {
    if (this.has(row)) return;
    const at = this.#ranges.findLastIndex(([, last]) => last < row) + 1;
    const before = this.#ranges[at - 1];
    const after = this.#ranges[at];
    const joinsBefore = before !== undefined && before[1] + 1 === row;
    const joinsAfter = after !== undefined && row + 1 === after[0];
    if (joinsBefore && joinsAfter) {
      before[1] = after[1];
      this.#ranges.splice(at, 1);
    } else if (joinsBefore) before[1] = row;
    else if (joinsAfter) after[0] = row;
    else this.#ranges.splice(at, 0, [row, row]);
  }

  has(row: number): boolean {
    let low = 0;
    let high = this.#ranges.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const [first, last] = this.#ranges[middle] ?? [0, 0];
      if (row < first) high = middle - 1;
      else if (row > last) low = middle + 1;
      else return true;
    }
    return false;
  }

  /** The first so many rows. */
  take(count: number): RowRanges {
    const taken: RowRange[] = [];
    let left = count;
    for (const [first, last] of this.#ranges) {
      if (left <= 0) break;
      const size = Math.min(left, last - first + 1);
      taken.push([first, first + size - 1]);
      left -= size;
    }
    return new RowRanges(taken);
  }
}
