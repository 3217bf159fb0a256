import { expect, test } from 'vitest';
import { z } from 'zod';
import { changeRules } from '../../../src/evolution/changes/change-rules.ts';
import { compareSchemas } from '../../../src/evolution/engine/compare-schemas.ts';
import type { JsonValue } from '../../../src/json/value.ts';

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
    { not: { type: 'null' } },
    { not: { type: 'string' } },
    ['keyword-changed /not backward+forward breaking'],
  ],
])('%s', (_, older, newer, wanted) => {
  expect(rulesOf(older, newer)).toEqual(wanted);
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
