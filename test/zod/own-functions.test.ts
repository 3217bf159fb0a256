import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { z as zod3 } from 'zod3';
import { z as mini } from 'zod/mini';
import { readOwnFunctions } from '../../src/zod/own-functions.ts';

const sourcesOf = (schema: object): string[] => readOwnFunctions(schema).sources;

describe('functions that a schema was given', () => {
  test.each<[string, (limit: string) => object]>([
    ['a refinement', () => z.object({ a: z.string().refine((text) => text !== 'x') })],
    ['a check', () => z.object({ a: z.string().check((ctx) => void ctx.issues) })],
    ['a check of zod/mini', () => mini.object({ a: mini.string().check(mini.refine((text) => text !== 'x')) })],
    ['a transform', () => z.object({ a: z.string().transform((text) => text.length) })],
    ['a preprocess', () => z.object({ a: z.preprocess((text) => text, z.string()) })],
    [
      'a codec',
      () => z.object({ a: z.codec(z.string(), z.number(), { decode: Number, encode: (value) => `${value}` }) }),
    ],
    ['a custom type', () => z.object({ a: z.custom((value) => value === 1) })],
    ['a transform of zod 3', () => zod3.object({ a: zod3.string().transform((text) => text.length) })],
    ['a superRefine of zod 3', () => zod3.object({ a: zod3.string().superRefine((text) => void text) })],
    [
      'one deep inside',
      () =>
        z.object({
          a: z.array(
            z.object({
              b: z
                .string()
                .nullable()
                .refine((text) => text !== 'x'),
            }),
          ),
        }),
    ],
  ])('%s is seen by its text, and where it stands', (_what, schema) => {
    const sources = sourcesOf(schema(''));
    expect(sources.length).toBeGreaterThan(0);
    for (const source of sources) expect(source).toMatch(/^a(?:\[\]\.b)?\0(?:\(|function)/);
    // Another copy of the same code is the same code.
    expect(sourcesOf(schema(''))).toEqual(sources);
  });

  test('an edit shows, other white space does not', () => {
    const strict = z.string().refine((text) => text.length > 1);
    const lax = z.string().refine((text) => text.length > 0);
    expect(sourcesOf(strict)).not.toEqual(sourcesOf(lax));
    // prettier-ignore
    const spaced = z.string().refine((text) =>   text.length
      > 1);
    expect(sourcesOf(spaced)).toEqual(sourcesOf(strict));
  });

  test('what zod keeps in closures is told to be hidden', () => {
    expect(readOwnFunctions(z.object({ a: z.string().superRefine(() => {}) }))).toEqual({ sources: [], hidden: ['a'] });
    expect(readOwnFunctions(zod3.object({ a: zod3.string().refine(() => true) }))).toEqual({
      sources: [],
      hidden: ['a'],
    });
  });

  test('what zod does itself is none of them', () => {
    const schema = z.object({
      text: z.string().trim().toLowerCase().min(1).email(),
      when: z.coerce.date(),
      is: z.stringbool(),
      any: z.json(),
      kind: z.enum(['a']).default('a').catch('a'),
      url: z.url(),
    });
    expect(readOwnFunctions(schema)).toEqual({ sources: [], hidden: [] });
    const old = zod3.object({ text: zod3.string().trim().email(), kind: zod3.enum(['a']).default('a').catch('a') });
    expect(readOwnFunctions(old)).toEqual({ sources: [], hidden: [] });
  });
});
