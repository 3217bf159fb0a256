import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalJson } from '../../src/json/canonical.ts';
import { isSameJson } from '../../src/json/same-json.ts';
import type { JsonValue } from '../../src/json/value.ts';

const json = fc
  .jsonValue({ maxDepth: 3 })
  .map((value) => JSON.parse(JSON.stringify(value)) as JsonValue)
  .filter((value) => !JSON.stringify(value).includes('__proto__'));

test('two JSON values are the same exactly when their canonical text is', () => {
  fc.assert(
    fc.property(json, json, (left, right) => {
      expect(isSameJson(left, right)).toBe(canonicalJson(left) === canonicalJson(right));
    }),
  );
});

test('a value is the same as its copy, with members in another order too', () => {
  fc.assert(
    fc.property(json, (value) => {
      expect(isSameJson(value, JSON.parse(JSON.stringify(value)))).toBe(true);
    }),
  );
  expect(isSameJson({ a: 1, b: [2] }, { b: [2], a: 1 })).toBe(true);
});

test('a name that all objects inherit is no member', () => {
  expect(isSameJson({ toString: 1 }, { other: 1 })).toBe(false);
  expect(isSameJson([], {})).toBe(false);
  expect(isSameJson({ 0: 'a' }, ['a'])).toBe(false);
});

test('only plain JSON is the same as JSON', () => {
  class Price {
    readonly amount = 5;
  }
  const map = new Map();
  const cases: [unknown, unknown][] = [
    [map, {}],
    [map, map],
    [new Set(), []],
    [new Price(), { amount: 5 }],
    [new Date(0), '1970-01-01T00:00:00.000Z'],
    [Number.NaN, Number.NaN],
    [Infinity, Infinity],
    [undefined, undefined],
    [{ a: undefined }, {}],
    [1n, 1],
  ];
  for (const [given, json] of cases) expect(isSameJson(given, json as JsonValue)).toBe(false);
  expect(isSameJson(Object.assign(Object.create(null), { a: [1] }), { a: [1] })).toBe(true);
});
