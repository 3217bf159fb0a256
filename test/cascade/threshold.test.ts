import { describe, expect, test } from 'vitest';
import { lowerBound, upperTail } from '../../src/cascade/binomial-tail.ts';
import { findThreshold, type Trial } from '../../src/cascade/threshold.ts';

describe('the exact bound', () => {
  // Solved with sums of exact terms at sixty digits.
  test.each([
    [10, 10, 0.05, 0.741134449],
    [9, 10, 0.05, 0.605836698],
    [95, 100, 0.1, 0.90922853],
    [290, 300, 0.1, 0.94910793],
    [1, 50, 0.1, 0.002104992],
    [985, 1000, 0.05, 0.976996451],
    [0, 20, 0.1, 0],
  ])('of %i in %i at %f', (successes, trials, delta, bound) => {
    expect(lowerBound(successes, trials, delta)).toBeCloseTo(bound, 8);
  });

  test('tails are what the terms add up to, also of very many trials', () => {
    expect(upperTail(2, 3, 0.5)).toBeCloseTo(0.5, 12);
    expect(upperTail(0, 3, 0.5)).toBe(1);
    expect(upperTail(3, 3, 0.5)).toBeCloseTo(0.125, 12);
    expect(upperTail(5000, 10_000, 0.5)).toBeCloseTo(0.503989, 5);
  });
});

describe('the threshold', () => {
  const promise = { agree: 0.9, delta: 0.1 };
  const trials = (score: number, agreed: number, others: number): Trial[] => [
    ...Array.from({ length: agreed }, () => ({ score, agrees: true })),
    ...Array.from({ length: others }, () => ({ score, agrees: false })),
  ];

  test('is the loosest that the trials bear out', () => {
    const given = [...trials(1, 100, 1), ...trials(0.67, 95, 5), ...trials(0.33, 40, 60)];
    expect(findThreshold(given, promise)).toMatchObject({ score: 0.67, trials: 201, agreed: 195 });
  });

  test('nothing passes, nothing is kept', () => {
    expect(findThreshold(trials(1, 80, 20), promise)).toEqual({ score: undefined, trials: 0, agreed: 0, bound: 0 });
    expect(findThreshold([], promise).score).toBeUndefined();
    // 21 of 21 are not enough to tell: 44 are.
    expect(findThreshold(trials(1, 21, 0), promise).score).toBeUndefined();
    expect(findThreshold(trials(1, 44, 0), promise).score).toBe(1);
  });

  test('the first that fails ends it, whatever comes after', () => {
    const given = [...trials(1, 50, 50), ...trials(0.5, 900, 0)];
    expect(findThreshold(given, promise).score).toBeUndefined();
  });
});

/** A generator of numbers from 0 to 1 that gives the same again (Mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** How scores and agreement of cheap answers hang together. */
const worlds: Record<string, (random: () => number) => Trial> = {
  // A score that says nearly how probable agreement is.
  good: (random) => {
    const score = 1 - random() ** 2 * 0.6;
    return { score, agrees: random() < score };
  },
  // A score that says little.
  weak: (random) => {
    const score = random();
    return { score, agrees: random() < 0.86 + 0.12 * score };
  },
  // The surest answers are not the best.
  trap: (random) => {
    const score = random();
    return { score, agrees: random() < (score > 0.9 ? 0.85 : 0.9 + 0.08 * score) };
  },
  // Shares of three readings.
  'three readings': (random) => {
    const score = [1, 1, 1, 0.6667, 0.6667, 0.3333][Math.floor(random() * 6)] ?? 1;
    return { score, agrees: random() < 0.5 + 0.47 * score };
  },
};

const RECORDS = 2000;
const RUNS = 400;
const settings = Object.keys(worlds).flatMap((world) =>
  [0.8, 0.9, 0.95].flatMap((agree) => [150, 300].map((calibrate) => ({ world, agree, calibrate }))),
);

test.each(settings)(
  'simulated: $world, $agree to agree, $calibrate records held against the strong model: the promise is kept',
  ({ world, agree, calibrate }) => {
    const draw = worlds[world];
    if (draw === undefined) throw new Error('There is no such world');
    const delta = 0.1;
    let broken = 0;
    let kept = 0;
    for (let run = 0; run < RUNS; run += 1) {
      const random = randomFrom(run * 7919 + calibrate);
      const trials = Array.from({ length: calibrate }, () => draw(random));
      const { score } = findThreshold(trials, { agree, delta });
      if (score === undefined) continue;
      let all = 0;
      let agreed = 0;
      for (let record = calibrate; record < RECORDS; record += 1) {
        const one = draw(random);
        if (one.score < score) continue;
        all += 1;
        if (one.agrees) agreed += 1;
      }
      kept += all;
      if (all > 0 && agreed / all < agree) broken += 1;
    }
    expect(broken).toBeLessThanOrEqual(delta * RUNS);
    // Where the promise is an easy one, it also saves something.
    if (agree === 0.8 && (world === 'good' || world === 'weak'))
      expect(kept).toBeGreaterThan(0.5 * RUNS * (RECORDS - calibrate));
  },
);
