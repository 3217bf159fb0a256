import { describe, expect, test } from 'vitest';
import { z as z4 } from 'zod';
import * as mini from 'zod/mini';
import { z as z3 } from 'zod3';
import { findUnseenChecks } from '../../../src/evolution/check/check-unseen.ts';

const yes = (): boolean => true;

describe('findUnseenChecks()', () => {
  test('finds them wherever they stand in a zod 4 schema', () => {
    const schema = z4
      .object({
        a: z4.string().refine(yes).optional(),
        b: z4.string().transform(Number),
        c: z4.string().trim(),
        list: z4.array(z4.object({ x: z4.number().superRefine(() => {}) })),
        kinds: z4.discriminatedUnion('k', [
          z4.object({ k: z4.literal('p'), q: z4.url() }),
          z4.object({ k: z4.literal('r'), s: z4.string().refine(yes).brand('s') }),
        ]),
        map: z4.record(z4.string(), z4.number().refine(yes)),
        pair: z4.tuple([z4.string(), z4.string().refine(yes)]),
        coded: z4.stringbool(),
        made: z4.custom(yes),
      })
      .refine(yes);
    expect(findUnseenChecks(schema).map(({ path, kind }) => `${kind} ${path}`)).toEqual([
      'refinement ',
      'refinement a',
      'transform b',
      'overwrite c',
      'refinement list[].x',
      'refinement kinds.s',
      'refinement map{}',
      'refinement pair[1]',
      'transform coded',
      'custom made',
    ]);
  });

  test('finds them in zod/mini and zod 3', () => {
    const small = mini.object({ a: mini.string().check(mini.refine(yes)) });
    expect(findUnseenChecks(small)).toEqual([{ path: 'a', kind: 'refinement' }]);
    const old = z3.object({
      a: z3.string().refine(yes).brand('a'),
      b: z3.preprocess(String, z3.string()),
      c: z3.array(z3.string().transform(Number)),
      d: z3.string().toLowerCase(),
    });
    expect(findUnseenChecks(old).map(({ path, kind }) => `${kind} ${path}`)).toEqual([
      'refinement a',
      'preprocess b',
      'transform c[]',
      'overwrite d',
    ]);
  });

  test('finds nothing in a schema that shows all it checks', () => {
    const schema = z4.strictObject({
      a: z4.email().min(3).nullable(),
      b: z4.int().min(1).default(2),
      c: z4.enum(['x']),
    });
    expect(findUnseenChecks(schema)).toEqual([]);
  });

  test('ends on recursive schemas, even on ones that are made anew each time', () => {
    const tree = z4.object({
      label: z4.string().refine(yes),
      get children() {
        return z4.array(tree).optional();
      },
    });
    expect(findUnseenChecks(tree)).toEqual([{ path: 'label', kind: 'refinement' }]);
    const endless = (): z4.ZodType => z4.lazy(endless);
    expect(findUnseenChecks(z4.object({ a: endless() }))).toEqual([]);
  });
});

test('options of formats that no JSON Schema tells count as refinements', () => {
  const told = [z4.url(), z4.jwt(), z3.string().datetime(), z3.string().ip({ version: 'v4' })];
  for (const schema of told) expect(findUnseenChecks(schema)).toEqual([]);
  const untold = [
    z4.url({ protocol: /^https$/ }),
    z4.string().check(z4.url({ hostname: /example/ })),
    z4.jwt({ alg: 'HS256' }),
    mini.url({ protocol: /^https$/ }),
    z4.string().check(z4.property('length', z4.literal(3))),
    z3.string().ip(),
    z3.string().datetime({ precision: 3 }),
    z3.string().datetime({ offset: true }),
  ];
  for (const schema of untold) expect(findUnseenChecks(schema)).toEqual([{ path: '', kind: 'refinement' }]);
});
