/** Two-sided 95 % of the normal distribution. */
const Z = 1.959964;

/** A rate with what it may as well be, as few trials say little. All from 0 to 1. */
export interface Rate {
  value: number;
  low: number;
  high: number;
}

/**
 * A rate of successes with Wilson's interval at 95 % (Wilson 1927): it stays within 0 and 1, and is honest for few trials and for rates
 * near either end. Undefined where there was no trial.
 */
export function rateOf(successes: number, trials: number): Rate | undefined {
  if (trials === 0) return undefined;
  const value = successes / trials;
  const scale = 1 + Z ** 2 / trials;
  const centre = (value + Z ** 2 / (2 * trials)) / scale;
  const half = (Z * Math.sqrt((value * (1 - value)) / trials + Z ** 2 / (4 * trials ** 2))) / scale;
  return { value, low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}

/**
 * The exact McNemar test: how probable it is that two ways to answer are equally good and yet differ so much. `onlyFirst` and
 * `onlySecond` are the records that only one of them has right. Two-sided, from 0 to 1.
 */
export function mcNemar(onlyFirst: number, onlySecond: number): number {
  const trials = onlyFirst + onlySecond;
  const fewer = Math.min(onlyFirst, onlySecond);
  let sum = 0;
  let logTerm = -trials * Math.LN2;
  for (let at = 0; at <= fewer; at += 1) {
    sum += Math.exp(logTerm);
    logTerm += Math.log(trials - at) - Math.log(at + 1);
  }
  return Math.min(1, 2 * sum);
}
