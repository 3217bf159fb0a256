import { describe, expect, test } from 'vitest';
import { z as z4 } from 'zod';
import * as mini from 'zod/mini';
import { z as z3 } from 'zod3';
import { compareUnseen, findUnseenChecks } from '../../../src/evolution/check/check-unseen.ts';

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
    expect(findUnseenChecks(small)).toMatchObject([{ path: 'a', kind: 'refinement' }]);
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
    expect(findUnseenChecks(tree)).toMatchObject([{ path: 'label', kind: 'refinement' }]);
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
    z3.string().includes('a', { position: 2 }),
    z4.stringFormat('yes', yes),
  ];
  for (const schema of untold) expect(findUnseenChecks(schema)).toMatchObject([{ path: '', kind: 'refinement' }]);
});

describe('compareUnseen()', () => {
  const changesOf = (older: z4.ZodType, newer: z4.ZodType): string[] =>
    compareUnseen(findUnseenChecks(older), findUnseenChecks(newer)).map(({ change, kind }) => `${change} ${kind}`);

  test.each<[string, unknown, unknown]>([
    ['a refinement', z4.string().refine((text) => text !== ''), z4.string().refine((text) => text === 'x')],
    ['a second refinement', z4.string().refine(yes), z4.string().refine(yes).refine(yes)],
    ['a refinement of zod/mini', mini.string().check(mini.refine(yes)), mini.string().check(mini.refine(() => false))],
    ['a second one of zod 3', z3.string().refine(yes), z3.string().refine(yes).refine(yes)],
    ['the option of an address', z4.url({ protocol: /^https?$/ }), z4.url({ protocol: /^https$/ })],
    ['the option of a time', z3.string().datetime({ precision: 3 }), z3.string().datetime({ precision: 0 })],
    ['the limit of a date', z4.date().min(new Date(0)), z4.date().min(new Date(1))],
    ['the limit of a date of zod 3', z3.date().min(new Date(0)), z3.date().min(new Date(1))],
    ['a format of its own', z4.stringFormat('yes', yes), z4.stringFormat('yes', () => false)],
  ])('finds that %s was edited', (_name, older, newer) => {
    expect(changesOf(older as z4.ZodType, newer as z4.ZodType)).toEqual(['edited refinement']);
    expect(changesOf(older as z4.ZodType, older as z4.ZodType)).toEqual([]);
  });

  test('finds what is new and what is gone, and says nothing of what older snapshots do not tell', () => {
    const [plain, tidied] = [z4.string(), z4.string().transform(String)];
    expect(changesOf(plain, tidied)).toEqual(['new transform']);
    expect(changesOf(tidied, plain)).toEqual(['gone transform']);
    expect(compareUnseen([{ path: '', kind: 'transform' }], findUnseenChecks(tidied))).toEqual([]);
  });
});

test('metadata that overwrites what a schema demands is told', () => {
  const found = (schema: object): string[] => findUnseenChecks(schema as z4.ZodType).map(({ kind }) => kind);
  expect(found(z4.string().min(5).meta({ minLength: 0 }))).toEqual(['override']);
  expect(found(mini.number().register(mini.globalRegistry, { type: 'string' } as { title?: string }))).toEqual([
    'override',
  ]);
  expect(found(z4.string().meta({ description: 'd', examples: ['a'], title: 't', id: 'overwritten' }))).toEqual([]);
});
