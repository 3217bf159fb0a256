/** A growing set of small whole numbers, one bit each. */
export class BitSet {
  #words = new Uint32Array(256);

  add(member: number): void {
    const word = member >>> 5;
    if (word >= this.#words.length) {
      const grown = new Uint32Array(Math.max(word + 1, this.#words.length * 2));
      grown.set(this.#words);
      this.#words = grown;
    }
    this.#words[word] = (this.#words[word] ?? 0) | (1 << (member & 31));
  }

  /** One more than the greatest member; 0 without any. */
  get end(): number {
    const word = this.#words.findLastIndex((bits) => bits !== 0);
    return word === -1 ? 0 : word * 32 + 32 - Math.clz32(this.#words[word] ?? 0);
  }

  save(): Uint32Array<ArrayBuffer> {
    return this.#words;
  }

  load(words: Uint32Array<ArrayBuffer>): void {
    this.#words = words;
  }

  has(member: number): boolean {
    return ((this.#words[member >>> 5] ?? 0) & (1 << (member & 31))) !== 0;
  }
}
