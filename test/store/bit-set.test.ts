import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BitSet } from '../../src/store/bit-set.ts';

test('BitSet answers as a Set does', () => {
  const member = fc.oneof(fc.nat(100), fc.nat(100_000));
  fc.assert(
    fc.property(fc.array(member), fc.array(member), (members, others) => {
      const bits = new BitSet();
      for (const each of members) bits.add(each);
      const model = new Set(members);
      for (const each of [...members, ...others]) {
        for (const near of [each - 1, each, each + 1, each + 32]) {
          if (near >= 0) expect(bits.has(near)).toBe(model.has(near));
        }
      }
    }),
  );
});

test('BitSet holds the last bit of a word and of its first size', () => {
  const bits = new BitSet();
  for (const member of [31, 32, 8191, 8192, 5_000_000]) bits.add(member);
  expect([30, 31, 32, 33, 8190, 8191, 8192, 8193, 5_000_000].filter((member) => bits.has(member))).toEqual([
    31, 32, 8191, 8192, 5_000_000,
  ]);
});
