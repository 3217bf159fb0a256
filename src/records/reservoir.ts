/** A reservoir: each item is as likely to be kept as any other, however many there are (Vitter's algorithm R). */
export class Reservoir<Item> {
  readonly items: Item[] = [];
  readonly #size: number;
  readonly #random: () => number;
  #seen = 0;

  /** The same seed keeps the same items of the same sequence. */
  constructor(size: number, seed = 1) {
    this.#size = size;
    this.#random = randomFrom(seed);
  }

  add(item: Item): void {
    this.#seen += 1;
    if (this.items.length < this.#size) {
      this.items.push(item);
      return;
    }
    const place = Math.floor(this.#random() * this.#seen);
    if (place < this.#size) this.items[place] = item;
  }
}

/** Mulberry32 (Tommy Ettinger, public domain): numbers from 0 to 1 that a seed decides. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = Math.trunc(state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
