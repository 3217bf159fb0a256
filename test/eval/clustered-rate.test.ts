import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { ClusteredRate } from '../../src/eval/clustered-rate.ts';
import { Evaluation } from '../../src/eval/evaluation.ts';
import { rateOf, type Rate } from '../../src/eval/intervals.ts';

function rateOver(records: readonly (readonly [number, number])[], unit = 1): Rate {
  const rate = new ClusteredRate(unit);
  for (const [part, whole] of records) rate.add(part, whole);
  const found = rate.rate();
  if (found === undefined) throw new Error('nothing was counted');
  return found;
}

test('with one value a record it is the interval of Wilson', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { minLength: 1, maxLength: 60 }), (rights) => {
      const right = rights.filter(Boolean).length;
      const rate = rateOver(rights.map((isRight) => [isRight ? 1 : 0, 1]));
      const plain = rateOf(right, rights.length);
      expect(rate.value).toBe(right / rights.length);
      expect(rate.low).toBeCloseTo(plain?.low ?? -1, 9);
      expect(rate.high).toBeCloseTo(plain?.high ?? -1, 9);
    }),
    { numRuns: 200 },
  );
});

test('an F1 has the interval of precision and recall where all was answered and all was wanted', () => {
  const rate = rateOver([...Array.from({ length: 8 }, () => [2, 2] as const), [0, 2], [0, 2]], 2);
  expect(rate.low).toBeCloseTo(0.490162, 4);
  expect(rate.high).toBeCloseTo(0.943318, 4);
});

test('values that are wrong together say less than as many that are wrong apart', () => {
  const together = rateOver([...Array.from({ length: 9 }, () => [10, 10] as const), [0, 10]]);
  const apart = rateOver(Array.from({ length: 10 }, () => [9, 10] as const));
  expect([together.value, apart.value]).toEqual([0.9, 0.9]);
  expect(together.low).toBeCloseTo(rateOf(9, 10)?.low ?? -1, 9);
  expect(apart.low).toBeCloseTo(rateOf(90, 100)?.low ?? -1, 9);
});

test('where all are right each record counts once', () => {
  expect(rateOver(Array.from({ length: 10 }, () => [50, 50] as const))).toEqual(rateOf(10, 10));
  expect(new ClusteredRate().rate()).toBeUndefined();
});

test('of 400 samples whose lists are right or wrong as a whole, the true rate is in 95 of 100 intervals', () => {
  const random = mulberry(20_261_128);
  let inside = 0;
  let insideNaive = 0;
  for (let sample = 0; sample < 400; sample += 1) {
    const records = Array.from({ length: 60 }, (): [number, number] => {
      const size = 1 + Math.floor(random() * 12);
      // Half of the records are read badly: 0.55 of their values are right, of the others' 0.95.
      const share = random() < 0.5 ? 0.55 : 0.95;
      return [Array.from({ length: size }, () => random() < share).filter(Boolean).length, size];
    });
    const rate = rateOver(records);
    const [right, all] = [sum(records.map(([part]) => part)), sum(records.map(([, whole]) => whole))];
    const naive = rateOf(right, all);
    if (rate.low <= 0.75 && rate.high >= 0.75) inside += 1;
    if ((naive?.low ?? 1) <= 0.75 && (naive?.high ?? 0) >= 0.75) insideNaive += 1;
  }
  expect(inside / 400).toBeGreaterThan(0.925);
  expect(insideNaive / 400).toBeLessThan(0.9);
});

test('an evaluation tells the interval of each F1', () => {
  const evaluation = new Evaluation({ fields: ['total'], comparators: new Map() });
  for (let at = 0; at < 10; at += 1) evaluation.add(String(at), { total: 1 }, { total: at < 8 ? 1 : 2 });
  const { f1, intervals } = evaluation.report().fields['total'] ?? {};
  expect(f1).toBe(0.8);
  expect(intervals?.f1?.map((bound) => bound.toFixed(4))).toEqual(['0.4902', '0.9433']);
  expect(new Evaluation({ fields: ['total'], comparators: new Map() }).report().micro.intervals.f1).toBeNull();
});

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function mulberry(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
