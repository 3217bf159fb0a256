/** Counts how often each prompt came. Remembers the prompts seen last only, so that memory stays bounded. */
export class AttemptCounter {
  readonly #limit: number;
  readonly #counts = new Map<number, number>();

  constructor(limit = 32_768) {
    this.#limit = limit;
  }

  /** The 1-based number of this request among those with the same prompt. */
  next(promptHash: number): number {
    const attempt = (this.#counts.get(promptHash) ?? 0) + 1;
    if (attempt > 1) {
      // Moves the prompt to the end of the map's order, away from the next eviction.
      this.#counts.delete(promptHash);
    } else if (this.#counts.size >= this.#limit) {
      for (const oldest of this.#counts.keys()) {
        this.#counts.delete(oldest);
        break;
      }
    }
    this.#counts.set(promptHash, attempt);
    return attempt;
  }

  reset(): void {
    this.#counts.clear();
  }
}
