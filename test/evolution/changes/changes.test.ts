import { expect, test } from 'vitest';
import { z } from 'zod';
import { changeRules } from '../../../src/evolution/changes/change-rules.ts';
import { compareSchemas } from '../../../src/evolution/engine/compare-schemas.ts';
import type { JsonObject, JsonValue } from '../../../src/json/value.ts';

function rulesOf(older: JsonValue, newer: JsonValue): string[] {
  return compareSchemas(older, newer).changes.map(
    ({ rule, pointer, affects, severity }) => `${rule} ${pointer} ${affects.join('+')} ${severity}`,
  );
}

const object = (fields: Record<string, z.ZodType>): JsonValue => z.toJSONSchema(z.object(fields)) as JsonValue;

test.each<[string, JsonValue, JsonValue, string[]]>([
  [
    'removed property',
    object({ a: z.string(), b: z.number() }),
    object({ b: z.number() }),
    ['required-property-removed /properties/a backward+forward breaking'],
  ],
  [
    'added optional property',
    object({ a: z.string() }),
    object({ a: z.string(), b: z.string().optional() }),
    ['property-added /properties/b forward breaking'],
  ],
  [
    'optional becomes required',
    object({ a: z.string().optional() }),
    object({ a: z.string() }),
    ['property-became-required /properties/a backward breaking'],
  ],
  [
    'enum value',
    object({ a: z.enum(['x']) }),
    object({ a: z.enum(['x', 'y']) }),
    ['enum-value-added /properties/a/enum forward breaking'],
  ],
  [
    'maximum',
    object({ a: z.number().max(9) }),
    object({ a: z.number().max(5) }),
    ['maximum-lowered /properties/a/maximum backward breaking'],
  ],
  [
    'length without effect',
    { enum: ['ab'], maxLength: 5 },
    { enum: ['ab'], maxLength: 3 },
    ['max-length-lowered /maxLength backward compatible'],
  ],
  [
    'nullable',
    object({ a: z.string() }),
    object({ a: z.string().nullable() }),
    ['type-widened /properties/a/type forward breaking'],
  ],
  [
    'nullable union',
    { anyOf: [{ type: 'string' }] },
    { anyOf: [{ type: 'string' }, { type: 'null' }] },
    ['type-widened /anyOf/1 forward breaking'],
  ],
  ['narrowed type', { type: ['string', 'integer'] }, { type: 'string' }, ['type-narrowed /type backward breaking']],
  ['other type', { type: 'string' }, { type: 'number' }, ['type-changed /type backward+forward breaking']],
  [
    'closed object',
    { type: 'object' },
    { type: 'object', additionalProperties: false },
    ['additional-properties-closed /additionalProperties backward breaking'],
  ],
  [
    'tuple item',
    { prefixItems: [true] },
    { prefixItems: [true, { type: 'null' }] },
    ['tuple-item-added /prefixItems/1 backward+forward breaking'],
  ],
  [
    'nested in items',
    { items: { type: 'integer' } },
    { items: { type: 'number' } },
    ['type-widened /items/type forward breaking'],
  ],
  [
    'variant of a discriminated union',
    z.toJSONSchema(
      z.discriminatedUnion('k', [z.object({ k: z.literal('a') }), z.object({ k: z.literal('b') })]),
    ) as JsonValue,
    z.toJSONSchema(
      z.discriminatedUnion('k', [z.object({ k: z.literal('b'), n: z.null() }), z.object({ k: z.literal('a') })]),
    ) as JsonValue,
    ['required-property-added /oneOf/0/properties/n backward+forward breaking'],
  ],
  [
    'anything else',
    { dependentRequired: { a: ['b'] } },
    { dependentRequired: { a: ['c'] } },
    ['keyword-changed /dependentRequired backward+forward breaking'],
  ],
])('%s', (_, older, newer, wanted) => {
  expect(rulesOf(older, newer)).toEqual(wanted);
});

const short = { type: 'string', maxLength: 2 };
const long = { type: 'string', maxLength: 5 };
const lowered = (pointer: string): string => `max-length-lowered ${pointer}/maxLength backward breaking`;

/** Schemas with another one inside, and what is listed when that one becomes narrower. */
test.each<[string, (inner: JsonValue) => JsonValue, string]>([
  ['a record', (inner) => ({ additionalProperties: inner }), lowered('/additionalProperties')],
  ['allOf', (inner) => ({ allOf: [{ title: 'T' }, inner] }), lowered('/allOf/1')],
  ['patternProperties', (inner) => ({ patternProperties: { '^x': inner } }), lowered('/patternProperties/^x')],
  ['propertyNames', (inner) => ({ propertyNames: inner }), lowered('/propertyNames')],
  [
    'dependentSchemas',
    (inner) => ({ dependentSchemas: { p: { properties: { q: inner } } } }),
    lowered('/dependentSchemas/p/properties/q'),
  ],
  ['else', (inner) => ({ if: { maxLength: 0 }, else: inner }), lowered('/else')],
  ['if', (inner) => ({ if: inner, else: false }), 'max-length-lowered /if/maxLength backward+forward breaking'],
  ['contains', (inner) => ({ type: 'array', contains: inner }), lowered('/contains')],
  ['not, where less is more', (inner) => ({ not: inner }), 'max-length-lowered /not/maxLength forward breaking'],
  [
    'not in not',
    (inner) => ({ not: { type: 'object', properties: { a: { not: inner } }, required: ['a'] } }),
    lowered('/not/properties/a/not'),
  ],
  ['a single alternative', (inner) => ({ anyOf: [inner] }), lowered('/anyOf/0')],
  [
    'an alternative beside another keyword',
    (inner) => ({ minProperties: 1, anyOf: [{ type: 'null' }, inner] }),
    lowered('/anyOf/1'),
  ],
  [
    'a property that only `required` names',
    (inner) => ({ required: ['a'], additionalProperties: inner }),
    lowered('/additionalProperties'),
  ],
])('An edit inside of %s is listed at its place, behind references too', (_, around, wanted) => {
  expect(rulesOf(around(long), around(short))).toEqual([wanted]);
  const behind = (inner: JsonValue): JsonValue => ({
    $defs: { a: inner },
    ...(around({ $ref: '#/$defs/a' }) as JsonObject),
  });
  expect(rulesOf(behind(long), behind(short))).toEqual([wanted]);
});

test('An alternative of oneOf that becomes wider takes documents from those that it overlaps', () => {
  const either = (first: JsonValue) => ({ oneOf: [first, { type: 'string', minLength: 4 }] });
  expect(rulesOf(either({ type: 'string', maxLength: 3 }), either({ type: 'string', maxLength: 5 }))).toEqual([
    'max-length-raised /oneOf/0/maxLength backward+forward breaking',
  ]);
});

test('anyOf that becomes oneOf is listed where alternatives overlap, and is nothing where they do not', () => {
  const options = [{ minLength: 4 }, { minLength: 2 }].map((option) => ({ type: 'string', ...option }));
  expect(rulesOf({ anyOf: options }, { oneOf: options })).toEqual(['keyword-changed /oneOf backward breaking']);
  const apart = [{ type: 'string' }, { type: 'null' }];
  expect(rulesOf({ anyOf: apart }, { oneOf: apart })).toEqual([]);
});

test('What stands beside a reference and says the same as its target is compared beside it', () => {
  const schema = (maxLength: number) => ({
    $ref: '#/$defs/a',
    maxLength: 9,
    $defs: { a: { type: 'string', maxLength } },
  });
  expect(rulesOf(schema(5), schema(2))).toEqual([lowered('')]);
});

test('A type in a list that becomes another is listed at the list', () => {
  const schema = (other: string) => ({ properties: { u: { type: ['string', other], description: 'd' } } });
  expect(rulesOf(schema('number'), schema('boolean'))).toEqual([
    'type-changed /properties/u/type backward+forward breaking',
  ]);
});

test('A changed description is no change of the documents but of the prompt', () => {
  const { backward, changes } = compareSchemas(
    object({ a: z.string().describe('gross') }),
    object({ a: z.string().describe('net') }),
  );
  expect(backward.verdict).toBe('compatible');
  expect(changes).toMatchObject([
    { rule: 'description-changed', severity: 'prompt', affects: [], before: 'gross', after: 'net' },
  ]);
});

test('A rename is hinted at and stays a removal and an addition', () => {
  const { changes } = compareSchemas(
    object({ vatId: z.string(), x: z.string() }),
    object({ vat_id: z.string(), x: z.string() }),
  );
  expect(changes).toMatchObject([
    { rule: 'required-property-removed', renamedTo: 'vat_id', severity: 'breaking' },
    { rule: 'required-property-added', renamedFrom: 'vatId', severity: 'breaking' },
  ]);
});

test('Fingerprints stay when other things change, and differ by value', () => {
  const print = (older: JsonValue, newer: JsonValue) =>
    compareSchemas(older, newer).changes.map(({ fingerprint }) => fingerprint);
  const [alone] = print(object({ a: z.number().max(9) }), object({ a: z.number().max(5) }));
  const among = print(object({ a: z.number().max(9), b: z.string() }), object({ c: z.null(), a: z.number().max(5) }));
  const [other] = print(object({ a: z.number().max(9) }), object({ a: z.number().max(4) }));
  expect(alone).toMatch(/^[0-9a-f]{12}$/);
  expect(among).toContain(alone);
  expect(other).not.toBe(alone);
});

test('A recursive schema with annotations beside its references is walked once', () => {
  const tree = (title: string): JsonValue => ({
    type: 'object',
    title,
    properties: { left: { $ref: '#', description: 'l' }, right: { $ref: '#' } },
  });
  expect(rulesOf(tree('a'), tree('b'))).toContain('title-changed /title  prompt');
});

test('Every rule has a text and every id is in kebab case', () => {
  for (const [id, { text }] of Object.entries(changeRules)) {
    expect(id).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(text).not.toBe('');
  }
});

test('A type that comes or goes is shown beside the others of its place', () => {
  const nullable = { anyOf: [{ type: 'string', minLength: 1 }, { type: 'null' }] };
  const text = { type: 'string', minLength: 1 };
  expect(compareSchemas(nullable, text).changes).toMatchObject([
    { rule: 'type-narrowed', before: ['string', 'null'], after: 'string' },
  ]);
  expect(compareSchemas(text, nullable).changes).toMatchObject([
    { rule: 'type-widened', before: 'string', after: ['string', 'null'] },
  ]);
});
