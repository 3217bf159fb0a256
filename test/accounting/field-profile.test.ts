import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DistinctCount } from '../../src/accounting/distinct-count.ts';
import { ReportAggregates } from '../../src/accounting/run-profile.ts';
import type { JsonValue } from '../../src/json/value.ts';

const tokens = { prompt: 1, cached: 0, completion: 1, reasoning: 0, total: 2 };

function profileOf(rows: readonly JsonValue[]) {
  const aggregates = new ReportAggregates();
  for (const [index, data] of rows.entries())
    aggregates.addResult({ id: `r${index}`, index, data, attempts: 1, tokens, fingerprint: 'f' });
  return aggregates.profile();
}

test('the profile says of each field what the results hold', () => {
  const rows = [
    { company: 'Acme', total: 10, tags: ['a', 'b'] },
    { company: 'Acme', total: 20, tags: [] },
    { company: '', total: null },
    { company: 'Beta', total: 0 },
    { company: 'Beta', total: 20 },
  ];
  expect(profileOf(rows)).toEqual({
    results: 5,
    resultsBeyondFields: 0,
    fields: {
      company: {
        filled: 4,
        empty: 1,
        null: 0,
        missing: 0,
        distinct: 3,
        isDistinctExact: true,
        lengths: {
          text: {
            min: 0,
            max: 4,
            mean: 3.2,
            bins: [
              [0, 1],
              [4, 4],
            ],
          },
          list: null,
        },
        numbers: null,
        values: [
          { value: 'Acme', count: 2 },
          { value: 'Beta', count: 2 },
        ],
      },
      tags: {
        filled: 1,
        empty: 1,
        null: 0,
        missing: 3,
        distinct: null,
        isDistinctExact: false,
        lengths: {
          text: null,
          list: {
            min: 0,
            max: 2,
            mean: 1,
            bins: [
              [0, 1],
              [2, 1],
            ],
          },
        },
        numbers: null,
        values: null,
      },
      'tags[]': {
        filled: 2,
        empty: 0,
        null: 0,
        missing: 0,
        distinct: 2,
        isDistinctExact: true,
        lengths: { text: { min: 1, max: 1, mean: 1, bins: [[1, 2]] }, list: null },
        numbers: null,
        values: null,
        places: 2,
        independent: 1,
      },
      total: {
        filled: 4,
        empty: 0,
        null: 1,
        missing: 0,
        distinct: 3,
        isDistinctExact: true,
        lengths: { text: null, list: null },
        numbers: {
          min: 0,
          max: 20,
          mean: 12.5,
          bins: [
            [0, 1],
            [9.51366, 1],
            [19.0273, 2],
          ],
        },
        values: null,
      },
    },
  });
});

test('results that are no objects are counted, and no result is no field', () => {
  expect(profileOf(['text', 3])).toEqual({ results: 2, resultsBeyondFields: 2, fields: {} });
  expect(profileOf([])).toEqual({ results: 0, resultsBeyondFields: 0, fields: {} });
});

test('fields within objects and lists are told apart, each beside the places where it could be', () => {
  const { fields } = profileOf([
    { address: { city: 'Bonn', zip: null }, items: [{ price: 1 }, { price: 2 }, {}] },
    { address: null, items: [{ price: 3 }] },
    { address: { city: '' }, items: [] },
  ]);
  expect(Object.keys(fields)).toEqual(['address', 'address.city', 'address.zip', 'items', 'items[].price']);
  expect(fields['address']).toMatchObject({ filled: 2, null: 1, missing: 0 });
  expect(fields['address']).not.toHaveProperty('places');
  // Where there is no address there can be no city.
  expect(fields['address.city']).toMatchObject({ filled: 1, empty: 1, missing: 0, places: 2, independent: 2 });
  expect(fields['address.zip']).toMatchObject({ null: 1, missing: 1, places: 2 });
  // Four members, three of them in one result: worth 16 / (9 + 1) results at least.
  expect(fields['items[].price']).toMatchObject({ filled: 3, missing: 1, places: 4, independent: 2 });
});

test('objects with free keys and deep ones take no place of the fields of the data, and are noticed', () => {
  const keys = (count: number, prefix: string) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`${prefix}${index}`, 1]));
  const deep = JSON.parse(`${'{"a":'.repeat(3000)}1${'}'.repeat(3000)}`) as JsonValue;
  const profile = profileOf([
    { first: keys(500, 'x'), second: keys(500, 'y'), third: keys(500, 'z'), deep, last: 1 },
    { last: 2 },
  ]);
  expect(profile.resultsBeyondFields).toBe(1);
  expect(profile.fields['last']).toMatchObject({ filled: 2 });
  expect(Object.keys(profile.fields).length).toBeLessThanOrEqual(5 + 140);
});

test('a schema of 300 fields is known whole', () => {
  const wide = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`f${index}`, index]));
  const profile = profileOf([wide, wide]);
  expect([Object.keys(profile.fields).length, profile.resultsBeyondFields]).toEqual([300, 0]);
});

test('the profile does not depend on the order in which records end', () => {
  const value = fc.oneof(
    fc.constantFrom('a', 'b', 'c', '', null, true),
    fc.double({ noNaN: true, min: -1e6, max: 1e6 }),
  );
  const nested = fc.oneof(value, fc.array(fc.record({ inner: value }, { requiredKeys: [] }), { maxLength: 4 }));
  const row = fc.record({ one: value, two: nested }, { requiredKeys: [] });
  const orders = fc
    .array(row, { maxLength: 60 })
    .chain((rows) =>
      fc.tuple(fc.constant(rows), fc.shuffledSubarray(rows, { minLength: rows.length, maxLength: rows.length })),
    );
  fc.assert(
    fc.property(orders, ([rows, shuffled]) => {
      const [before, after] = [profileOf(rows), profileOf(shuffled)];
      for (const { numbers } of [...Object.values(before.fields), ...Object.values(after.fields)]) {
        // Where values cancel each other out, the last digits of a sum are all that is left of it.
        if (numbers !== null) numbers.mean = Math.round(numbers.mean * 1000);
      }
      expect(JSON.stringify(after)).toBe(JSON.stringify(before));
    }),
  );
});

test('DistinctCount is exact for few values, and within 10 % for many', () => {
  for (const count of [0, 1, 2, 10]) {
    const distinct = new DistinctCount();
    for (let turn = 0; turn < 3; turn += 1)
      for (let value = 0; value < count; value += 1) distinct.add(`value ${value}`);
    // Two values may share a register.
    expect(Math.abs(distinct.estimate() - count)).toBeLessThanOrEqual(count > 2 ? 1 : 0);
  }
  for (const count of [100, 1000, 5000, 100_000]) {
    const distinct = new DistinctCount();
    for (let value = 0; value < count; value += 1) distinct.add(`INV-2026-${value}`);
    expect(Math.abs(distinct.estimate() / count - 1)).toBeLessThan(0.1);
  }
});

test('DistinctCount tells long texts apart by their ends and their length', () => {
  const distinct = new DistinctCount();
  const middle = 'x'.repeat(5000);
  for (const text of [`a${middle}`, `${middle}b`, `c${middle}x`, middle]) distinct.add(text);
  expect(distinct.estimate()).toBe(4);
});
