import { describe, expect, test } from 'vitest';
import * as z4 from 'zod';
import { z as z3 } from 'zod3';
import { judgeText, type AnswerVerdict } from '../../src/answer/judge-answer.ts';
import { deriveSchema } from '../../src/schema/derive.ts';
import type { ZodSchema } from '../../src/schema/zod-schema.ts';

async function judge(schema: ZodSchema, value: object): Promise<AnswerVerdict<unknown>> {
  const { schema: asked } = await deriveSchema(schema);
  return judgeText(JSON.stringify(value), schema, { schema: asked, coerce: false });
}

const dialects = [
  ['zod 4', z4.z],
  ['zod 3', z3 as unknown as typeof z4.z],
] as const;

describe.each(dialects)('what %s would drop in silence', (_name, z) => {
  const total = z.number().optional();
  const item = z.object({ name: z.string(), price: total });
  const refused: { name: string; schema: ZodSchema; value: object; path: string; missing: string }[] = [
    {
      name: 'another word',
      schema: z.object({ a: z.string(), total }),
      value: { a: 'x', amount: 3 },
      path: '/amount',
      missing: 'total',
    },
    {
      name: 'all of it',
      schema: z.object({ total }),
      value: { receipt: { total: 3 } },
      path: '/receipt',
      missing: 'total',
    },
    {
      name: 'a note that is no receipt',
      schema: z.object({ total }),
      value: { error: 'none' },
      path: '/error',
      missing: 'total',
    },
    {
      name: 'in an object within',
      schema: z.object({ a: item }),
      value: { a: { name: 'x', cost: 3 } },
      path: '/a/cost',
      missing: 'price',
    },
    {
      name: 'in a list',
      schema: z.object({ a: z.array(item) }),
      value: {
        a: [
          { name: 'x', price: 1 },
          { name: 'y', cost: 3 },
        ],
      },
      path: '/a/1/cost',
      missing: 'price',
    },
    {
      name: 'in an object that may be null',
      schema: z.object({ a: item.nullable() }),
      value: { a: { name: 'x', cost: 3 } },
      path: '/a/cost',
      missing: 'price',
    },
    {
      name: 'in a record',
      schema: z.object({ a: z.record(z.string(), item) }),
      value: { a: { k: { name: 'x', cost: 3 } } },
      path: '/a/k/cost',
      missing: 'price',
    },
    {
      name: 'beside a default',
      schema: z.object({ a: z.string(), n: z.number().default(1) }),
      value: { a: 'x', count: 3 },
      path: '/count',
      missing: 'n',
    },
    {
      name: 'in both of two joined objects',
      schema: z.object({ a: z.object({ b: z.string() }).and(z.object({ c: total })) }),
      value: { a: { b: 'x', d: 1 } },
      path: '/a/d',
      missing: 'c',
    },
  ];
  test.each(refused)('is refused: $name', async ({ schema, value, path, missing }) => {
    const verdict = await judge(schema, value);
    expect(verdict).toMatchObject({ status: 'invalid', code: 'schema_violation' });
    expect(verdict).toHaveProperty('issues', [
      { path, message: expect.stringContaining(`"${missing}" is missing`) as string },
    ]);
  });

  const taken: [string, ZodSchema, object][] = [
    ['a remark beside a whole object', z.object({ a: z.string(), total }), { a: 'x', total: 1, confidence: 0.9 }],
    ['what an open object keeps', z.object({ a: z.string(), total }).passthrough(), { a: 'x', amount: 3 }],
    ['an absent property alone', z.object({ a: z.string(), total }), { a: 'x' }],
    ['names of a record', z.object({ a: z.record(z.string(), z.number()) }), { a: { any: 1 } }],
    [
      'a member of the alternative that was meant',
      z.object({
        a: z.discriminatedUnion('t', [
          z.object({ t: z.literal('x'), n: z.number() }),
          z.object({ t: z.literal('y'), m: total }),
        ]),
      }),
      { a: { t: 'x', n: 1 } },
    ],
    ['what a transform makes of it', z.object({ a: z.string() }).transform(({ a }) => a.length), { a: 'x', note: 'y' }],
  ];
  test.each(taken)('is taken: %s', async (_case, schema, value) => {
    expect(await judge(schema, value)).toMatchObject({ status: 'valid' });
  });

  test('is looked for in the alternative of a union that took the value', async () => {
    const schema = z.object({
      a: z.union([z.object({ t: z.literal('x'), n: total }), z.object({ t: z.literal('y'), m: z.number() })]),
    });
    expect(await judge(schema, { a: { t: 'x', m: 1 } })).toMatchObject({ code: 'schema_violation' });
  });
});

describe('judging with a shape', () => {
  const schema = z4.z.object({ company: z4.z.string(), total: z4.z.number(), memo: z4.z.string().optional() });

  async function judgeAs(text: string, coerce = true): Promise<AnswerVerdict<unknown>> {
    return judgeText(text, schema, { schema: (await deriveSchema(schema)).schema, coerce });
  }

  test('a coerced answer is valid, says what was done, and keeps what the model wrote', async () => {
    expect(await judgeAs('{"Company":"A","total":"8.40"}')).toEqual({
      status: 'valid',
      data: { company: 'A', total: 8.4 },
      json: { company: 'A', total: 8.4 },
      answer: { Company: 'A', total: '8.40' },
      coerced: [
        { path: '/company', rule: 'key-form' },
        { path: '/total', rule: 'number-from-text' },
      ],
    });
  });

  test('coercion and mending add up', async () => {
    expect(await judgeAs("```\n{'company': 'A', 'total': '8.40'}\n```")).toMatchObject({
      status: 'valid',
      repaired: 'notation',
      coerced: [{ path: '/total', rule: 'number-from-text' }],
    });
  });

  test('an optional key in other case is meant, not dropped', async () => {
    expect(await judgeAs('{"company":"A","total":1,"Memo":"x"}')).toMatchObject({ json: { memo: 'x' } });
  });

  test('without coercion it is asked again', async () => {
    expect(await judgeAs('{"company":"A","total":"8.40"}', false)).toMatchObject({ code: 'schema_violation' });
    expect(await judgeAs('{"company":"A","total":1,"Memo":"x"}', false)).toMatchObject({ code: 'schema_violation' });
  });

  test('what a check of the schema refuses stays refused, with its own words', async () => {
    const even = z4.z.object({ n: z4.z.number().refine((n) => n % 2 === 0, 'must be even') });
    const shape = { schema: (await deriveSchema(even)).schema };
    expect(await judgeText('{"n":"4"}', even, shape)).toMatchObject({ json: { n: 4 } });
    expect(await judgeText('{"n":"3"}', even, shape)).toMatchObject({ issues: [{ path: '/n' }] });
    expect(await judgeText('{"n":3}', even, shape)).toMatchObject({ issues: [{ message: 'must be even' }] });
  });

  test('of several objects the one with names of the schema is meant', async () => {
    const good = '{"company":"A","total":1}';
    expect(await judgeAs(`As {"type":"object"} says: ${good}`)).toMatchObject({ json: { company: 'A' } });
    expect(await judgeAs(`${good} after {"format":{"type":"json"}}`)).toMatchObject({ json: { company: 'A' } });
    for (const other of ['{"company":"","total":0}', '{"receipt":{"Company":"B"}}', '{"total":2}']) {
      expect(await judgeAs(`${good} Format: ${other}`)).toMatchObject({ code: 'invalid_json' });
      expect(await judgeAs(`Format: ${other} ${good}`)).toMatchObject({ code: 'invalid_json' });
    }
  });

  test('a bracket too many at the end takes nothing away, one before members does', async () => {
    expect(await judgeAs('{"company":"A","total":1}}')).toMatchObject({ status: 'valid', repaired: 'prose' });
    expect(await judgeAs('{"company":"A","total":1},"memo":"x"}')).toMatchObject({ code: 'invalid_json' });
    expect(await judgeAs('} {"company":"A","total":1}')).toMatchObject({ code: 'invalid_json' });
    expect(await judgeAs('{"company":"A","total":1}, 2]')).toMatchObject({ code: 'invalid_json' });
  });
});
