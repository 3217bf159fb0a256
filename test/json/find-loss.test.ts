import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findLoss, type JsonLoss } from '../../src/json/find-loss.ts';

const duplicate = (path: string): JsonLoss => ({ kind: 'duplicate-key', path });
const inexact = (path: string): JsonLoss => ({ kind: 'inexact-number', path });
const control = (path: string): JsonLoss => ({ kind: 'control-character', path });

describe('findLoss tells what JSON.parse would change', () => {
  const cases: { text: string; loss: JsonLoss }[] = [
    { text: '{"a":1,"a":2}', loss: duplicate('/a') },
    { text: '{"a":{"b":[1]},"a":{"b":[2]}}', loss: duplicate('/a') },
    { text: '{"rows":[{"x":1},{"x":1,"y":2,"x":null}]}', loss: duplicate('/rows/1/x') },
    { text: '{"a":1,"\\u0061":2}', loss: duplicate('/a') },
    { text: '{"a":1,"a":1,"a":2}', loss: duplicate('/a') },
    { text: '{"__proto__":1,"__proto__":2}', loss: duplicate('/__proto__') },
    { text: '{"":1,"":2}', loss: duplicate('/') },
    { text: '{"a":{"a":1},"b":{"a":2,"a":3}}', loss: duplicate('/b/a') },
    { text: '{"id": 12345678901234567890}', loss: inexact('/id') },
    { text: '{"id":9007199254740993}', loss: inexact('/id') },
    { text: '[1, -9007199254740993 ]', loss: inexact('/1') },
    { text: '{"x":1e400}', loss: inexact('/x') },
    { text: '{"x":1E-400}', loss: inexact('/x') },
    { text: '{"x":12.345678901234567890}', loss: inexact('/x') },
    { text: '{"x":0.12345678901234567}', loss: inexact('/x') },
    { text: '12345678901234567891', loss: inexact('') },
    { text: '{"a":"x","formula":"\\frac{1}{2}"}', loss: control('/formula') },
    { text: '{"path":"C:\\\\a\\bin"}', loss: control('/path') },
    { text: '{"a":["x","\\u0008"]}', loss: control('/a/1') },
    { text: '{"a":"\\u000C"}', loss: control('/a') },
    { text: '{"\\f":1}', loss: control('/\f') },
  ];
  test.each(cases)('$text', ({ text, loss }) => {
    expect(findLoss(text)).toEqual(loss);
    expect(findLoss(text, JSON.parse(text))).toEqual(loss);
  });
});

describe('findLoss lets pass what survives', () => {
  const texts = [
    '{"a":1,"a":1}',
    '{"a":{"x":1,"y":2},"a":{"y":2,"x":1.0}}',
    '{"a":{"a":{"a":1}},"b":[{"a":2},{"a":3}]}',
    '{"big":9007199254740992,"even":9007199254740994,"round":12345678901234567000}',
    '{"sum":0.30000000000000004,"small":5e-324,"large":1.7976931348623157e308,"zeros":1.5000000000000000000}',
    '{"power":1e21,"upper":1E+2,"minus":-0,"zero":0e400}',
    '{"path":"C:\\\\bin\\\\files","newline":"\\n\\t\\r\\u0009","brace":"{\\"a\\":1,\\"a\\":2}"}',
    '{"text":"12345678901234567890","a\\"b":"\\\\"}',
    '[]',
    '""',
    'null',
    ' {\n  "a" : [ 1 , 2 ] ,\t"b" : true }\r\n',
  ];
  test.each(texts)('%s', (text) => {
    JSON.parse(text);
    expect(findLoss(text)).toBeUndefined();
  });
});

test('what JSON.stringify writes loses nothing, whatever the layout', () => {
  const value = fc.jsonValue({ maxDepth: 5 }).filter((given) => !/\\b|\\f|\\u000[8c]/.test(JSON.stringify(given)));
  fc.assert(
    fc.property(value, fc.constantFrom(undefined, 1, '\t'), (given, indent) => {
      expect(findLoss(JSON.stringify(given, null, indent))).toBeUndefined();
    }),
  );
});

test('an integer passes exactly when its digits come back', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }), (integer) => {
      const isKept = JSON.stringify(Number(integer)) === String(integer);
      expect(findLoss(`[${integer}]`) === undefined).toBe(isKept);
    }),
  );
});

test('every double passes as it is written, and with an eighteenth digit it does not', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (double) => {
      const text = JSON.stringify(double);
      expect(findLoss(text)).toBeUndefined();
      const significantDigits = text.replace(/[-.]/g, '').replace(/^0+/, '').length;
      if (/^-?\d+\.\d+$/.test(text) && significantDigits === 17)
        expect(findLoss(`${text}1`)).toMatchObject({ kind: 'inexact-number' });
    }),
  );
});

test('the quick look finds what the long one finds', () => {
  const name = fc.constantFrom('a', 'b', '":', 'c":');
  const scalar = fc.constantFrom('1', '2', '"x"', '"\\":"', '12345678901234567890', '1e3', '1e400', '"\\f"', 'null');
  const text = fc.letrec<{ any: string; list: string; object: string }>((tie) => ({
    any: fc.oneof({ depthSize: 'small', withCrossShrink: true }, scalar, tie('list'), tie('object')),
    list: fc.array(tie('any'), { maxLength: 3 }).map((items) => `[${items.join(', ')}]`),
    object: fc
      .array(fc.tuple(name, fc.constantFrom(':', ' :', ': '), tie('any')), { maxLength: 4 })
      .map(
        (members) => `{${members.map(([key, colon, value]) => `${JSON.stringify(key)}${colon}${value}`).join(',')}}`,
      ),
  })).any;
  fc.assert(
    fc.property(text, (given) => {
      expect(findLoss(given, JSON.parse(given))).toEqual(findLoss(given));
    }),
    { numRuns: 2000 },
  );
});
