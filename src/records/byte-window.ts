/**
 * The bytes that have arrived and are not used up yet. Appending to a long unfinished row copies every byte a constant
 * number of times on average, however small the chunks are.
 */
export class ByteWindow {
  /** Bytes up to the end of the window; those before `start` are used up. Replaced by `append`. */
  bytes: Buffer = Buffer.alloc(0);
  /** Where the unused bytes begin. */
  start = 0;
  /** How many bytes came before the first of `bytes`. */
  #passed = 0;
  /** The memory behind `bytes`, if it is ours to write to: chunks belong to whoever made them. */
  #memory: Buffer | undefined;

  /** Where a byte of the window stands among all that were appended. */
  offsetOf(at: number): number {
    return this.#passed + at;
  }

  append(chunk: Buffer): void {
    const kept = this.bytes.length - this.start;
    if (kept === 0) {
      this.#passed += this.bytes.length;
      this.bytes = chunk;
      this.start = 0;
      this.#memory = undefined;
      return;
    }
    const needed = kept + chunk.length;
    if (this.#memory === undefined || this.bytes.length + chunk.length > this.#memory.length) {
      const from = this.bytes.subarray(this.start);
      // Moving to the front pays only where at least as much is freed as is moved.
      const roomInFront = this.#memory !== undefined && this.start >= kept && needed <= this.#memory.length;
      if (this.#memory === undefined || !roomInFront) this.#memory = Buffer.allocUnsafe(kept + needed);
      this.#memory.set(from, 0);
      this.#passed += this.start;
      this.start = 0;
      this.bytes = this.#memory.subarray(0, kept);
    }
    const end = this.bytes.length;
    this.#memory.set(chunk, end);
    this.bytes = this.#memory.subarray(0, end + chunk.length);
  }

  /** Drops everything. */
  clear(): void {
    this.#passed += this.bytes.length;
    this.bytes = Buffer.alloc(0);
    this.start = 0;
    this.#memory = undefined;
  }
}
