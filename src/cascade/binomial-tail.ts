/** How probable at least `successes` of `trials` are, where each comes with `chance`, above 0 and below 1. */
export function upperTail(successes: number, trials: number, chance: number): number {
  if (successes <= 0) return 1;
  const odds = Math.log1p(-chance) - Math.log(chance);
  // From the last term down, in logarithms: of many trials it is too small for a number.
  let term = trials * Math.log(chance);
  let sum = 0;
  for (let count = trials; count >= successes; count -= 1) {
    sum += Math.exp(term);
    term += Math.log(count) - Math.log(trials - count + 1) + odds;
  }
  return Math.min(1, sum);
}

/**
 * The exact lower bound of a rate (Clopper and Pearson 1934): where the true one is below it, so many successes come with a probability of
 * `delta` at most.
 */
export function lowerBound(successes: number, trials: number, delta: number): number {
  if (successes === 0 || trials === 0) return 0;
  let [low, high] = [0, 1];
  for (let step = 0; step < 60; step += 1) {
    const middle = (low + high) / 2;
    if (upperTail(successes, trials, middle) <= delta) low = middle;
    else high = middle;
  }
  return low;
}
