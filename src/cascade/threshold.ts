import { lowerBound, upperTail } from './binomial-tail.ts';

/** A cheap answer that was held against the strong model's. */
export interface Trial {
  /** How sure the cheap answer looks; any numbers in order. */
  score: number;
  agrees: boolean;
}

export interface AgreementPromise {
  /** The share of kept answers that is to agree with the strong model's, above 0 and below 1. */
  agree: number;
  /** How probable it may be that the promise is broken. */
  delta: number;
}

/** What the trials allow. */
export interface Threshold {
  /** Cheap answers with this score or more are kept; undefined where none may be. */
  score: number | undefined;
  /** Trials with this score or more, how many of them agree, and the exact lower bound of the rate. */
  trials: number;
  agreed: number;
  bound: number;
}

const STEPS = 20;

/**
 * Finds how sure a cheap answer has to be to be kept. Thresholds are tried from the strictest to the loosest, each at level `delta`, and the
 * first that fails ends it: testing in a fixed order needs no correction for the number of tests. Which thresholds are tried depends on
 * scores alone, and one with so few trials that it could hardly pass is left out, which costs nothing.
 */
export function findThreshold(trials: readonly Trial[], { agree, delta }: AgreementPromise): Threshold {
  const sorted = trials.toSorted((left, right) => right.score - left.score);
  const enough = 2 * Math.ceil(Math.log(delta) / Math.log(agree));
  let best: Threshold = { score: undefined, trials: 0, agreed: 0, bound: 0 };
  let tried = 0;
  let agreed = 0;
  for (const score of candidates(sorted)) {
    while (tried < sorted.length && (sorted[tried]?.score ?? -Infinity) >= score) {
      if (sorted[tried]?.agrees === true) agreed += 1;
      tried += 1;
    }
    if (tried < enough) continue;
    if (upperTail(agreed, tried, agree) > delta) break;
    best = { score, trials: tried, agreed, bound: 0 };
  }
  return { ...best, bound: lowerBound(best.agreed, best.trials, delta) };
}

/** Quantiles of the scores, from the highest down, each once. */
function candidates(sorted: readonly Trial[]): number[] {
  const at = Array.from({ length: STEPS + 1 }, (_, step) => Math.round((step / STEPS) * (sorted.length - 1)));
  return [...new Set(at.flatMap((place) => sorted[place]?.score ?? []))];
}
