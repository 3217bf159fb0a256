import { describe, expect, it } from 'vitest';
import * as zod4 from 'zod';
import * as zod3 from 'zod3';
import { GleanerError } from '../../src/gleaner-error.ts';
import type { JsonObject } from '../../src/json/value.ts';
import { deriveSchema } from '../../src/schema/derive.ts';
import type { ZodSchema } from '../../src/schema/zod-schema.ts';

const both = [
  ['zod 4', zod4],
  ['zod 3', zod3],
] as unknown as [string, typeof zod4][];

async function refusalOf(schema: ZodSchema): Promise<string> {
  const error: unknown = await deriveSchema(schema).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(GleanerError);
  return (error as GleanerError).message;
}

function everyNode(value: unknown, visit: (node: JsonObject) => void): void {
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value)) visit(value as JsonObject);
  for (const member of Object.values(value)) everyNode(member, visit);
}

describe.each(both)('what is asked for with %s', (_name, z) => {
  it('has nothing beside anyOf, wherever a description was given', async () => {
    const { provider } = await deriveSchema(
      z.object({
        rent: z.number().nullable().describe('Monthly rent'),
        pets: z.boolean().describe('Allowed?').nullable(),
        either: z.union([z.string(), z.number()]).describe('Number of the house'),
        list: z.array(z.object({ a: z.string().nullable().describe('inside') })).describe('all'),
      }),
    );
    everyNode(provider, (node) => {
      if (node['anyOf'] !== undefined) expect(Object.keys(node)).toEqual(['anyOf']);
    });
    expect(provider).toMatchObject({
      properties: {
        rent: { anyOf: [{ type: 'number', description: 'Monthly rent' }, { type: 'null' }] },
        pets: { anyOf: [{ type: 'boolean', description: 'Allowed?' }, { type: 'null' }] },
        either: { anyOf: [{ type: 'string', description: 'Number of the house' }, { type: 'number' }] },
        list: { description: 'all' },
      },
    });
  });

  it('requires fields with a default, which would pass for an answer', async () => {
    const { schema, provider } = await deriveSchema(
      z.object({
        name: z.string(),
        kind: z.enum(['refund', 'other']).default('other'),
        note: z.string().optional(),
        priority: z.number().default(0),
      }),
    );
    expect(schema['required']).toEqual(['name']);
    expect(provider['required']).toEqual(['name', 'kind', 'priority']);
  });

  it('ends a recursive type in a list with a default, and advises it', async () => {
    const ended: unknown = z.object({ name: z.string(), children: z.array(z.lazy(() => ended as never)).default([]) });
    const { provider } = await deriveSchema(ended as ZodSchema);
    expect(provider['required']).toEqual(['name']);
    const endless: unknown = z.object({ name: z.string(), children: z.array(z.lazy(() => endless as never)) });
    expect(await refusalOf(endless as ZodSchema)).toContain('children: z.array(...).default([])');
  });

  it('keeps what the flags of a pattern take', async () => {
    const { schema, provider, losses } = await deriveSchema(
      z.object({
        code: z.string().regex(/^[a-z]{2}-\d+$/i),
        two: z.string().regex(/a.b/s).regex(/x/i),
        none: z.string().regex(/^(\w)\1$/i),
      }),
    );
    expect(schema['properties']).toMatchObject({
      code: { pattern: '^[a-zA-Z]{2}-\\d+$' },
      two: { allOf: [{ pattern: 'a[\\s\\S]b' }, { pattern: '[Xx]' }] },
      none: { type: 'string' },
    });
    expect(JSON.stringify(schema)).not.toContain('(\\\\w)');
    expect(provider).toMatchObject({ properties: { code: { description: 'matches /^[a-zA-Z]{2}-\\d+$/' } } });
    expect(losses).toContainEqual({
      path: '/properties/none',
      keyword: 'pattern',
      action: 'dropped',
      detail: expect.stringContaining('flags') as string,
      enforcedLocally: true,
    });
  });

  it('names the field that nothing fits', async () => {
    expect(await refusalOf(z.object({ a: z.object({ b: z.enum([] as never) }) }))).toContain('"a.b": nothing fits it');
    expect(await refusalOf(z.object({ a: z.never() }))).toContain('"a": nothing fits it');
    expect(await refusalOf(z.object({ a: z.union([z.never(), z.never()]) }))).toContain('"a": nothing fits it');
    const { provider } = await deriveSchema(z.object({ a: z.string(), gone: z.never().optional() }));
    expect(Object.keys(provider['properties'] as object)).toEqual(['a']);
    expect((await deriveSchema(z.object({ a: z.array(z.never()) }))).provider).toMatchObject({
      properties: { a: { maxItems: 0 } },
    });
  });

  it('asks functions for date-time alone among the formats', async () => {
    const schema = z.object({ at: z.string().datetime(), day: z.string().date(), length: z.string().duration() });
    const { provider } = await deriveSchema(schema, { dialect: 'gemini-tools' });
    const formats: unknown[] = [];
    everyNode(provider, ({ format }) => formats.push(...(format === undefined ? [] : [format])));
    expect(formats).toEqual(['date-time']);
    expect(JSON.stringify(provider)).toContain('format date');
  });

  it('sends the whole schema to servers that enforce it', async () => {
    const node: unknown = z.object({
      code: z
        .string()
        .regex(/^[A-Z]+$/)
        .max(9),
      odd: z.string().regex(/x(?!y)/),
      amount: z.number().gt(0).multipleOf(0.5),
      tags: z.record(z.string(), z.string()),
      children: z.array(z.lazy(() => node as never)),
    });
    const { provider, losses } = await deriveSchema(node as ZodSchema, { dialect: 'whole' });
    expect(provider).toMatchObject({
      properties: {
        code: { type: 'string', pattern: '^[A-Z]+$', maxLength: 9 },
        odd: { type: 'string', description: 'matches /x(?!y)/' },
        amount: { exclusiveMinimum: 0, multipleOf: 0.5 },
        tags: { type: 'object', additionalProperties: { type: 'string' } },
        children: { items: { $ref: '#' } },
      },
    });
    expect(JSON.stringify(provider)).not.toContain('propertyNames');
    expect(losses.map(({ path, keyword }) => `${path} ${keyword}`)).toEqual(['/properties/odd pattern']);
  });
});

describe('what is asked for', () => {
  it('takes z.json() for what it is: anything', async () => {
    const { schema, provider, warnings } = await deriveSchema(zod4.object({ a: zod4.string(), data: zod4.json() }));
    expect(schema).toEqual({
      type: 'object',
      properties: { a: { type: 'string' }, data: {} },
      required: ['a', 'data'],
    });
    expect(provider).toEqual(schema);
    expect(warnings).toEqual([expect.stringContaining('"data" may hold anything')]);
  });

  it('names the words of z.stringbool()', async () => {
    const schema = zod4.object({ paid: zod4.stringbool({ truthy: ['ja', 'yes'], falsy: ['nein'] }).describe('Paid?') });
    const { provider, outputSchema } = await deriveSchema(schema);
    expect(provider['properties']).toEqual({
      paid: { type: 'string', enum: ['ja', 'yes', 'nein'], description: 'Paid?' },
    });
    expect(outputSchema['properties']).toMatchObject({ paid: { type: 'boolean' } });
    const plain = zod4.object({
      n: zod4
        .string()
        .transform((text) => text === 'x')
        .pipe(zod4.boolean()),
    });
    expect((await deriveSchema(plain)).provider['properties']).toEqual({ n: { type: 'string' } });
  });

  it('does not take names of checks for formats', async () => {
    const { provider } = await deriveSchema(
      zod4.object({ a: zod4.string().startsWith('DE'), b: zod4.string().includes('@') }),
    );
    expect(provider['properties']).toEqual({
      a: { type: 'string', description: 'matches /^DE.*/' },
      b: { type: 'string', description: 'matches /@/' },
    });
  });
});
