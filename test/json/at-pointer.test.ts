import fc from 'fast-check';
import { expect, test } from 'vitest';
import { valueAt, withValueAt } from '../../src/json/at-pointer.ts';
import { pointerToken } from '../../src/json/pointer.ts';

test('a value is found and replaced at its place, and the rest stays as it is', () => {
  const data = { a: [{ 'b/c': 1 }, 2], d: null };
  expect(valueAt(data, '/a/0/b~1c')).toBe(1);
  expect(withValueAt(data, '/a/0/b~1c', 5)).toEqual({ a: [{ 'b/c': 5 }, 2], d: null });
  expect(withValueAt(data, '', 5)).toBe(5);
  expect(withValueAt(data, '/e', 5)).toEqual({ ...data, e: 5 });
  expect(data).toEqual({ a: [{ 'b/c': 1 }, 2], d: null });
});

test('a pointer that leads nowhere finds and replaces nothing', () => {
  const data = { a: [1] };
  for (const pointer of ['/a/1', '/a/x', '/a/0/b', '/a/-1']) expect(withValueAt(data, pointer, 5)).toBeUndefined();
  expect(valueAt(data, '/toString')).toBeUndefined();
  expect(valueAt(data, '/a/length')).toBeUndefined();
});

test('law: what was put in a place stands there', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.integer()), fc.string(), fc.integer(), (data, key, value) => {
      const pointer = `/${pointerToken(key)}`;
      const changed = withValueAt(data, pointer, value);
      expect(changed === undefined ? undefined : valueAt(changed, pointer)).toBe(value);
    }),
  );
});
