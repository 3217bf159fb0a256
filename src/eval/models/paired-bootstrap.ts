import type { StatusCounts } from '../score-tally.ts';

const DRAWS = 2000;

/** F1 over records: 2 · match / (answered + wanted); undefined where there is nothing to count. */
export function f1Of(counts: Iterable<StatusCounts>): number | undefined {
  let right = 0;
  let all = 0;
  for (const { match, mismatch, omission, hallucination } of counts) {
    right += match;
    all += 2 * match + 2 * mismatch + omission + hallucination;
  }
  return all === 0 ? undefined : (2 * right) / all;
}

/**
 * The interval at 95 % of a difference of two F1 on the same records, by the paired bootstrap: records are drawn with replacement, 2,000
 * times, the same for both. Seeded, so that the same records give the same interval.
 */
export function differenceInterval(first: readonly StatusCounts[], second: readonly StatusCounts[]): [number, number] {
  const random = seeded(first.length);
  const differences: number[] = [];
  for (let draw = 0; draw < DRAWS; draw += 1) {
    const chosen = Array.from(first, () => Math.floor(random() * first.length));
    differences.push((f1Of(pick(first, chosen)) ?? 0) - (f1Of(pick(second, chosen)) ?? 0));
  }
  differences.sort((left, right) => left - right);
  return [differences[Math.floor(DRAWS * 0.025)] ?? 0, differences[Math.ceil(DRAWS * 0.975) - 1] ?? 0];
}

function* pick(counts: readonly StatusCounts[], chosen: readonly number[]): Generator<StatusCounts> {
  for (const at of chosen) {
    const one = counts[at];
    if (one !== undefined) yield one;
  }
}

/** Mulberry32: 32 bits of state, enough for a few thousand draws. */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
