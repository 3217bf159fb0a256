import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toPlainJson } from '../../src/json/to-plain-json.ts';

const json = fc.jsonValue({ maxDepth: 5 }).map((value): unknown => JSON.parse(JSON.stringify(value)));

test('toPlainJson gives JSON back as it is, in a copy', () => {
  fc.assert(
    fc.property(json, (given) => {
      const plain = toPlainJson(given);
      expect(plain).toEqual({ value: given });
      if (typeof given === 'object' && given !== null && 'value' in plain) expect(plain.value).not.toBe(given);
    }),
  );
});

test('what toPlainJson takes is what JSON.stringify writes, and what it refuses would be written as something else', () => {
  const anything = fc.anything({ withDate: true, withNullPrototype: true, withSparseArray: true, withSet: true });
  fc.assert(
    fc.property(anything, (given) => {
      const plain = toPlainJson(given);
      if ('problem' in plain) return;
      expect(JSON.stringify(plain.value)).toBe(JSON.stringify(given));
    }),
  );
});

class Money {
  readonly amount: number;
  constructor(amount: number) {
    this.amount = amount;
  }
}

class Sealed {
  readonly #amount: number;
  constructor(amount: number) {
    this.#amount = amount;
  }
  get amount(): number {
    return this.#amount;
  }
}

describe('a value that JSON cannot hold is told, with its place', () => {
  const self: Record<string, unknown> = {};
  self['self'] = self;
  const cases: { name: string; value: unknown; path?: string; problem: string }[] = [
    { name: 'NaN', value: { items: [{ price: Number.NaN }] }, path: '/items/0/price', problem: 'NaN' },
    { name: 'infinity', value: { total: Infinity }, path: '/total', problem: 'Infinity' },
    { name: 'minus infinity', value: [-Infinity], path: '/0', problem: '-Infinity' },
    { name: 'negative zero', value: { total: -0 }, path: '/total', problem: 'a negative zero' },
    { name: 'an invalid date', value: { when: new Date('31.12.') }, path: '/when', problem: 'an invalid Date' },
    { name: 'a set', value: { tags: new Set(['a']) }, path: '/tags', problem: 'a Set' },
    { name: 'a map', value: { byName: new Map([['a', 1]]) }, path: '/byName', problem: 'a Map' },
    { name: 'an expression', value: { pattern: /a/ }, path: '/pattern', problem: 'a RegExp' },
    { name: 'bytes', value: { bytes: new Uint8Array(2) }, path: '/bytes', problem: 'a Uint8Array' },
    { name: 'an error', value: { why: new Error('no') }, path: '/why', problem: 'an Error' },
    { name: 'a promise', value: { later: Promise.resolve(1) }, path: '/later', problem: 'a Promise' },
    { name: 'an iterator', value: { rows: [1].values() }, path: '/rows', problem: 'an Array Iterator' },
    { name: 'undefined in a list', value: { tags: ['a', undefined] }, path: '/tags/1', problem: 'undefined' },
    // eslint-disable-next-line no-sparse-arrays
    { name: 'a hole in a list', value: [1, , 2], path: '/1', problem: 'undefined' },
    { name: 'nothing at all', value: undefined, path: '', problem: 'undefined' },
    { name: 'a bigint', value: { count: 1n }, path: '/count', problem: 'a bigint' },
    { name: 'a function', value: { total: () => 1 }, path: '/total', problem: 'a function' },
    { name: 'a symbol', value: [Symbol('a')], path: '/0', problem: 'a symbol' },
    { name: 'hidden state', value: { price: new Sealed(1) }, path: '/price', problem: 'a Sealed without members' },
    { name: 'a toJSON that gives null', value: { a: { toJSON: () => null } }, path: '/a', problem: 'gives null' },
    {
      name: 'a toJSON that gives nothing',
      value: { a: { toJSON: () => undefined } },
      path: '/a',
      problem: 'gives undefined',
    },
    {
      name: 'a toJSON that throws',
      value: {
        a: {
          toJSON() {
            throw new Error('text of the record');
          },
        },
      },
      path: '/a',
      problem: 'an object whose toJSON throws',
    },
    {
      name: 'a getter that throws',
      value: {
        a: {
          get b() {
            throw new Error('text of the record');
          },
        },
      },
      path: '/a/b',
      problem: 'throws when it is read',
    },
    { name: 'a NaN behind a toJSON', value: [{ toJSON: () => ({ x: Number.NaN }) }], path: '/0/x', problem: 'NaN' },
    { name: 'itself', value: self, problem: 'a value that contains itself' },
    { name: 'a name with slashes', value: { 'a/b~c': Number.NaN }, path: '/a~1b~0c', problem: 'NaN' },
    { name: 'an empty name', value: { '': Number.NaN }, path: '/', problem: 'NaN' },
  ];
  test.each(cases)('$name', ({ value, path, problem }) => {
    expect(toPlainJson(value)).toEqual({
      path: path ?? (expect.stringMatching(/^(\/self)+…$|^(\/self){1,25}/) as unknown),
      problem: expect.stringContaining(problem) as unknown,
    });
  });
});

describe('a value that only looks odd is taken', () => {
  const cases: { name: string; value: unknown; json: unknown }[] = [
    { name: 'a date', value: { when: new Date(0) }, json: { when: '1970-01-01T00:00:00.000Z' } },
    { name: 'a URL', value: [new URL('http://127.0.0.1/a')], json: ['http://127.0.0.1/a'] },
    { name: 'an instance with members', value: new Money(5), json: { amount: 5 } },
    { name: 'an absent member', value: { a: 1, b: undefined }, json: { a: 1 } },
    { name: 'no prototype', value: Object.assign(Object.create(null), { a: 1 }), json: { a: 1 } },
    { name: 'a toJSON that gives text', value: { a: { toJSON: () => 'x' } }, json: { a: 'x' } },
  ];
  test.each(cases)('$name', ({ value, json }) => expect(toPlainJson(value)).toEqual({ value: json }));

  test('a member named __proto__', () => {
    const plain = toPlainJson(JSON.parse('{"__proto__":{"a":1},"b":2}'));
    expect(JSON.stringify(plain)).toBe('{"value":{"__proto__":{"a":1},"b":2}}');
  });
});

test('toPlainJson asks each property, and each toJSON, once', () => {
  let asked = 0;
  const moody = {
    get text() {
      asked += 1;
      return `read ${asked}`;
    },
    price: {
      toJSON() {
        asked += 1;
        if (asked > 2) throw new Error('asked again');
        return 12;
      },
    },
  };
  const plain = toPlainJson([moody]);
  expect(JSON.stringify(plain)).toBe('{"value":[{"text":"read 1","price":12}]}');
  expect(asked).toBe(2);
});
