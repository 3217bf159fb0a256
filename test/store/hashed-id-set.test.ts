import fc from 'fast-check';
import { expect, test } from 'vitest';
import { HashedIdSet } from '../../src/store/hashed-id-set.ts';

test('HashedIdSet answers as a Set does', () => {
  const key = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 3 }), fc.constantFrom('', '__proto__', 'a', 'a\0'));
  const step = fc.record({ do: fc.constantFrom('add' as const, 'has' as const), key });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      const keys = new HashedIdSet();
      const model = new Set<string>();
      for (const each of steps) {
        if (each.do === 'has') expect(keys.has(each.key)).toBe(model.has(each.key));
        else {
          expect(keys.add(each.key)).toBe(!model.has(each.key));
          model.add(each.key);
        }
        expect(keys.size).toBe(model.size);
      }
    }),
  );
});

test('HashedIdSet keeps 200,000 members over its growth and takes no other for one of them', () => {
  const keys = new HashedIdSet();
  let added = 0;
  for (let n = 0; n < 200_000; n += 1) if (keys.add(`record-${n}`)) added += 1;
  expect([added, keys.size]).toEqual([200_000, 200_000]);
  let found = 0;
  for (let n = 0; n < 400_000; n += 1) if (keys.has(`record-${n}`)) found += 1;
  expect(found).toBe(200_000);
  let again = 0;
  for (let n = 0; n < 200_000; n += 1) if (keys.add(`record-${n}`)) again += 1;
  expect([again, keys.size]).toEqual([0, 200_000]);
});

test('HashedIdSet leaves the tables that it saved as they were, however it grows', () => {
  const keys = new HashedIdSet();
  for (let n = 0; n < 100_000; n += 1) keys.add(`record-${n}`, 2 * n);
  const saved = keys.save();
  const lengths = saved.map(({ length }) => length);
  for (let n = 100_000; n < 200_000; n += 1) keys.add(`record-${n}`, 2 * n);
  expect(saved.map(({ length }) => length)).toEqual(lengths);
  const loaded = new HashedIdSet();
  loaded.load(saved);
  for (let n = 0; n < 100_000; n += 1) expect(loaded.ordinalOf(`record-${n}`)).toBe(2 * n);
  for (let n = 100_000; n < 200_000; n += 1) loaded.add(`record-${n}`, 2 * n);
  expect(loaded.size).toBe(200_000);
  expect(keys.ordinalOf('record-199999')).toBe(399_998);
});
