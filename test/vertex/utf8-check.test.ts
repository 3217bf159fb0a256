import { isUtf8 } from 'node:buffer';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Utf8Check } from '../../src/vertex/utf8-check.ts';

function check(bytes: Buffer, cuts: readonly number[]): boolean {
  const checker = new Utf8Check();
  let start = 0;
  for (const cut of [...cuts.map((at) => at % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]) {
    checker.push(bytes.subarray(start, cut));
    start = cut;
  }
  return checker.isUtf8;
}

const cuts = fc.array(fc.nat(), { maxLength: 6 });

test('text is UTF-8 wherever it is cut', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), cuts, (text, places) => {
      expect(check(Buffer.from(text), places)).toBe(true);
    }),
  );
});

test('any bytes, ended by a line end as events are, are judged as in one piece', () => {
  const bytes = fc.array(fc.oneof(fc.nat(255), fc.constantFrom(0x41, 0xc3, 0xa9, 0xe2, 0x82, 0xac, 0xf0, 0x9f)));
  fc.assert(
    fc.property(bytes, cuts, (given, places) => {
      const whole = Buffer.from([...given, 0x0a]);
      expect(check(whole, places)).toBe(isUtf8(whole));
    }),
  );
});
