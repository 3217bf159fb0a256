import type { PartAnswer } from './merge-parts.ts';

type Signal = 'confidence' | 'logprobs';
const SIGNALS: readonly Signal[] = ['confidence', 'logprobs'];

/** Collects what is known of the values of the parts, for what is merged of them: how far readings agree, and how probable the tokens were. */
export class PartShares {
  readonly #told: Partial<Record<Signal, Record<string, number>>> = {};

  /** Takes over what is known of the value at `from` in a part's answer, and of all inside it, which now stands at `to`. */
  take(part: PartAnswer, from: string, to: string): void {
    for (const signal of SIGNALS) {
      for (const [path, value] of Object.entries(part[signal] ?? {})) {
        if (path !== from && !path.startsWith(`${from}/`)) continue;
        const place = to + path.slice(from.length);
        const told = (this.#told[signal] ??= {});
        told[place] = Math.min(value, told[place] ?? value);
      }
    }
  }

  /** Nothing, where every part was read once and no server tells. */
  told(): Partial<Record<Signal, Record<string, number>>> {
    return this.#told;
  }
}
