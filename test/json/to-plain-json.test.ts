import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { toPlainJson } from '../../src/json/to-plain-json.ts';

test('toPlainJson copies as JSON.stringify writes', () => {
  const value = fc.anything({ withDate: true, withNullPrototype: true, withSparseArray: true, maxDepth: 4 });
  fc.assert(
    fc.property(value, (given) => {
      const text = JSON.stringify(given) as string | undefined;
      expect(toPlainJson(given)).toEqual({ value: text === undefined ? null : JSON.parse(text) });
    }),
  );
});

test('toPlainJson says where a value is none', () => {
  const part: Record<string, unknown> = { type: 'text' };
  part['self'] = part;
  expect(toPlainJson([part])).toEqual({
    problem: expect.stringContaining('a value that contains itself, at [0].self'),
  });
  expect(toPlainJson([{ type: 'text', count: 1n }])).toEqual({ problem: 'a bigint at [0].count' });
});

test('toPlainJson asks each property once', () => {
  let asked = 0;
  const part = {
    get text() {
      asked += 1;
      return 'x';
    },
  };
  const copied = toPlainJson([part]);
  expect(JSON.stringify(copied) + JSON.stringify(copied)).toContain('"text":"x"');
  expect(asked).toBe(1);
});
