import fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import * as zod3 from 'zod/v3';
import { validate } from '../../src/answer/validate.ts';
import { isSynchronous } from '../../src/zod/synchronous.ts';

const plain = z.object({
  name: z.string().min(2).max(40).nullable(),
  total: z.number().min(0).optional(),
  kind: z.enum(['a', 'b']).default('a'),
  day: z.iso.date().nullish(),
  items: z.array(z.strictObject({ text: z.string(), count: z.int() })).max(5),
  either: z.union([z.literal(1), z.boolean()]).readonly(),
  more: z.record(z.string(), z.number()),
});

const later = (): Promise<boolean> => Promise.resolve(true);

test('a schema without code of its author is checked at once', () => {
  expect(isSynchronous(plain)).toBe(true);
});

test.each<[string, object]>([
  ['a refinement', z.object({ a: z.string().refine(later) })],
  ['a check', z.object({ a: z.string().check(() => undefined) })],
  ['a transform', z.array(z.string().transform(later))],
  ['a preprocess', z.preprocess((value) => value, z.string())],
  ['a codec', z.codec(z.string(), z.number(), { decode: Number, encode: String })],
  ['a custom type', z.custom<string>(() => true)],
  ['a lazy type', z.lazy(() => z.string().refine(later))],
  ['a value that is caught', z.string().catch('x')],
  ['a property', z.array(z.string()).check(z.property('length', z.number().refine(later)))],
  ['an overwrite', z.string().trim()],
  ['a format of its own', z.stringFormat('even', (text) => text.length % 2 === 0)],
  ['a promise', z.promise(z.string())],
  ['a refinement below a union', z.union([z.string(), z.object({ a: z.number().refine(later) })])],
  ['zod 3', zod3.z.object({ a: zod3.z.string() })],
])('%s may have to be waited for', (_name, schema) => {
  expect(isSynchronous(schema)).toBe(false);
});

test('what is checked at once comes out as what is waited for', async () => {
  const value = fc.oneof(
    fc.jsonValue(),
    fc.record(
      {
        name: fc.oneof(fc.string(), fc.constant(null)),
        total: fc.oneof(fc.double(), fc.string()),
        kind: fc.constantFrom('a', 'b', 'c'),
        day: fc.constantFrom('2026-11-28', 'today', null),
        items: fc.array(fc.record({ text: fc.string(), count: fc.oneof(fc.integer(), fc.double()) })),
        either: fc.constantFrom(1, true, 2),
        more: fc.dictionary(fc.string(), fc.oneof(fc.integer(), fc.string())),
        beyond: fc.anything(),
      },
      { requiredKeys: [] },
    ),
  );
  await fc.assert(
    fc.asyncProperty(value, async (given) => {
      const waited = await plain.safeParseAsync(given);
      const atOnce = await validate(plain, given);
      expect(atOnce).toEqual(waited.success ? { value: waited.data } : { issues: waited.error.issues });
    }),
    { numRuns: 400 },
  );
});

test('a check that is asynchronous is still waited for', async () => {
  const schema = z.object({ a: z.string().refine((text) => Promise.resolve(text === 'x')) });
  expect(await validate(schema, { a: 'x' })).toEqual({ value: { a: 'x' } });
  expect(await validate(schema, { a: 'y' })).toHaveProperty('issues');
});
