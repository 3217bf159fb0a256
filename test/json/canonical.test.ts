import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalJson } from '../../src/json/canonical.ts';
import { isJsonObject, type JsonValue } from '../../src/json/value.ts';

/** The same value with the members of every object added from last to first. */
function turned(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map((item: JsonValue) => turned(item));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, member]) => [key, member === undefined ? member : turned(member)]),
  );
}

describe('canonicalJson', () => {
  test('sorts the members of every object', () => {
    expect(canonicalJson({ b: [{ d: 1, c: 2 }], a: { z: null, y: {} } })).toBe(
      '{"a":{"y":{},"z":null},"b":[{"c":2,"d":1}]}',
    );
  });

  test('keeps a member "__proto__", and leaves out what is undefined', () => {
    expect(canonicalJson(JSON.parse('{"b":1,"__proto__":{"d":1,"c":2}}'))).toBe('{"__proto__":{"c":2,"d":1},"b":1}');
    expect(canonicalJson({ b: undefined, a: 1 })).toBe('{"a":1}');
  });

  test('writes equal values as equal texts, whatever the order of their members, and loses nothing', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (given) => {
        const value = JSON.parse(JSON.stringify(given)) as JsonValue;
        expect(canonicalJson(turned(value))).toBe(canonicalJson(value));
        expect(JSON.parse(canonicalJson(value))).toEqual(value);
      }),
    );
  });
});
