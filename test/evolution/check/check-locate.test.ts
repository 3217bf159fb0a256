import { describe, expect, test } from 'vitest';
import { locateChange, propertyNames } from '../../../src/evolution/check/check-locate.ts';

const source = `import { z } from 'zod';
// total: not here
const item = z.object({
  amount: z.number(),
  'unit price': z.number(),
});
const currency = z.string();

export default defineExtraction({
  schema: z.object({
    total: z.number(),
    currency,
    items: z.array(item),
    tax: z.object({
      total: z.number(),
    }),
    get parts() {
      return z.array(item);
    },
  }),
});
`;

describe('locateChange()', () => {
  test.each([
    ['a property', '/properties/total/type', 11],
    ['a nested property of the same name', '/properties/tax/properties/total', 15],
    ['a shorthand', '/properties/currency', 12],
    ['a property of a part defined above', '/properties/items/items/properties/amount', 4],
    ['a quoted name', '/properties/items/items/properties/unit price', 5],
    ['a getter', '/properties/parts/items', 17],
    ['a property that is gone: what held it', '/properties/tax/properties/rate', 14],
    ['the root', '', 10],
  ])('finds %s', (_name, pointer, line) => {
    expect(locateChange(source, pointer)).toBe(line);
  });

  test('gives the first line for a source without anything', () => {
    expect(locateChange('', '/properties/a')).toBe(1);
  });
});

test('propertyNames() tells names from keywords', () => {
  expect(propertyNames('/properties/properties/anyOf/0/properties/a~1b/items')).toEqual(['properties', 'a/b']);
});

test('locateChange() reads a line of a million blanks', () => {
  const source = `schema: z.object({${' '.repeat(1_000_000)}a, b })\nb: z.string()`;
  expect(locateChange(source, '/properties/a')).toBe(1);
});
