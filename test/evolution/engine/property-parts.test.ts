import { describe, expect, test } from 'vitest';
import { Budget } from '../../../src/evolution/engine/budget.ts';
import { compareSchemas, compareWithin } from '../../../src/evolution/engine/compare-schemas.ts';
import { draftOf } from '../../../src/evolution/engine/draft.ts';
import { includesByParts } from '../../../src/evolution/engine/property-parts.ts';
import type { JsonObject, JsonValue } from '../../../src/json/value.ts';
import { randomEdit } from '../changes/random-schema-edits.ts';
import { randomFrom } from './zod-edits.ts';

const text = { type: 'string' };

test('what is included by its parts is never a break, whatever was edited', () => {
  let included = 0;
  for (let seed = 0; seed < 600; seed += 1) {
    const { older, newer } = randomEdit(randomFrom(seed));
    const draft = draftOf(older, undefined);
    if (draftOf(newer, undefined) !== draft) continue;
    const partOf = (part: JsonValue): JsonValue => ({ required: ['part'], properties: { part } });
    // The schemas as a whole are not asked for, so that only their parts tell.
    const includes = (narrow: JsonValue, wide: JsonValue): boolean =>
      ![older, newer].includes(narrow) &&
      compareWithin(new Budget(20_000), partOf(narrow), partOf(wide), { draft }).backward.verdict === 'compatible';
    const { backward, forward } = compareWithin(new Budget(50_000), older, newer);
    for (const [narrow, wide, { verdict }] of [
      [older, newer, backward],
      [newer, older, forward],
    ] as const) {
      if (!includesByParts(narrow, wide, includes, new Budget(50_000))) continue;
      included += 1;
      expect(verdict, `seed ${seed}`).not.toBe('breaking');
    }
  }
  expect(included).toBeGreaterThan(40);
});

describe('Schemas of very many properties are decided property by property', () => {
  const objectOf = (schemaOf: (index: number) => JsonValue, beside: JsonObject = {}): JsonObject => ({
    type: 'object',
    properties: Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`p${index}`, schemaOf(index)])),
    ...beside,
  });
  const closed = { additionalProperties: false };
  const some = { required: ['p0', 'p1', 'p2'] };
  const half = (index: number): JsonValue => (index % 2 === 0 ? text : { type: ['string', 'null'] });
  test.each([
    ['re-described', objectOf(() => text), objectOf(() => text, { title: 'Texts' }), 'compatible compatible'],
    ['half of them widened', objectOf(() => text, closed), objectOf(half, closed), 'compatible breaking'],
    ['some no longer required', objectOf(() => text, some), objectOf(half), 'compatible breaking'],
    ['one more', objectOf(() => text, closed), objectOf(() => text, {}), 'compatible breaking'],
    [
      'inside of another',
      { properties: { a: objectOf(() => text) } },
      { properties: { a: objectOf(half) } },
      'compatible breaking',
    ],
  ] as const)('%s', (_name, older, newer, wanted) => {
    const { backward, forward } = compareSchemas(older, newer, { budget: 300_000 });
    expect(`${backward.verdict} ${forward.verdict}`).toBe(wanted);
  });

  const open: JsonObject = { properties: { a: text } };
  test.each([
    ['what is left unevaluated', { ...open, unevaluatedProperties: false }, { unevaluatedProperties: false }],
    ['a pattern', { ...open, patternProperties: { a: text } }, { patternProperties: { a: text } }],
    ['what the reader demands', open, { ...open, required: ['a'] }],
    ['what the reader closes', open, { ...open, additionalProperties: false }],
    ['what else the reader asks', open, { ...open, minProperties: 1 }],
    ['a count that the writer lowers', { ...open, contains: text, minContains: 0 }, { ...open, contains: text }],
  ])('%s is no matter of single properties', (_name, narrow: JsonObject, wide: JsonObject) => {
    const includes = (left: JsonValue, right: JsonValue): boolean => left !== narrow && right !== false;
    expect(includesByParts(narrow, wide, includes, new Budget(100_000))).toBe(false);
  });

  test('what a reference leads to depends on more than the part', () => {
    const object = (root: JsonObject): JsonObject => ({ properties: { a: { $ref: '#/$defs/a' } }, ...root });
    const [narrow, wide] = [object({ $defs: { a: {} } }), object({ $defs: { a: text } })];
    expect(includesByParts(narrow, wide, (part) => part !== narrow, new Budget(1_000))).toBe(false);
  });
});
