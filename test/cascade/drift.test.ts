import { expect, test } from 'vitest';
import { CascadeDrift, type DriftOptions } from '../../src/cascade/drift.ts';

const options: DriftOptions = { promise: { agree: 0.9, delta: 0.1 }, keep: 0.8, share: 0.1 };
const ids = Array.from({ length: 5_000 }, (_, at) => `record ${at}`);

test('a tenth of the answers that would be kept is sampled by their ids, and of the others none', () => {
  const drift = new CascadeDrift(options);
  const sampled = ids.filter((id) => drift.reasonAgainst(id, 0.8) === 'drift');
  expect(sampled.length / ids.length).toBeCloseTo(0.1, 1);
  expect(sampled.every((id) => drift.isTrial(id, 0.9) && !drift.isTrial(id, 0.7))).toBe(true);
  expect(ids.every((id) => drift.reasonAgainst(id, 0.7) === 'unsure')).toBe(true);
  expect(ids.some((id) => drift.reasonAgainst(id, 0.8) === undefined)).toBe(true);
});

test('once too many of the sample disagree nothing is kept, whatever comes afterwards', () => {
  const drift = new CascadeDrift(options);
  for (let at = 0; at < 4; at += 1) drift.add({ score: 1, agrees: false });
  expect(drift.report()).toMatchObject({ trials: 4, agreed: 0, threshold: 0.8, hasDrifted: true });
  expect(ids.every((id) => drift.reasonAgainst(id, 1) === 'drifted')).toBe(true);
  for (let at = 0; at < 500; at += 1) drift.add({ score: 1, agrees: true });
  expect(drift.report().hasDrifted).toBe(true);
});

test('answers that would not be kept say nothing of those that are', () => {
  const drift = new CascadeDrift(options);
  for (let at = 0; at < 50; at += 1) drift.add({ score: 0.7, agrees: false });
  expect(drift.report()).toMatchObject({ trials: 0, hasDrifted: false });
});

/** Numbers from 0 to 1 that look random and are the same in every run (mulberry32). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** So many that one in a hundred too many would show. */
const RUNS = 300;

/** Of `RUNS` runs of 400 trials each, how many come to see a drift, and after how many trials in the median. */
function simulate(rate: number, promise: DriftOptions['promise']): { found: number; median: number } {
  const ends: number[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    const draw = random(run * 7919 + Math.round(rate * 1_000));
    const drift = new CascadeDrift({ ...options, promise });
    for (let trial = 1; trial <= 400; trial += 1) {
      drift.add({ score: 1, agrees: draw() < rate });
      if (!drift.report().hasDrifted) continue;
      ends.push(trial);
      break;
    }
  }
  return {
    found: ends.length,
    median: ends.sort((left, right) => left - right)[Math.floor(ends.length / 2)] ?? Infinity,
  };
}

// Looked at after each of 400 trials, as a run does.
test.each([
  [0.9, 0.9, 0.1],
  [0.95, 0.95, 0.1],
  [0.8, 0.8, 0.05],
  [0.97, 0.95, 0.1],
])('where %f agree and %f are promised, a drift is seen in at most delta of the runs', (rate, agree, delta) => {
  expect(simulate(rate, { agree, delta }).found).toBeLessThanOrEqual(delta * RUNS);
});

test('where far fewer agree, a few trials show it', () => {
  const half = simulate(0.5, options.promise);
  expect(half.found).toBe(RUNS);
  expect(half.median).toBeLessThan(15);
  const some = simulate(0.75, options.promise);
  expect(some.found).toBeGreaterThan(0.95 * RUNS);
  expect(some.median).toBeLessThan(80);
});
