import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareSchemas } from '../../../src/evolution/engine/compare-schemas.ts';
import { SchemaDocument } from '../../../src/evolution/engine/schema-document.ts';
import { Validator } from '../../../src/evolution/engine/validate.ts';
import type { JsonObject, JsonValue } from '../../../src/json/value.ts';

const VALUES: readonly JsonValue[] = ['a', 'b', 0, 1, null];

/** Every array of up to three of the values. */
const ARRAYS: readonly (readonly JsonValue[])[] = [0, 1, 2].reduce<(readonly JsonValue[])[]>(
  (arrays, length) => [
    ...arrays,
    ...arrays.filter((array) => array.length === length).flatMap((array) => VALUES.map((value) => [...array, value])),
  ],
  [[]],
);

const KINDS: readonly JsonValue[] = [
  { type: 'string' },
  { type: 'number' },
  { enum: ['a', 1] },
  { type: 'number', minimum: 1 },
  { not: { type: 'string' } },
];
const kinds = fc.constantFrom(...KINDS);
const counts = fc.integer({ min: 0, max: 3 });
const contains: fc.Arbitrary<JsonObject> = fc.record(
  { contains: kinds, minContains: counts, maxContains: counts },
  { requiredKeys: ['contains'] },
);
const schemas: fc.Arbitrary<JsonObject> = fc
  .tuple(
    contains,
    fc.record(
      {
        items: kinds,
        prefixItems: fc.array(kinds, { minLength: 1, maxLength: 2 }),
        maxItems: fc.integer({ min: 2, max: 3 }),
        uniqueItems: fc.boolean(),
        allOf: fc.tuple(contains),
      },
      { requiredKeys: [] },
    ),
  )
  .map(([counted, beside]) => ({ type: 'array', ...beside, ...counted }));

/** Two schemas, or one and the same with a keyword as in the other. */
const pairs = fc
  .tuple(schemas, schemas, fc.constantFrom('contains', 'minContains', 'maxContains', 'all'))
  .map(([older, newer, keyword]): readonly [JsonObject, JsonObject] =>
    keyword === 'all' ? [older, newer] : [older, { ...older, [keyword]: newer[keyword] }],
  )
  .map(([older, newer]) => [plain(older), plain(newer)] as const);

function plain(schema: JsonObject): JsonObject {
  return JSON.parse(JSON.stringify(schema)) as JsonObject;
}

describe('Items that are counted', () => {
  test.each<[string, JsonObject, JsonObject, string, string]>([
    ['fewer demanded', { minContains: 3 }, { minContains: 2 }, 'compatible', 'breaking'],
    ['more allowed', { maxContains: 2 }, { maxContains: 4 }, 'compatible', 'breaking'],
    [
      'as many as there may be items',
      { maxContains: 5, maxItems: 2 },
      { maxContains: 2, maxItems: 2 },
      'compatible',
      'compatible',
    ],
    ['more than there may be items', { minContains: 3, maxItems: 2 }, { type: 'null' }, 'compatible', 'breaking'],
    [
      'of another, narrower kind',
      { contains: { enum: ['a'] }, minContains: 2 },
      { minContains: 2 },
      'compatible',
      'breaking',
    ],
  ])('%s', (_, before, after, backward, forward) => {
    const base = { type: 'array', contains: { type: 'string' } };
    const comparison = compareSchemas({ ...base, ...before }, { ...base, ...after });
    expect([comparison.backward.verdict, comparison.forward.verdict]).toEqual([backward, forward]);
  });

  test('two kinds share items only where one item can be of both', () => {
    const two = (first: JsonValue, second: JsonValue): JsonValue => ({
      maxItems: 3,
      type: 'array',
      allOf: [
        { contains: first, minContains: 2 },
        { contains: second, minContains: 2 },
      ],
    });
    const nothing = { type: 'string' };
    expect(compareSchemas(two({ type: 'string' }, { type: 'number' }), nothing).backward.verdict).toBe('compatible');
    expect(compareSchemas(two({ type: 'string' }, { enum: ['a', 1] }), nothing).backward).toMatchObject({
      verdict: 'breaking',
    });
  });

  test('too many to look into are left undecided', () => {
    const schema = (minContains: number): JsonValue => ({ type: 'array', contains: { type: 'string' }, minContains });
    expect(compareSchemas(schema(100_000), schema(100_001)).backward.verdict).toBe('unknown');
    expect(compareSchemas(schema(100_000), schema(100_000)).backward.verdict).toBe('compatible');
  });

  test('counts too large to look into are left aside where the lengths decide', () => {
    const older = { type: 'array', contains: { const: 1 }, minContains: 300, maxItems: 500 };
    const { backward, forward } = compareSchemas(older, { ...older, maxItems: 600 });
    expect([backward.verdict, forward.verdict]).toEqual(['compatible', 'unknown']);
    const tooFew = { ...older, maxItems: 200 };
    expect(compareSchemas(tooFew, { type: 'string' }).backward.verdict).toBe('compatible');
  });

  test('no short array refutes a verdict, and validation confirms what breaks', () => {
    // Not ajv: it takes an empty array for one that contains something where there are prefixItems.
    const testOf = (schema: JsonObject): ((array: JsonValue) => boolean) => {
      const validator = new Validator(new SchemaDocument(schema, '2020-12'));
      return (array) => validator.accepts(array);
    };
    const tally = { compatible: 0, breaking: 0, unknown: 0 };
    fc.assert(
      fc.property(pairs, ([older, newer]) => {
        const isOld = testOf(older);
        const isNew = testOf(newer);
        const { backward, forward } = compareSchemas(older, newer, { budget: 50_000 });
        for (const [{ verdict, witness }, writes, reads] of [
          [backward, isOld, isNew],
          [forward, isNew, isOld],
        ] as const) {
          tally[verdict] += 1;
          if (verdict === 'breaking') expect([writes(witness ?? null), reads(witness ?? null)]).toEqual([true, false]);
          if (verdict === 'compatible') expect(ARRAYS.find((array) => writes(array) && !reads(array))).toBeUndefined();
        }
      }),
      { numRuns: 200 },
    );
    expect(tally.compatible).toBeGreaterThan(20);
    expect(tally.breaking).toBeGreaterThan(20);
    expect(tally.unknown).toBeLessThan(20);
  });
});
