import { Ajv2020 } from 'ajv/dist/2020.js';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject, JsonValue } from '../../../src/json/value.ts';
import { toProviderSchema } from '../../../src/json-schema/dialect/provider-schema.ts';

/** Converts a schema as the only property of an object and returns what became of it. */
function convertField(field: JsonValue): { field: unknown; losses: string[] } {
  const { provider, losses } = toProviderSchema({ type: 'object', properties: { field } });
  const properties = provider['properties'] as Record<string, unknown>;
  return {
    field: properties['field'],
    losses: losses.map(({ path, keyword, action }) => `${path.replace('/properties/field', '')} ${keyword} ${action}`),
  };
}

const string = { type: 'string' };
const number = { type: 'number' };
const nothing = { type: 'null' };

describe('toProviderSchema', () => {
  it.each<{ name: string; input: JsonValue; output: unknown; losses?: string[] }>([
    { name: 'a plain type', input: string, output: string },
    { name: 'a string constant', input: { type: 'string', const: 'x' }, output: { type: 'string', enum: ['x'] } },
    {
      name: 'a string constant without a type',
      input: { const: 'x' },
      output: { type: 'string', enum: ['x'] },
    },
    {
      name: 'a number constant',
      input: { const: 2.5 },
      output: { type: 'number', minimum: 2.5, maximum: 2.5, description: 'one of 2.5' },
      losses: [' enum described'],
    },
    {
      name: 'a true constant',
      input: { type: 'boolean', const: true },
      output: { type: 'boolean', description: 'always true' },
      losses: [' enum described'],
    },
    { name: 'a null constant', input: { const: null }, output: nothing },
    {
      name: 'numbers without a gap',
      input: { enum: [1, 2, 3] },
      output: { type: 'integer', minimum: 1, maximum: 3 },
      losses: [' enum rewritten'],
    },
    {
      name: 'mixed values',
      input: { enum: ['a', 1, 9, null], description: 'd' },
      output: {
        anyOf: [
          { type: 'string', enum: ['a'], description: 'd' },
          { type: 'integer', minimum: 1, maximum: 9, description: 'one of 1, 9' },
          nothing,
        ],
      },
      losses: [' enum described'],
    },
    {
      name: 'a described union whose first branch is null',
      input: { anyOf: [nothing, { ...number, description: 'n' }, string], description: 'd' },
      output: { anyOf: [nothing, { ...number, description: 'd (n)' }, string] },
    },
    {
      name: 'a list with an empty string, which may not be listed and must not be lost',
      input: { type: 'string', enum: ['', 'a'], description: 'd' },
      output: { type: 'string', description: 'd (one of "", "a")' },
      losses: [' enum described'],
    },
    {
      name: 'a list of types',
      input: { type: ['string', 'null'], minLength: 2, description: 'd' },
      output: { anyOf: [{ type: 'string', description: 'd (at least 2 characters)' }, nothing] },
      losses: [' minLength described'],
    },
    {
      name: 'oneOf',
      input: { oneOf: [string, number] },
      output: { anyOf: [string, number] },
      losses: [' oneOf rewritten'],
    },
    {
      name: 'type beside anyOf',
      input: { type: 'object', properties: { a: string }, anyOf: [{ required: ['a'] }, { maxProperties: 3 }] },
      output: {
        anyOf: [
          { type: 'object', properties: { a: string }, required: ['a'] },
          { type: 'object', properties: { a: string }, description: 'at most 3 keys' },
        ],
      },
      losses: ['/anyOf/1 maxProperties described'],
    },
    {
      name: 'nested unions',
      input: { anyOf: [{ anyOf: [string, nothing] }, nothing] },
      output: { anyOf: [string, nothing] },
    },
    {
      name: 'allOf of objects',
      input: {
        allOf: [
          { type: 'object', properties: { a: string, both: { type: 'number', minimum: 1 } }, required: ['a'] },
          { type: 'object', properties: { both: { type: 'integer', minimum: 3 } }, required: ['both'] },
        ],
      },
      output: {
        type: 'object',
        properties: { a: string, both: { type: 'integer', minimum: 3 } },
        required: ['a', 'both'],
      },
    },
    {
      name: 'allOf of a closed object and one with a type for further keys, which zod pools',
      input: {
        allOf: [
          { type: 'object', properties: { a: string }, additionalProperties: false },
          { type: 'object', properties: { b: string }, additionalProperties: number },
        ],
      },
      output: { type: 'object', properties: { a: string, b: string }, additionalProperties: number },
    },
    {
      name: 'a closed object with named patterns, which has to be opened',
      input: {
        type: 'object',
        properties: { a: string },
        patternProperties: { '^b': number },
        additionalProperties: false,
      },
      output: { type: 'object', properties: { a: string } },
      losses: [' patternProperties dropped'],
    },
    {
      name: 'allOf that cannot be joined',
      input: { type: 'string', allOf: [{ pattern: 'a' }, { pattern: 'b' }] },
      output: { type: 'string', description: 'matches /a/' },
      losses: [' pattern dropped', ' pattern described'],
    },
    {
      name: 'text constraints',
      input: { type: 'string', minLength: 1, maxLength: 9, description: 'Name', examples: ['A'], default: 'B' },
      output: {
        type: 'string',
        description: 'Name (at least 1 character; at most 9 characters; such as "A"; default "B")',
      },
      losses: [' minLength described', ' maxLength described', ' examples described', ' default described'],
    },
    {
      name: 'a known format with its pattern',
      input: { type: 'string', format: 'date', pattern: '^long$' },
      output: { type: 'string', format: 'date' },
      losses: [' pattern dropped'],
    },
    {
      name: 'another format',
      input: { type: 'string', format: 'email', pattern: '^.+@.+$' },
      output: { type: 'string', description: 'format email' },
      losses: [' format described', ' pattern dropped'],
    },
    {
      name: 'an exclusive bound of a number',
      input: { type: 'number', exclusiveMinimum: 0, maximum: 5 },
      output: { type: 'number', minimum: 0, maximum: 5, description: 'above 0' },
      losses: [' exclusiveMinimum described'],
    },
    {
      name: 'an exclusive bound of a whole number',
      input: { type: 'integer', exclusiveMinimum: 0, exclusiveMaximum: 9.5 },
      output: { type: 'integer', minimum: 1, maximum: 9 },
    },
    {
      name: 'a title',
      input: { type: 'string', title: 'Total', description: 'with tax' },
      output: { type: 'string', description: 'Total: with tax' },
      losses: [' title described'],
    },
    {
      name: 'a tuple',
      input: { type: 'array', prefixItems: [string, { ...number, description: 'price' }], items: false, minItems: 2 },
      output: {
        type: 'array',
        items: { anyOf: [string, { ...number, description: 'price' }] },
        minItems: 2,
        maxItems: 2,
        description: 'in this order: string, price',
      },
      losses: [' prefixItems described'],
    },
    {
      name: 'a free-form map',
      input: { type: 'object', propertyNames: string, additionalProperties: number },
      output: { type: 'object', additionalProperties: number },
    },
    {
      name: 'a map over listed keys',
      input: {
        type: 'object',
        propertyNames: { type: 'string', enum: ['a', 'b'] },
        additionalProperties: number,
        required: ['a'],
      },
      output: { type: 'object', properties: { a: number, b: number }, required: ['a'], additionalProperties: false },
    },
    {
      name: 'a closed object',
      input: { type: 'object', properties: { a: string }, additionalProperties: false },
      output: { type: 'object', properties: { a: string }, additionalProperties: false },
    },
    {
      name: 'an open object',
      input: { type: 'object', properties: { a: string }, additionalProperties: {} },
      output: { type: 'object', properties: { a: string } },
      losses: [' additionalProperties dropped'],
    },
    {
      name: 'a property that must be absent',
      input: { type: 'object', properties: { a: string, gone: { not: {} } } },
      output: { type: 'object', properties: { a: string } },
    },
    { name: 'anything', input: {}, output: {} },
    {
      name: 'unknown keywords',
      input: { type: 'string', readOnly: true, unit: 'EUR' },
      output: string,
      losses: [' readOnly dropped', ' unit dropped'],
    },
  ])('converts $name', ({ input, output, losses = [] }) => {
    const converted = convertField(input);
    expect(converted.field).toEqual(output);
    expect(converted.losses).toEqual(losses);
  });

  it('keeps references bare, and writes one with a description out', () => {
    const { provider } = toProviderSchema({
      type: 'object',
      properties: { a: { $ref: '#/$defs/x~1y', description: 'first' }, b: { $ref: '#/$defs/x~1y' } },
      $defs: { 'x/y': { type: 'string', minLength: 1 }, unused: string },
    });
    expect(provider).toEqual({
      type: 'object',
      properties: { a: { type: 'string', description: 'first (at least 1 character)' }, b: { $ref: '#/$defs/x~1y' } },
      $defs: { 'x/y': { type: 'string', description: 'at least 1 character' } },
    });
  });

  it('escapes names in the paths of losses', () => {
    const { losses } = toProviderSchema({ type: 'object', properties: { 'a/b~c': { type: 'string', minLength: 3 } } });
    expect(losses.map(({ path }) => path)).toEqual(['/properties/a~1b~0c']);
  });

  it('does not take field names for keywords', () => {
    const schema = { type: 'object', properties: { $ref: string, pattern: string, const: number, title: string } };
    expect(toProviderSchema(schema)).toEqual({ provider: schema, losses: [] });
  });

  it('keeps the order of properties', () => {
    const { provider } = toProviderSchema({ type: 'object', properties: { z: string, a: string, m: string } });
    expect(Object.keys(provider['properties'] as object)).toEqual(['z', 'a', 'm']);
  });

  it('keeps array bounds while they add up to less than 500, and gives up the largest first', () => {
    const { provider, losses } = toProviderSchema({
      type: 'object',
      properties: {
        small: { type: 'array', items: string, maxItems: 199 },
        large: { type: 'array', items: string, minItems: 1, maxItems: 400 },
        other: { type: 'array', items: string, maxItems: 300 },
      },
    });
    expect(provider['properties']).toEqual({
      small: { type: 'array', items: string, maxItems: 199 },
      large: { type: 'array', items: string, description: 'at least 1 item; at most 400 items' },
      other: { type: 'array', items: string, maxItems: 300 },
    });
    expect(losses.map(({ path, keyword }) => `${path} ${keyword}`)).toEqual([
      '/properties/large minItems',
      '/properties/large maxItems',
    ]);
    const two = {
      type: 'object',
      properties: { a: { type: 'array', maxItems: 200 }, b: { type: 'array', maxItems: 300 } },
    };
    expect(toProviderSchema(two).losses).toHaveLength(1);
  });
});

const scalar = fc.oneof(
  fc.constantFrom('', 'a', 'ab', 'abc'),
  fc.integer({ min: -2, max: 6 }),
  fc.double({ min: 0, max: 3, noNaN: true }),
  fc.boolean(),
  fc.constant(null),
);
const bound = fc.integer({ min: 0, max: 5 });
const optionally = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined, freq: 2 });
const keys = ['a', 'b', 'c', '__proto__'];

const { schema: anySchema } = fc.letrec<{ schema: JsonObject; tree: JsonObject }>((tie) => {
  const inner = tie('schema');
  const properties = fc.dictionary(fc.constantFrom(...keys), inner, { maxKeys: 3, noNullPrototype: true });
  return {
    tree: inner,
    schema: fc
      .oneof(
        { maxDepth: 3, depthSize: 'small', withCrossShrink: true },
        fc.record({
          type: fc.constant('string'),
          minLength: optionally(bound),
          maxLength: optionally(bound),
          pattern: optionally(fc.constantFrom('^a', 'b$')),
          format: optionally(fc.constantFrom('email', 'date')),
          description: optionally(fc.constantFrom('d', '')),
        }),
        fc.record({
          type: fc.constantFrom('number', 'integer'),
          minimum: optionally(bound),
          exclusiveMinimum: optionally(fc.double({ min: 0, max: 3, noNaN: true })),
          maximum: optionally(bound),
          exclusiveMaximum: optionally(bound),
          multipleOf: optionally(fc.constantFrom(0.5, 2)),
        }),
        fc.record({
          type: optionally(
            fc.constantFrom<JsonValue>('string', 'integer', ['string', 'null'], ['number', 'boolean', 'null']),
          ),
          enum: fc.array(scalar, { minLength: 1, maxLength: 4 }),
        }),
        fc.record({ const: scalar, title: optionally(fc.constant('t')) }),
        fc.record({
          type: fc.constantFrom<JsonValue>(['string', 'null'], ['integer', 'array'], 'boolean', 'null'),
          minLength: optionally(bound),
          minimum: optionally(bound),
          maxItems: optionally(bound),
          default: optionally(scalar),
        }),
        fc.constantFrom<JsonObject>({}, { not: {} }, { description: 'anything' }),
        fc.record({
          $ref: fc.constantFrom('#/$defs/x', '#/$defs/y'),
          description: optionally(fc.constant('r')),
          minimum: optionally(bound),
        }),
        fc.record({
          type: fc.constant('object'),
          properties,
          required: optionally(fc.uniqueArray(fc.constantFrom(...keys), { maxLength: 2 })),
          additionalProperties: optionally(fc.oneof(fc.boolean(), inner)),
          patternProperties: optionally(fc.record({ '^c': inner })),
          minProperties: optionally(bound),
          propertyNames: optionally(fc.constantFrom<JsonObject>({ enum: ['a', 'b'] }, { pattern: '^a' })),
        }),
        fc.record({
          type: fc.constant('object'),
          propertyNames: fc.constant({ enum: ['a', 'b'] }),
          additionalProperties: inner,
        }),
        fc.record({
          type: fc.constant('array'),
          items: optionally(fc.oneof(fc.boolean(), inner)),
          prefixItems: optionally(fc.array(inner, { minLength: 1, maxLength: 2 })),
          minItems: optionally(bound),
          maxItems: optionally(fc.constantFrom(1, 2, 3, 200, 300)),
          uniqueItems: optionally(fc.boolean()),
        }),
        fc.record({
          anyOf: fc.array(inner, { minLength: 1, maxLength: 3 }),
          description: optionally(fc.constant('u')),
          type: optionally(fc.constantFrom('string', 'object', 'number')),
        }),
        fc.record({ oneOf: fc.array(inner, { minLength: 1, maxLength: 2 }) }),
        fc.record({ allOf: fc.array(inner, { minLength: 1, maxLength: 2 }), properties: optionally(properties) }),
      )
      .map((schema) => Object.fromEntries(Object.entries(schema).filter(([, value]) => value !== undefined))),
  };
});

const document = fc
  .record({
    x: anySchema,
    y: anySchema,
    root: fc.dictionary(fc.constantFrom(...keys), anySchema, { minKeys: 1, maxKeys: 4, noNullPrototype: true }),
  })
  .map(({ x, y, root }) => ({ type: 'object', properties: root, $defs: { x, y } }) as JsonObject)
  // References that lead nowhere but to themselves are no schema.
  .filter((schema) => !/"(x|y)":\{("\$ref"|"allOf"|"anyOf"|"oneOf")/.test(JSON.stringify(schema['$defs'])));

const value = fc.letrec<{ value: JsonValue; object: JsonValue }>((tie) => ({
  value: fc.oneof({ maxDepth: 3, depthSize: 'small' }, scalar, fc.array(tie('value'), { maxLength: 3 }), tie('object')),
  object: fc.dictionary(fc.constantFrom(...keys), tie('value'), { maxKeys: 3, noNullPrototype: true }),
}));

/** Every plain value as every field: what random documents seldom hit. */
const texts: JsonValue[] = ['', 'a', 'ab', 'abcdef', true, false, null];
const numbers: JsonValue[] = [-1, 0, 0.25, 0.5, 1, 1.5, 2, 2.5, 3, 4, 5, 6];
const containers: JsonValue[] = [[], ['a'], [1, 'a'], [1, 1, 1], {}, { a: 1 }, { b: 'a', c: null }];
const probes: JsonValue[] = [...texts, ...numbers, ...containers].flatMap((probe) =>
  keys.map((key) => Object.fromEntries([[key, probe]])),
);

function validator(schema: JsonObject): (data: unknown) => boolean {
  const ajv = new Ajv2020({ strict: false, validateFormats: false, validateSchema: false, ownProperties: true });
  const validate = ajv.compile(schema);
  return (data) => validate(data) === true;
}

describe('laws of toProviderSchema', () => {
  it('never refuses a document that the original takes', () => {
    let accepted = 0;
    fc.assert(
      fc.property(document, fc.array(value.object, { minLength: 12, maxLength: 12 }), (schema, candidates) => {
        const isOriginal = validator(schema);
        const isProvider = validator(toProviderSchema(schema).provider);
        for (const candidate of [...probes, ...candidates]) {
          if (!isOriginal(candidate)) continue;
          accepted += 1;
          if (!isProvider(candidate)) return false;
        }
        return true;
      }),
      { numRuns: 150 },
    );
    expect(accepted).toBeGreaterThan(150);
  });

  it('leaves its own output alone', () => {
    fc.assert(
      fc.property(document, (schema) => {
        const { provider } = toProviderSchema(schema);
        expect(toProviderSchema(provider)).toEqual({ provider, losses: [] });
      }),
      { numRuns: 200 },
    );
  });

  it('sends nothing but the keywords that both dialects know', () => {
    const known = new Set([
      '$defs',
      '$ref',
      'type',
      'description',
      'format',
      'enum',
      'properties',
      'required',
      'additionalProperties',
      'items',
      'minItems',
      'maxItems',
      'minimum',
      'maximum',
      'anyOf',
      'not',
    ]);
    const { provider } = toProviderSchema({ type: 'object', properties: { a: string } });
    expect(Object.keys(provider).every((keyword) => known.has(keyword))).toBe(true);
    fc.assert(
      fc.property(anySchema, (schema) => {
        const { field } = convertField(schema);
        const keywords = typeof field === 'object' && field !== null ? Object.keys(field) : [];
        expect(keywords.filter((keyword) => !known.has(keyword))).toEqual([]);
        const alone: string[] = keywords.filter((keyword) => keyword === '$ref' || keyword === 'anyOf');
        expect(alone.length === 0 || keywords.length === 1).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});
