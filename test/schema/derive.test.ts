import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import * as zod4 from 'zod';
import * as mini from 'zod/mini';
import * as zod3 from 'zod3';
import * as earlyZod4 from 'zod3/v4';
import type { ZodSchema } from '../../src/schema/zod-schema.ts';
import { GleanerError } from '../../src/gleaner-error.ts';
import { deriveSchema } from '../../src/schema/derive.ts';

const generations = [
  ['zod 4', zod4],
  ['the zod 4 inside zod 3.25', earlyZod4],
  ['zod 3', zod3],
] as unknown as [string, typeof zod4][];

async function refusalOf(schema: ZodSchema): Promise<string> {
  const error: unknown = await deriveSchema(schema).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(GleanerError);
  return (error as GleanerError).message;
}

describe.each(generations)('deriveSchema with %s', (_name, z) => {
  it('describes what the model writes and what a result holds', async () => {
    const { schema, outputSchema, warnings } = await deriveSchema(
      z.object({
        company: z.string().min(2).describe('As printed'),
        total: z.number().positive().nullable(),
        count: z.number().int(),
        kind: z.enum(['a', 'b']).optional(),
        currency: z.string().default('EUR'),
        length: z.string().transform((text) => text.length),
        pair: z.tuple([z.string(), z.number()]),
      }),
    );
    const company = { type: 'string', minLength: 2, description: 'As printed' };
    const pair = {
      type: 'array',
      prefixItems: [{ type: 'string' }, { type: 'number' }],
      items: false,
      minItems: 2,
      maxItems: 2,
    };
    const properties = {
      company,
      total: { anyOf: [{ type: 'number', exclusiveMinimum: 0 }, { type: 'null' }] },
      count: { type: 'integer' },
      kind: { type: 'string', enum: ['a', 'b'] },
      currency: { type: 'string', default: 'EUR' },
      length: { type: 'string' },
      pair,
    };
    expect(schema).toEqual({
      type: 'object',
      properties,
      required: ['company', 'total', 'count', 'length', 'pair'],
    });
    expect(outputSchema).toEqual({
      type: 'object',
      properties: { ...properties, length: {} },
      required: ['company', 'total', 'count', 'currency', 'length', 'pair'],
      additionalProperties: false,
    });
    expect(warnings).toEqual([expect.stringContaining('The output of "length" comes from a transform')]);
  });

  it('keeps what a strict and an open object say of further keys', async () => {
    const { schema } = await deriveSchema(
      z.object({ strict: z.object({ a: z.string() }).strict(), open: z.object({ a: z.string() }).passthrough() }),
    );
    expect(schema).toMatchObject({ properties: { strict: { additionalProperties: false } } });
    expect(JSON.stringify(schema).match(/additionalProperties":false/g)).toHaveLength(1);
  });

  it('asks for text where a date is coerced, and writes results as text', async () => {
    const { schema, outputSchema } = await deriveSchema(z.object({ day: z.coerce.date() }));
    const text = { type: 'string', format: 'date-time' };
    expect(schema).toMatchObject({ properties: { day: text } });
    expect(outputSchema).toMatchObject({ properties: { day: text } });
  });

  it.each([
    [
      'a date',
      () => z.object({ lines: z.array(z.object({ day: z.date() })) }),
      'Cannot ask a model for "lines[].day"',
      'z.iso.date()',
    ],
    ['a bigint', () => z.object({ amount: z.bigint().nullable() }), '"amount"', 'z.int()'],
    ['a bigint in a union', () => z.object({ amount: z.union([z.string(), z.bigint()]) }), '"amount"', 'z.int()'],
    ['a map', () => z.object({ m: z.map(z.string(), z.string()) }), '"m"', 'z.record()'],
    ['a set', () => z.object({ s: z.set(z.string()).optional() }), '"s"', 'z.array()'],
    ['undefined', () => z.object({ u: z.union([z.undefined(), z.string()]) }), '"u"', '.optional()'],
    [
      'a set in the output',
      () =>
        z.object({
          s: z
            .array(z.string())
            .transform((list) => new Set(list))
            .pipe(z.set(z.string())),
        }),
      'Cannot write results of "s"',
      'z.array()',
    ],
  ])('refuses %s with the path and what to use instead', async (_case, make, path, advice) => {
    const message = await refusalOf(make());
    expect(message).toContain(path);
    expect(message).toContain(advice);
  });

  it.each([
    ['an array', () => z.array(z.string()), 'wrap it: z.object({ items'],
    ['a union', () => z.union([z.object({ a: z.string() }), z.object({ b: z.string() })]), 'z.object({ result'],
    [
      'a discriminated union',
      () => z.discriminatedUnion('t', [z.object({ t: z.literal('a') }), z.object({ t: z.literal('b') })]),
      'a union; wrap it',
    ],
    ['a string', () => z.string(), 'it is a string'],
    ['anything', () => z.any(), 'says nothing of its values'],
    ['an empty object', () => z.object({}), 'without named properties'],
    ['a free-form map', () => z.record(z.string(), z.string()), 'without named properties'],
  ])('refuses %s as the root', async (_case, make, reason) => {
    expect(await refusalOf(make())).toContain(reason);
  });

  it('takes an intersection of objects as the root', async () => {
    const { provider } = await deriveSchema(z.object({ a: z.string() }).and(z.object({ b: z.number() })));
    expect(provider).toEqual({
      type: 'object',
      properties: { a: { type: 'string' }, b: { type: 'number' } },
      required: ['a', 'b'],
    });
  });

  it('refuses recursion that the service cannot unroll, naming the way back', async () => {
    const node: typeof zod4.ZodType = z.object({
      name: z.string(),
      children: z.array(z.lazy(() => node as never)),
    }) as never;
    expect(await refusalOf(node as never)).toContain('"children[]": the schema contains itself');
    const nullable: unknown = z.object({ next: z.lazy(() => nullable as never).nullable() });
    expect(await refusalOf(nullable as ZodSchema)).toContain('"next"');
    // Behind an optional property, but endless from there on.
    expect(
      await refusalOf(
        z.object({ name: z.string(), tree: (node as never as typeof nullable & zod4.ZodString).optional() }),
      ),
    ).toContain('"tree.children[]"');
  });

  it('takes recursion through properties that may be left out, with a warning', async () => {
    const part: unknown = z.object({ name: z.string(), parts: z.array(z.lazy(() => part as never)).optional() });
    const { schema, provider, warnings } = await deriveSchema(z.object({ top: part as zod4.ZodString }));
    const reference = { $ref: '#/$defs/__schema0' };
    expect(provider).toEqual({
      type: 'object',
      properties: { top: reference },
      required: ['top'],
      $defs: {
        __schema0: {
          type: 'object',
          properties: { name: { type: 'string' }, parts: { type: 'array', items: reference } },
          required: ['name'],
        },
      },
    });
    expect(schema).toEqual(provider);
    expect(warnings).toEqual([expect.stringContaining('contains itself at "top.parts[]"')]);
    expect((await deriveSchema(part as ZodSchema)).schema).toMatchObject({
      properties: { parts: { items: { $ref: '#' } } },
    });
  });

  it('gives each use of a shared schema its own description', async () => {
    const text = z.string();
    const { schema } = await deriveSchema(
      z.object({ a: text.optional().describe('A'), b: text.optional().describe('B'), c: text }),
    );
    expect(schema['properties']).toEqual({
      a: { type: 'string', description: 'A' },
      b: { type: 'string', description: 'B' },
      c: { type: 'string' },
    });
  });

  it('accepts in the provider schema what zod accepts', async () => {
    const schema = z.object({
      kind: z.union([z.literal('x'), z.literal(3), z.literal(true), z.null()]),
      scores: z.record(z.string(), z.number()),
      tags: z.array(z.string().email()).max(600),
      amount: z.number().gt(0).lt(10).multipleOf(0.5).nullish(),
    });
    const { provider } = await deriveSchema(schema);
    const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(provider);
    for (const kind of ['x', 3, true, null]) {
      const document = { kind, scores: { a: 1 }, tags: ['a@b.example'], amount: 9.5 };
      expect(schema.safeParse(document).success).toBe(true);
      expect(validate(document)).toBe(true);
    }
  });
});

describe('deriveSchema', () => {
  it('takes zod/mini', async () => {
    const { schema } = await deriveSchema(mini.object({ a: mini.optional(mini.string()) }));
    expect(schema).toEqual({ type: 'object', properties: { a: { type: 'string' } } });
  });

  it('keeps a field named __proto__', async () => {
    const shape = Object.fromEntries([['__proto__', zod4.string().min(1)]]);
    const { provider } = await deriveSchema(zod4.object(shape));
    expect(JSON.stringify(provider)).toContain('"__proto__":{"type":"string"');
  });

  it('takes a root that was given an id, recursive or not', async () => {
    const named = zod4.object({ a: zod4.string() }).meta({ id: 'Receipt', description: 'One receipt' });
    expect((await deriveSchema(named)).provider).toEqual({
      type: 'object',
      description: 'One receipt',
      properties: { a: { type: 'string' } },
      required: ['a'],
    });
    const node: zod4.ZodType = zod4.object({ next: zod4.lazy(() => node).optional() }).meta({ id: 'Node' });
    expect((await deriveSchema(node)).provider).toMatchObject({ type: 'object', $defs: { Node: { type: 'object' } } });
  });

  it('tells the model that a time without an offset is wanted', async () => {
    const { provider } = await deriveSchema(
      zod4.object({ utc: zod4.iso.datetime(), any: zod4.iso.datetime({ offset: true }) }),
    );
    expect(provider['properties']).toEqual({
      utc: { type: 'string', format: 'date-time', description: 'in UTC, ending in Z' },
      any: { type: 'string', format: 'date-time' },
    });
  });

  it('warns of places without a type', async () => {
    const { warnings } = await deriveSchema(
      zod4.object({ a: zod4.unknown(), b: zod4.record(zod4.string(), zod4.string()) }),
    );
    expect(warnings).toEqual([
      expect.stringContaining('"a" may hold anything'),
      expect.stringContaining('"b" is an object without named properties'),
    ]);
  });

  it('refuses two generations of zod in one schema, whichever way they are nested', async () => {
    const old = zod3.object({ address: zod4.object({ city: zod4.string() }) as never });
    expect(await refusalOf(old)).toMatch(/"address" is made with zod 4\.\d+\.\d+, the schema around it with zod 3/);
    const young = zod4.object({ lines: zod4.array(zod3.object({ city: zod3.string() }) as never) });
    expect(await refusalOf(young)).toMatch(/"lines\[\]" is made with zod 3, the schema around it with zod 4\.\d+\.\d+/);
    const { warnings } = await deriveSchema(zod4.object({ city: earlyZod4.string() as never }));
    expect(warnings).toEqual([expect.stringContaining('"city" is made with zod 4.0.0')]);
  });

  it('refuses what is no zod schema', async () => {
    expect(await refusalOf({ type: 'object' } as never)).toContain('expected a zod schema');
  });

  it('says why a schema could not be converted', async () => {
    const broken = zod4.object({
      get a(): zod4.ZodString {
        throw new Error('not yet defined');
      },
    });
    expect(await refusalOf(broken)).toContain('not yet defined');
  });

  it('warns of deep nesting and long enums', async () => {
    let deep: zod4.ZodType = zod4.string();
    for (let level = 0; level < 6; level += 1) deep = zod4.object({ in: deep });
    const { warnings } = await deriveSchema(
      zod4.object({ deep, code: zod4.enum(Array.from({ length: 101 }, (_, index) => `c${index}`)) }),
    );
    expect(warnings).toEqual([
      expect.stringContaining('"code" lists 101 values'),
      expect.stringContaining('is nested 7 levels deep'),
    ]);
  });
});
