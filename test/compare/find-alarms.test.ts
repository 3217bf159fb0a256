import { describe, expect, test } from 'vitest';
import type { CascadeReport } from '../../src/accounting/cascade-tally.ts';
import { compareNights } from '../../src/compare/comparison.ts';
import { night, randomFrom, type Draft } from './nights.ts';

function alarmsOf(before: Draft, after: Draft): string[] {
  return compareNights(night(1, before), night(2, after)).alarms.map(({ kind }) => kind);
}

describe('latency', () => {
  const slow: Draft = { p90: 2700 };

  test('is an alarm where many calls of both runs say so', () => {
    expect(alarmsOf({ calls: 200 }, { ...slow, calls: 200 })).toEqual(['latency']);
  });

  test.each([
    { name: 'the run before had few calls', before: 199, after: 4000 },
    { name: 'this run had few calls', before: 4000, after: 199 },
  ])('is none where $name', ({ before, after }) => {
    expect(alarmsOf({ calls: before }, { ...slow, calls: after })).toEqual([]);
  });

  test('is none for a few milliseconds, as calls of the emulator take on a busy machine', () => {
    expect(alarmsOf({ p90: 20 }, { p90: 90 })).toEqual([]);
    expect(alarmsOf({ p90: 20 }, { p90: 270 })).toEqual(['latency']);
  });

  test('is that of calls that somebody waited for: lines of batch jobs have none', () => {
    const [before, after] = [night(1), night(2, slow)];
    const batch = { calls: { batch: 300, online: 100 } } as NonNullable<typeof after.usage.batch>;
    expect(compareNights(before, { ...after, usage: { ...after.usage, batch } }).alarms).toEqual([]);
  });
});

describe('the cost of a record', () => {
  test('scatters over twenty nights of few and unlike records without an alarm', () => {
    const random = randomFrom(7);
    // Most texts are short, some ten times as long.
    const usdOf = (records: number): number =>
      Array.from({ length: records }, () => 0.0005 * Math.exp(3 * random() - 1)).reduce((sum, usd) => sum + usd, 0);
    const nights = Array.from({ length: 20 }, (_, seed) => {
      const records = 12 + 2 * (seed % 5);
      return night(seed + 1, { records, rejected: 0, usd: usdOf(records) });
    });
    const costs = nights.flatMap((before, index) =>
      nights
        .slice(index + 1)
        .flatMap((after) => compareNights(before, after).alarms.filter(({ kind }) => kind === 'cost')),
    );
    expect(costs).toEqual([]);
  });

  test('of few records is an alarm where it is many times as much', () => {
    const few: Draft = { records: 38, rejected: 0 };
    expect(alarmsOf({ ...few, usd: 0.02 }, { ...few, usd: 0.04 })).toEqual([]);
    expect(alarmsOf({ ...few, usd: 0.02 }, { ...few, usd: 0.2 })).toEqual(['cost']);
  });

  test('of a cascade scatters with the few records that its strong model is asked for', () => {
    const [calm, busy] = [cascadeWith(8), cascadeWith(18)];
    expect(alarmsOf({ usd: 0.2 + 0.16, cascade: calm }, { usd: 0.2 + 0.36, cascade: busy })).toEqual([]);
    expect(alarmsOf({ usd: 0.36, cascade: calm }, { usd: 1.8, cascade: cascadeWith(80) })).toEqual(['cost']);
  });
});

describe('another model', () => {
  test('is an alarm for one call without a cascade', () => {
    const after = night(2);
    after.usage.byModel['google/gemini-x-002'] = { calls: 1, tokens: { ...after.usage.tokens } };
    expect(compareNights(night(1), after).alarms.map(({ message }) => message)).toEqual([
      'google/gemini-x, google/gemini-x-002 answered, before google/gemini-x',
    ]);
  });

  test('is none where a cascade asks its strong model for some records on one night and for none on another', () => {
    const [none, some] = [cascadeWith(0), cascadeWith(4)];
    expect(alarmsOf({ cascade: none }, { cascade: some })).toEqual([]);
    expect(alarmsOf({ cascade: some }, { cascade: none })).toEqual([]);
    expect(alarmsOf({ cascade: none }, { cascade: cascadeWith(40) })).toEqual(['model']);
    expect(alarmsOf({ cascade: none }, { cascade: none, model: 'google/gemini-y' })).toEqual(['model']);
  });
});

describe('the number of records', () => {
  test('of a small feed may double', () => {
    expect(alarmsOf({ records: 3, rejected: 0 }, { records: 7, rejected: 0 })).toEqual([]);
    expect(alarmsOf({ records: 10, rejected: 0 }, { records: 20, rejected: 0 })).toEqual(['records']);
    expect(alarmsOf({ records: 38, rejected: 0 }, { records: 19, rejected: 0 })).toEqual(['records']);
  });

  test("is held against a factor of one's own as it is", () => {
    const { alarms } = compareNights(night(1, { records: 30 }), night(2, { records: 33 }), null, { records: 1.05 });
    expect(alarms.map(({ kind }) => kind)).toContain('records');
  });

  test('is an alarm where none is left', () => {
    expect(alarmsOf({ records: 3, rejected: 0 }, { records: 0, rejected: 0 })).toContain('records');
  });
});

/** A cascade whose strong model costs 0.02 dollars a record, forty times its cheap one. */
function cascadeWith(strong: number): CascadeReport {
  return {
    kept: 400 - strong,
    escalated: { unsure: strong },
    cheap: { calls: 400, tokens: 1, usd: 0.2 },
    strong: { calls: strong, tokens: 1, usd: 0.02 * strong },
    savedUsd: null,
    promise: null,
  };
}
