import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z as z4 } from 'zod';
import { z as z3 } from 'zod3';
import { z as earlyZ4 } from 'zod3/v4';
import { isJsonObject } from '../../../src/json/value.ts';
import { StreamCheck } from '../../../src/answer/early-stop/stream-check.ts';
import { streamSchema } from '../../../src/answer/early-stop/stream-schema.ts';
import { build, objectPlans, pieces, valuesOf } from './stream-plans.ts';

const flavours: [string, typeof z4][] = [
  ['zod 3', z3 as unknown as typeof z4],
  ['an early zod 4', earlyZ4 as unknown as typeof z4],
  ['zod 4', z4],
];

function takes(schema: z4.ZodType, value: unknown): boolean {
  try {
    return schema.safeParse(value).success;
  } catch {
    // zod 4 throws over intersections whose sides give different values.
    return false;
  }
}

/**
 * Without what makes a part of the schema count as taking anything, the key that zod passes over, and what versions
 * of zod differ in: characters of two units, and integers that are not safe.
 */
function isPlain(plan: unknown): boolean {
  return !/coerce":true|trim":true|catch|preprocess|intersection|"__proto__"|😀|1e\+21/.test(JSON.stringify(plan));
}

const cases = (noise: number) =>
  objectPlans.chain((plan) =>
    fc.tuple(fc.constant(plan), valuesOf(plan, noise), fc.array(fc.nat(1000), { minLength: 7, maxLength: 29 })),
  );

describe.each(flavours)('%s', (_, z) => {
  test('whatever validation takes is never stopped', () => {
    let valid = 0;
    fc.assert(
      fc.property(cases(2), ([plan, value, choices]) => {
        const schema = build(plan, z);
        const text = pieces(value, choices);
        if (!takes(schema, JSON.parse(text.join('')))) return;
        valid += 1;
        const check = new StreamCheck(streamSchema(schema));
        for (const piece of text) expect(check.push(piece)).toBeUndefined();
      }),
      { numRuns: 250 },
    );
    expect(valid).toBeGreaterThan(25);
  });

  test('what validation refuses is stopped, often before its end, where the schema shows all it takes', () => {
    let early = 0;
    fc.assert(
      fc.property(cases(5), ([plan, value, choices]) => {
        const schema = build(plan, z);
        const text = pieces(value, choices);
        if (!isPlain([plan, value]) || !isJsonObject(value) || takes(schema, JSON.parse(text.join('')))) return;
        const check = new StreamCheck(streamSchema(schema));
        const at = text.findIndex((piece) => check.push(piece)?.kind === 'violation');
        expect(at).not.toBe(-1);
        if (
          text
            .slice(at + 1)
            .join('')
            .trim().length > 1
        )
          early += 1;
      }),
      { numRuns: 500 },
    );
    expect(early).toBeGreaterThan(0);
  });
});

test('what validation rewrites before it checks is not held against the bounds', () => {
  const schema = z4.object({
    a: z4.string().trim().max(3),
    b: z4.url().max(3),
    c: z4.string().max(3).min(1).max(2),
    d: z4
      .string()
      .overwrite((text) => text.slice(0, 3))
      .max(3),
  });
  const { $defs: definitions } = streamSchema(schema);
  expect(definitions).toMatchObject({
    0: {
      properties: {
        a: { type: 'string' },
        b: { type: 'string' },
        c: { type: 'string', minLength: 1, maxLength: 2 },
        d: { type: 'string' },
      },
    },
  });
  expect(JSON.stringify(definitions)).not.toContain('"maxLength":3');
});

test.each(flavours)('what %s turns into the right type is not stopped for the wrong one', (_, z) => {
  const schema = z.object({
    a: z.coerce.number(),
    b: z.number().catch(0),
    c: z.preprocess(Number, z.number()),
    d: z.coerce.boolean(),
    e: z
      .intersection(z.object({ x: z.coerce.number() }).strict(), z.object({ y: z.number() }).strict())
      .catch({ x: 1, y: 1 }),
  });
  const text = '{"a":"1","b":"1","c":"1","d":"1","e":"1"}';
  expect(schema.safeParse(JSON.parse(text)).success).toBe(true);
  expect(new StreamCheck(streamSchema(schema)).push(text)).toBeUndefined();
});

test('a loose record passes on what it does not know', () => {
  const schema = z4.object({ a: z4.looseRecord(z4.string().startsWith('x'), z4.number()) });
  const text = '{"a":{"y":"1"}}';
  expect(schema.safeParse(JSON.parse(text)).success).toBe(true);
  expect(new StreamCheck(streamSchema(schema)).push(text)).toBeUndefined();
});

test.each(flavours)('a lazy type of %s that is nothing but itself takes anything', (_, z) => {
  const self: z4.ZodType = z.lazy(() => self);
  const check = new StreamCheck(streamSchema(z.object({ a: self })));
  expect(check.push('{"a":1} ')).toBeUndefined();
});

test.each(flavours)('a lazy type of %s that never ends is read as far as is sensible', (_, z) => {
  const endless = (): z4.ZodType => z.lazy(() => z.object({ a: endless(), b: endless() }));
  const check = new StreamCheck(streamSchema(endless()));
  expect(check.push('{"a":{"a":{"a":1')).toMatchObject({ kind: 'violation', issues: [{ path: '/a/a/a' }] });
});

test('a schema that is not of zod takes anything', () => {
  expect(new StreamCheck(streamSchema({} as z4.ZodType)).push('{"a":1}')).toBeUndefined();
});
