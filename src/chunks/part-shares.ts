import type { PartAnswer } from './merge-parts.ts';

/** Collects how far the readings of the parts agree in what is merged of them. */
export class PartShares {
  readonly #shares: Record<string, number> = {};

  /** Takes over what a part's readings say of the value at `from` in its answer, and of all inside it, which now stands at `to`. */
  take({ confidence = {} }: PartAnswer, from: string, to: string): void {
    for (const [path, share] of Object.entries(confidence)) {
      if (path !== from && !path.startsWith(`${from}/`)) continue;
      const place = to + path.slice(from.length);
      this.#shares[place] = Math.min(share, this.#shares[place] ?? 1);
    }
  }

  /** Nothing, where every part was read once. */
  told(): { confidence?: Record<string, number> } {
    return Object.keys(this.#shares).length === 0 ? {} : { confidence: this.#shares };
  }
}
