import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseExactJson } from '../../src/records/exact-json.ts';

describe('parseExactJson', () => {
  test.each([
    { name: 'ids beyond 2^53', text: '{"id":9007199254740993}', value: { id: '9007199254740993' } },
    { name: 'ids that a double holds', text: '{"id":9007199254740992}', value: { id: 9007199254740992 } },
    { name: 'a negative one behind spaces', text: '{"id" : \t-9007199254740993 }', value: { id: '-9007199254740993' } },
    { name: 'long decimals', text: '{"a":0.12345678901234567890}', value: { a: '0.12345678901234567890' } },
    { name: 'numbers beyond the range', text: '{"a":1e400,"b":1e-400}', value: { a: '1e400', b: '1e-400' } },
    { name: 'exponents that a double holds', text: '{"a":1e3,"b":2.5E-3}', value: { a: 1000, b: 0.0025 } },
    { name: 'trailing zeros', text: '{"a":10.00,"b":1.50000000000000000000}', value: { a: 10, b: 1.5 } },
    { name: 'numbers in lists', text: '{"a":[1,[9007199254740993]]}', value: { a: [1, ['9007199254740993']] } },
    { name: 'a number alone', text: '9007199254740993', value: '9007199254740993' },
    {
      name: 'digits in strings and names',
      text: '{"9007199254740993":"a \\\" :9007199254740993, \\\\"}',
      value: { '9007199254740993': 'a " :9007199254740993, \\' },
    },
  ])('keeps $name', ({ text, value }) => {
    expect(parseExactJson(text)).toEqual({ value, hasRepeatedKey: false });
  });

  test.each([
    '{"a":1,"a":2}',
    '{"a":1,"a":1}',
    '{"a":1,"\\u0061":2}',
    '{"a" : 1 , "b":[{"c":1,"d":2,"c":":"}]}',
    '{"__proto__":1,"__proto__":2}',
  ])('finds the repeated key of %s', (text) => {
    expect(parseExactJson(text).hasRepeatedKey).toBe(true);
  });

  test.each(['{"a":{"a":1},"b":{"a":":"}}', '{"a":"\\":","b":["x\\":"]}', '{"a":["a","a"]}', '{"__proto__":{"a":1}}'])(
    'finds none in %s',
    (text) => {
      expect(parseExactJson(text).hasRepeatedKey).toBe(false);
    },
  );

  test('looks through deep nesting without recursion', () => {
    const text = `${'{"a":'.repeat(100_000)}9007199254740993${'}'.repeat(100_000)}`;
    expect(parseExactJson(text).hasRepeatedKey).toBe(false);
  });

  test('gives what JSON.parse gives for values that JSON.stringify wrote', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value);
        expect(parseExactJson(text)).toEqual({ value: JSON.parse(text), hasRepeatedKey: false });
      }),
    );
  });

  test('keeps the digits of any whole number', () => {
    fc.assert(
      fc.property(fc.bigInt(), (number) => {
        for (const text of [`{"n":${number}}`, `[${number}]`]) {
          const [kept] = Object.values(parseExactJson(text).value as object);
          expect(BigInt(kept as string | number)).toBe(number);
        }
      }),
    );
  });
});
