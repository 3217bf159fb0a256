import { describe, expect, it } from 'vitest';
import * as zod4 from 'zod';
import * as zod3 from 'zod3';
import * as earlyZod4 from 'zod3/v4';
import { findForeignZod } from '../../src/zod/foreign.ts';

const places = [
  ['a field', 'a', (inner: unknown, z: typeof zod4) => z.object({ a: inner as zod4.ZodString })],
  ['items', 'a[]', (inner: unknown, z: typeof zod4) => z.object({ a: z.array(inner as zod4.ZodString) })],
  ['an option', 'a', (inner: unknown, z: typeof zod4) => z.object({ a: z.union([z.null(), inner as zod4.ZodString]) })],
  [
    'optional items behind a transform',
    'a[]',
    (inner: unknown, z: typeof zod4) =>
      z.object({ a: z.array((inner as zod4.ZodString).optional()).transform((value) => value) }),
  ],
] as const;

describe('findForeignZod()', () => {
  it.each(places)('finds zod 4 in zod 3 and zod 3 in zod 4: %s', (_name, path, make) => {
    const z3 = zod3 as unknown as typeof zod4;
    expect(findForeignZod(make(zod4.string(), z3))[0]).toEqual({
      path,
      outer: 'zod 3',
      inner: expect.stringMatching(/^zod 4\.\d+\.\d+$/),
      isOtherGeneration: true,
    });
    expect(findForeignZod(make(zod3.string(), zod4))[0]).toEqual({
      path,
      outer: expect.stringMatching(/^zod 4\.\d+\.\d+$/),
      inner: 'zod 3',
      isOtherGeneration: true,
    });
  });

  it('tells two versions of zod 4 apart, which work together', () => {
    const found = findForeignZod(zod4.object({ a: zod4.string(), b: (earlyZod4 as unknown as typeof zod4).string() }));
    expect(found).toEqual([{ path: 'b', outer: expect.any(String), inner: 'zod 4.0.0', isOtherGeneration: false }]);
  });

  it('finds nothing in a schema of one zod, recursive or not', () => {
    const node: zod4.ZodType = zod4.object({ next: zod4.lazy(() => node).optional() });
    expect(findForeignZod(node)).toEqual([]);
    expect(findForeignZod(zod3.object({ a: zod3.string().trim().nullable() }))).toEqual([]);
  });
});
