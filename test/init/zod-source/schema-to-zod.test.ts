import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareSchemas } from '../../../src/evolution/engine/compare-schemas.ts';
import { printZod } from '../../../src/init/zod-source/zod-code.ts';
import { schemaToZod } from '../../../src/init/zod-source/schema-to-zod.ts';
import type { JsonObject, JsonValue } from '../../../src/json/value.ts';
import { deriveSchema } from '../../../src/schema/derive.ts';
import { evaluateZod } from './evaluate.ts';

function objectOf(properties: JsonObject, rest: JsonObject = {}): JsonObject {
  return { type: 'object', properties, required: Object.keys(properties), ...rest };
}

/** Both directions: the same documents fit the given schema and the source that was written for it. */
async function verdicts(
  schema: JsonObject,
  zod: 3 | 4 = 4,
): Promise<{ backward: string; forward: string; witness: unknown }> {
  const derived = await deriveSchema(evaluateZod(schemaToZod(schema, zod), zod));
  const { backward, forward } = compareSchemas(schema, derived.schema);
  return {
    backward: backward.verdict,
    forward: forward.verdict,
    witness: backward.witness ?? forward.witness ?? backward.reasons.concat(forward.reasons),
  };
}

describe.each([3, 4] as const)('for zod %i', (zod) => {
  test.each<[string, JsonObject]>([
    [
      'text, numbers, booleans',
      objectOf({ a: { type: 'string' }, b: { type: 'number' }, c: { type: 'integer' }, d: { type: 'boolean' } }),
    ],
    [
      'properties that may be missing',
      { type: 'object', properties: { a: { type: 'string' }, b: { type: 'string' } }, required: ['a'] },
    ],
    [
      'a type or null',
      objectOf({ a: { type: ['string', 'null'] }, b: { anyOf: [{ type: 'number' }, { type: 'null' }] } }),
    ],
    [
      'closed objects',
      objectOf(
        { a: objectOf({ b: { type: 'string' } }, { additionalProperties: false }) },
        { additionalProperties: false },
      ),
    ],
    ['other properties of one type', objectOf({ a: { type: 'string' } }, { additionalProperties: { type: 'string' } })],
    ['maps', objectOf({ a: { type: 'object', additionalProperties: { type: 'integer' } } })],
    [
      'bounds',
      objectOf({
        a: { type: 'number', minimum: 1, exclusiveMaximum: 5.5 },
        b: { type: 'string', minLength: 2, maxLength: 4 },
        c: { type: 'array', items: { type: 'string' }, minItems: 1, maxItems: 3 },
      }),
    ],
    ['multiples', objectOf({ a: { type: 'integer', multipleOf: 5 } })],
    ['patterns', objectOf({ a: { type: 'string', pattern: '^\\d{2}/[a-z]+$' } })],
    [
      'enums and constants',
      objectOf({
        a: { enum: ['x', "it's"] },
        b: { const: 3 },
        c: { enum: ['x', 1, null, true] },
        d: { type: 'string', enum: ['x', 1] },
      }),
    ],
    ['unions', objectOf({ a: { anyOf: [{ type: 'string' }, objectOf({ b: { type: 'number' } })] } })],
    [
      'one of several that are apart',
      objectOf({
        a: { oneOf: [objectOf({ k: { const: 'x' } }), objectOf({ k: { const: 'y' }, v: { type: 'number' } })] },
      }),
    ],
    [
      'references',
      {
        ...objectOf({ a: { $ref: '#/$defs/Money' }, b: { $ref: '#/$defs/Money' } }),
        $defs: { Money: objectOf({ v: { type: 'number' } }) },
      },
    ],
    [
      'names that are no identifiers',
      objectOf({ 'a b': { type: 'string' }, "it's": { type: 'string' }, '1': { type: 'string' } }),
    ],
    [
      'draft 4 bounds',
      {
        $schema: 'http://json-schema.org/draft-04/schema#',
        ...objectOf({ a: { type: 'number', minimum: 0, exclusiveMinimum: true } }),
      },
    ],
  ])('%s: the source accepts the same', async (_name, schema) => {
    expect(schemaToZod(schema, zod).notes).toEqual([]);
    expect(await verdicts(schema, zod)).toMatchObject({ backward: 'compatible', forward: 'compatible' });
  });
});

test('several parts that all must fit accept the same', async () => {
  const schema = { allOf: [objectOf({ a: { type: 'string' } }), objectOf({ b: { type: 'number' } })] };
  expect(await verdicts(schema)).toMatchObject({ backward: 'compatible', forward: 'compatible' });
});

test('a part that holds itself is written with a getter, and holds itself', () => {
  const schema = {
    $ref: '#/definitions/tree-node',
    definitions: {
      'tree-node': {
        type: 'object',
        properties: {
          name: { type: 'string' },
          children: { type: 'array', items: { $ref: '#/definitions/tree-node' } },
        },
        required: ['name'],
      },
    },
  };
  const { root, declarations, notes } = schemaToZod(schema);
  expect(notes).toEqual([]);
  expect(printZod(root, 0)).toBe('treeNode');
  expect(printZod(declarations[0]?.code ?? '', 0)).toContain(
    'get children() {\n    return z.array(treeNode).optional();',
  );
  const made = evaluateZod({ root, declarations }) as unknown as { safeParse(value: unknown): { success: boolean } };
  expect(made.safeParse({ name: 'a', children: [{ name: 'b' }] }).success).toBe(true);
  expect(made.safeParse({ name: 'a', children: [{}] }).success).toBe(false);
});

test('the root may be what its own parts refer to', () => {
  const { declarations, root } = schemaToZod({ type: 'object', properties: { next: { $ref: '#' } } });
  expect(printZod(root, 0)).toBe('root');
  expect(declarations.map(({ name }) => name)).toEqual(['root']);
});

test.each<[string, JsonValue, RegExp]>([
  [
    'a list for a root',
    { type: 'array', items: { type: 'string' } },
    /at \/ the root must be an object with properties/,
  ],
  ['a root without properties', { type: 'object' }, /at \/ the root must be an object/],
  [
    'a reference to elsewhere',
    objectOf({ a: { $ref: 'other.json#/x' } }),
    /at \/properties\/a it refers to "other\.json#\/x", which this document does not hold/,
  ],
  ['a reference to nothing', objectOf({ a: { $ref: '#/$defs/x' } }), /at \/properties\/a it refers to/],
  [
    'a circle of references',
    { $ref: '#/$defs/a', $defs: { a: { $ref: '#/$defs/b' }, b: { $ref: '#/$defs/a' } } },
    /contains itself otherwise/,
  ],
  [
    'a list of itself',
    { ...objectOf({ a: { $ref: '#/$defs/l' } }), $defs: { l: { type: 'array', items: { $ref: '#/$defs/l' } } } },
    /contains itself otherwise/,
  ],
  ['what nothing fits', objectOf({ a: false }), /at \/properties\/a nothing fits the schema false/],
  ['an unknown type', objectOf({ a: { type: 'float' } }), /there is no type "float"/],
  ['an enum of objects', objectOf({ a: { enum: [{}] } }), /holds a list or an object/],
  [
    'an enum that its type refuses',
    objectOf({ a: { type: 'string', enum: [1] } }),
    /no value of the enum is of the type/,
  ],
  [
    'properties beside alternatives',
    objectOf({ a: { anyOf: [{ type: 'string' }], minLength: 3 } }),
    /minLength stands beside anyOf/,
  ],
  [
    'a poisoned name',
    JSON.parse('{"type":"object","properties":{"__proto__":{"type":"string"}}}') as JsonValue,
    /__proto__/,
  ],
  ['no schema at all', 5, /a schema is an object/],
])('%s is refused with its place', (_name, schema, message) => {
  expect(() => schemaToZod(schema)).toThrow(message);
});

test.each<[string, JsonObject, string]>([
  [
    'members that differ',
    { type: 'array', items: { type: 'string' }, uniqueItems: true },
    '/properties/a: zod has no word for uniqueItems, which is left out',
  ],
  [
    'names by pattern',
    { type: 'object', properties: { b: { type: 'string' } }, patternProperties: { '^x': { type: 'number' } } },
    '/properties/a: zod has no word for patternProperties, which is left out',
  ],
  ['defaults', { type: 'string', default: 'x' }, '/properties/a: zod has no word for default, which is left out'],
  [
    'a format that zod checks',
    { type: 'string', format: 'date' },
    '/properties/a: zod checks the format date, which JSON Schema may leave open',
  ],
  [
    'a format that zod lacks',
    { type: 'string', format: 'iri' },
    '/properties/a: zod has no word for the format "iri", which is left out',
  ],
  ['a type that is left out', { minLength: 3 }, '/properties/a: it names no type, and is taken for a string'],
  [
    'one of several that may both fit',
    { oneOf: [{ type: 'string' }, { type: 'string', minLength: 3 }] },
    '/properties/a: what fits more than one schema of oneOf is let pass',
  ],
  [
    'places with room for fewer',
    { type: 'array', prefixItems: [{ type: 'string' }] },
    '/properties/a: zod takes 1 members there, neither fewer nor more',
  ],
  [
    'a required name without a schema',
    { type: 'object', properties: { b: { type: 'string' } }, required: ['c'] },
    '/properties/a: "c" is required, and no property; that is left out',
  ],
  ['negation', { type: 'string', not: { const: 'x' } }, '/properties/a: zod has no word for not, which is left out'],
])('%s: noted with the place, and the source still runs', async (_name, schema, note) => {
  const written = schemaToZod(objectOf({ a: schema, z: { type: 'string' } }));
  expect(written.notes).toContain(note);
  await expect(deriveSchema(evaluateZod(written))).resolves.toBeDefined();
});

const { schema: anySchema } = fc.letrec<{ schema: JsonObject; object: JsonObject }>((tie) => ({
  schema: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.record(
      {
        type: fc.constant('string'),
        minLength: fc.nat(3),
        maxLength: fc.integer({ min: 3, max: 9 }),
        description: fc.string(),
      },
      { requiredKeys: ['type'] },
    ),
    fc.record(
      {
        type: fc.constantFrom('number', 'integer'),
        minimum: fc.integer({ min: -9, max: 0 }),
        maximum: fc.integer({ min: 1, max: 9 }),
      },
      { requiredKeys: ['type'] },
    ),
    fc.record({ type: fc.constant('boolean') }),
    fc.record({
      enum: fc.uniqueArray(fc.oneof(fc.string(), fc.integer(), fc.constant(null)), { minLength: 1, maxLength: 4 }),
    }),
    fc.record({ const: fc.oneof(fc.string(), fc.boolean()) }),
    fc.record(
      {
        type: fc.constant('array'),
        items: tie('schema'),
        minItems: fc.nat(2),
        maxItems: fc.integer({ min: 2, max: 4 }),
      },
      { requiredKeys: ['type', 'items'] },
    ),
    fc.array(tie('schema'), { minLength: 1, maxLength: 3 }).map((anyOf) => ({ anyOf })),
    fc.constantFrom('string', 'number', 'boolean').map((type) => ({ type: [type, 'null'] })),
    tie('object'),
  ),
  object: fc
    .record({
      properties: fc.dictionary(
        fc.string({ minLength: 1, maxLength: 4 }).filter((name) => name !== '__proto__'),
        tie('schema'),
        { minKeys: 1, maxKeys: 3, noNullPrototype: true },
      ),
      closed: fc.constantFrom(undefined, false, { type: 'string' }),
      share: fc.nat(3),
    })
    .map(({ properties, closed, share }) => ({
      type: 'object',
      properties,
      required: Object.keys(properties).slice(0, share),
      ...(closed === undefined ? {} : { additionalProperties: closed }),
    })),
}));

test('of schemas at random without notes, the written source accepts the same', async () => {
  let compared = 0;
  await fc.assert(
    fc.asyncProperty(
      anySchema.filter(({ type }) => type === 'object'),
      async (schema) => {
        const { notes } = schemaToZod(schema);
        expect(notes).toEqual([]);
        const { backward, forward, witness } = await verdicts(schema);
        expect([backward, forward, witness]).not.toContain('breaking');
        if (backward === 'compatible' && forward === 'compatible') compared += 1;
      },
    ),
    { numRuns: 60 },
  );
  expect(compared).toBeGreaterThan(40);
});
