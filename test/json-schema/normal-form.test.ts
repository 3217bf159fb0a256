import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as zod4 from 'zod';
import * as zod3 from 'zod3';
import * as earlyZod4 from 'zod3/v4';
import { Validator } from '../../src/evolution/engine/validate.ts';
import type { JsonObject, JsonValue } from '../../src/json/value.ts';
import { deriveSchema } from '../../src/schema/derive.ts';
import { looseNormalText, normalForm, normalText } from '../../src/json-schema/normal-form.ts';
import type { ZodSchema } from '../../src/schema/zod-schema.ts';

const text = { type: 'string' };

describe('normalForm()', () => {
  it.each<{ name: string; left: JsonObject; right: JsonObject }>([
    {
      name: 'the order of keywords and of required names',
      left: { type: 'object', properties: { a: text, b: text }, required: ['b', 'a'], $schema: 'x' },
      right: { required: ['a', 'b'], properties: { a: text, b: text }, type: 'object' },
    },
    {
      name: 'a list of types and a union',
      left: { type: ['string', 'null'], minLength: 2, description: 'd' },
      right: { anyOf: [{ type: 'string', minLength: 2 }, { type: 'null' }], description: 'd' },
    },
    {
      name: 'a description on either side of a nullable place',
      left: { anyOf: [{ type: 'string', description: 'd' }, { type: 'null' }] },
      right: { anyOf: [text, { type: 'null' }], description: 'd' },
    },
    { name: 'a constant and a list of one', left: { type: 'string', const: 'a' }, right: { enum: ['a'] } },
    {
      name: 'null among listed values',
      left: { type: ['string', 'null'], enum: ['a', null] },
      right: { anyOf: [{ type: 'string', enum: ['a'] }, { type: 'null' }] },
    },
    {
      name: 'bounds that every whole number has',
      left: { type: 'integer', minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER },
      right: { type: 'integer' },
    },
    {
      name: 'a named type and the same in place',
      left: { type: 'object', properties: { a: { $ref: '#/$defs/x' } }, $defs: { x: text } },
      right: { type: 'object', properties: { a: text } },
    },
    { name: 'allOf of one', left: { allOf: [text], description: 'd' }, right: { type: 'string', description: 'd' } },
    {
      name: 'unions in unions',
      left: { anyOf: [{ anyOf: [text, { type: 'null' }] }, text] },
      right: { type: ['string', 'null'] },
    },
    {
      name: 'names of recursive types',
      left: {
        type: 'object',
        properties: { top: { $ref: '#/$defs/Node' } },
        $defs: { Node: { type: 'object', properties: { next: { $ref: '#/$defs/Node' } } } },
      },
      right: {
        type: 'object',
        properties: { top: { $ref: '#/$defs/__schema7' } },
        $defs: { __schema7: { properties: { next: { $ref: '#/$defs/__schema7' } }, type: 'object' } },
      },
    },
    {
      name: 'a root that is a reference',
      left: {
        $ref: '#/$defs/Node',
        $defs: { Node: { type: 'object', properties: { next: { $ref: '#/$defs/Node' } } } },
      },
      right: { type: 'object', properties: { next: { $ref: '#' } } },
    },
  ])('makes no difference of $name', ({ left, right }) => {
    expect(normalText(left)).toBe(normalText(right));
  });

  it.each<{ name: string; left: JsonObject; right: JsonObject }>([
    {
      name: 'the order of properties',
      left: { properties: { a: text, b: text } },
      right: { properties: { b: text, a: text } },
    },
    { name: 'descriptions', left: { ...text, description: 'a' }, right: { ...text, description: 'b' } },
    {
      name: 'whether a field may be absent',
      left: { properties: { a: text } },
      right: { properties: { a: text }, required: ['a'] },
    },
    { name: 'patterns', left: { ...text, pattern: 'a' }, right: { ...text, pattern: 'b' } },
    {
      name: 'fields named like keywords',
      left: { properties: { $schema: text } },
      right: { properties: { id: text } },
    },
  ])('keeps apart $name', ({ left, right }) => {
    expect(normalText(left)).not.toBe(normalText(right));
  });

  it('leaves a pattern beside a format to the version of zod, where only texts are at hand', () => {
    const mail = { type: 'string', format: 'email' };
    expect(looseNormalText({ ...mail, pattern: 'new' })).toBe(looseNormalText({ ...mail, pattern: 'old' }));
    expect(looseNormalText({ ...text, pattern: 'new' })).not.toBe(looseNormalText({ ...text, pattern: 'old' }));
    const start = { type: 'string', format: 'starts_with' };
    expect(looseNormalText({ ...start, pattern: '^a' })).not.toBe(looseNormalText({ ...start, pattern: '^b' }));
  });
});

const value: fc.Arbitrary<JsonValue> = fc.oneof(
  fc.constantFrom<JsonValue>('', 'a', 'ab', 0, 1, 2.5, -1, true, null, [], ['a'], [1, 'a'], {}),
  fc.dictionary(fc.constantFrom('a', 'b'), fc.constantFrom<JsonValue>('a', 1, null, {}), { noNullPrototype: true }),
);

const { schema: anySchema } = fc.letrec<{ schema: JsonObject }>((tie) => {
  const inner = tie('schema');
  const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
    fc.option(arbitrary, { nil: undefined });
  const types = fc.constantFrom<JsonValue>(
    'string',
    'integer',
    'number',
    'null',
    ['string', 'null'],
    ['integer', 'array'],
  );
  return {
    schema: fc
      .oneof(
        { maxDepth: 3, depthSize: 'small', withCrossShrink: true },
        fc.record({
          type: types,
          minLength: maybe(fc.nat(2)),
          minimum: maybe(fc.constantFrom(0, 1, Number.MIN_SAFE_INTEGER)),
          description: maybe(fc.constantFrom('d', 'e')),
        }),
        fc.record({
          type: maybe(types),
          enum: fc.array(fc.constantFrom<JsonValue>('a', '', 1, null), { maxLength: 3 }),
        }),
        fc.record({ const: fc.constantFrom<JsonValue>('a', 1, null), title: maybe(fc.constant('t')) }),
        fc.constantFrom<JsonObject>({}, { not: {} }, { $ref: '#/$defs/x' }, { $ref: '#/$defs/y', description: 'r' }),
        fc.record({
          type: fc.constant('object'),
          properties: maybe(fc.dictionary(fc.constantFrom('a', 'b'), inner, { maxKeys: 2, noNullPrototype: true })),
          required: maybe(fc.subarray(['a', 'b'])),
          additionalProperties: maybe(fc.oneof(fc.boolean(), inner)),
        }),
        fc.record({ type: fc.constant('array'), items: maybe(inner), minItems: maybe(fc.nat(1)) }),
        fc.record({ anyOf: fc.array(inner, { minLength: 1, maxLength: 3 }), description: maybe(fc.constant('u')) }),
        fc.record({ allOf: fc.array(inner, { minLength: 1, maxLength: 2 }) }),
      )
      .map((schema) => Object.fromEntries(Object.entries(schema).filter(([, one]) => one !== undefined))),
  };
});

const wholeSchema = fc
  .record({ root: anySchema, x: anySchema, y: anySchema })
  // Recursive types in intersections are left as they are written.
  .filter((parts) => !/allOf.*\$ref|\$ref.*allOf/.test(JSON.stringify(parts)))
  .map(({ root, x, y }): JsonObject => ({
    type: 'object',
    properties: { a: root, b: { $ref: '#/$defs/x' }, c: { $ref: '#/$defs/y' } },
    $defs: { x: { type: 'object', properties: { a: x } }, y: { type: 'array', items: y } },
  }));

describe('laws of normalForm()', () => {
  it('is its own normal form', () => {
    fc.assert(
      fc.property(wholeSchema, (schema) => {
        expect(normalText(normalForm(schema))).toBe(normalText(schema));
      }),
      { numRuns: 1_500 },
    );
  });

  it('takes and refuses what the schema does', () => {
    // Objects under allOf are pooled, as zod's intersections do: these are left out here.
    const plain = wholeSchema.filter((schema) => !JSON.stringify(schema).includes('allOf'));
    fc.assert(
      fc.property(plain, fc.array(value, { minLength: 8, maxLength: 8 }), (schema, values) => {
        const [before, after] = [new Validator(schema, '2020-12'), new Validator(normalForm(schema), '2020-12')];
        for (const one of values) {
          const document = { a: one, b: { a: one }, c: [one] };
          expect(after.violations(document).length === 0).toBe(before.violations(document).length === 0);
        }
      }),
      { numRuns: 1_500 },
    );
  });
});

const generations = [zod4, earlyZod4, zod3] as unknown as (typeof zod4)[];

/** Makes the same schema with each zod. */
type Maker = (z: typeof zod4) => zod4.ZodType;

const makers = fc.letrec<{ maker: Maker }>((tie) => ({
  maker: fc.oneof(
    { maxDepth: 3, depthSize: 'small', withCrossShrink: true },
    fc.constantFrom<Maker>(
      (z) => z.string(),
      (z) => z.string().min(2).max(9),
      (z) => z.string().regex(/^[a-z]+$/),
      (z) => z.string().regex(/^[a-z]+$/i),
      (z) => z.string().regex(/a/).regex(/^b/m),
      (z) => z.string().email(),
      (z) => z.string().url(),
      (z) => z.string().date(),
      (z) => z.string().datetime(),
      (z) => z.number(),
      (z) => z.number().int(),
      (z) => z.number().int().min(0).max(100),
      (z) => z.number().positive(),
      (z) => z.boolean(),
      (z) => z.null(),
      (z) => z.literal('x'),
      (z) => z.enum(['a', 'b']),
      (z) => z.tuple([z.string(), z.number()]),
      (z) => z.string().transform((one) => one.length) as never,
    ),
    tie('maker').map(
      (inner): Maker =>
        (z) =>
          inner(z).nullable(),
    ),
    tie('maker').map(
      (inner): Maker =>
        (z) =>
          inner(z).describe('d'),
    ),
    tie('maker').map(
      (inner): Maker =>
        (z) =>
          inner(z).nullable().describe('d'),
    ),
    tie('maker').map(
      (inner): Maker =>
        (z) =>
          z.array(inner(z)).max(5),
    ),
    tie('maker').map(
      (inner): Maker =>
        (z) =>
          z.record(z.string(), inner(z)),
    ),
    fc.tuple(tie('maker'), tie('maker')).map(
      ([left, right]): Maker =>
        (z) =>
          z.object({ l: left(z), r: right(z).optional() }),
    ),
    fc.tuple(tie('maker'), tie('maker')).map(
      ([left, right]): Maker =>
        (z) =>
          // The converter of zod 3 forgets what is said of plain options.
          z.union([z.array(left(z)), z.record(z.string(), right(z))]),
    ),
    fc.tuple(tie('maker'), tie('maker')).map(
      ([left, right]): Maker =>
        (z) =>
          z.discriminatedUnion('t', [
            z.object({ t: z.literal('l'), v: left(z) }),
            z.object({ t: z.literal('r'), v: right(z).nullable() }),
          ]),
    ),
  ),
})).maker;

describe('the identity of a schema', () => {
  it('is the same whichever version of zod writes it', async () => {
    await fc.assert(
      fc.asyncProperty(makers, async (maker) => {
        const identities = await Promise.all(
          generations.map(async (z) => (await deriveSchema(z.object({ field: maker(z) }) as ZodSchema)).identity),
        );
        expect(new Set(identities)).toEqual(new Set([identities[0]]));
      }),
      { numRuns: 600 },
    );
  });
});
