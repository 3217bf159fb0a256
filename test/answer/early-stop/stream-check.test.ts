import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../src/json/value.ts';
import { StreamCheck } from '../../../src/answer/early-stop/stream-check.ts';

const item: JsonObject = {
  type: 'object',
  properties: { name: { type: 'string', maxLength: 5 }, price: { type: ['number', 'null'], minimum: 0 } },
  required: ['name', 'price'],
  additionalProperties: false,
};
const schema: JsonObject = {
  type: 'object',
  properties: {
    kind: { enum: ['invoice', 'receipt', 7] },
    count: { type: ['integer', 'null'], exclusiveMaximum: 10 },
    items: { type: 'array', items: { $ref: '#/$defs/item' }, minItems: 1, maxItems: 2 },
    party: {
      oneOf: [
        { type: 'object', properties: { t: { const: 'a' }, x: { type: 'string' } }, required: ['t', 'x'] },
        { type: 'object', properties: { t: { const: 'b' }, x: { type: 'number' } }, required: ['t', 'x'] },
      ],
    },
    pair: { type: 'array', prefixItems: [{ type: 'boolean' }], items: false },
    free: {},
    unit: { type: 'string', minLength: 2 },
    either: { type: ['integer', 'number'] },
    'a/b': { const: null },
  },
  required: ['kind'],
  $defs: { item },
};

/** What `|` follows is what it takes to know. */
const violations: { name: string; text: string; path: string; message: string }[] = [
  { name: 'a type', text: '{"count":"|', path: '/count', message: 'expected number or null, received string' },
  {
    name: 'a type of the root’s list',
    text: '{"items":{|',
    path: '/items',
    message: 'expected array, received object',
  },
  { name: 'an enum', text: '{"kind":"bill",|', path: '/kind', message: 'expected one of "invoice", "receipt", 7' },
  {
    name: 'an enum, overlong',
    text: '{"kind":"invoices|',
    path: '/kind',
    message: 'expected one of "invoice", "receipt", 7',
  },
  {
    name: 'an enum of numbers',
    text: '{"kind":8,|',
    path: '/kind',
    message: 'expected one of "invoice", "receipt", 7',
  },
  { name: 'a constant', text: '{"a\\/b":t|', path: '/a~1b', message: 'expected null, received boolean' },
  { name: 'no integer', text: '{"count":1.5,|', path: '/count', message: 'expected integer or null of below 10' },
  {
    name: 'an exclusive bound',
    text: '{"count":10,|',
    path: '/count',
    message: 'expected integer or null of below 10',
  },
  {
    name: 'a bound',
    text: '{"items":[{"price":-1}|',
    path: '/items/0/price',
    message: 'expected number or null of at least 0',
  },
  {
    name: 'a length that is missing',
    text: '{"unit":"a",|',
    path: '/unit',
    message: 'expected string of at least 2 characters',
  },
  {
    name: 'a length',
    text: '{"items":[{"name":"abcdef|',
    path: '/items/0/name',
    message: 'expected string of at most 5 characters',
  },
  {
    name: 'a length in escapes',
    text: '{"items":[{"name":"\\u00e9\\n\\"456|',
    path: '/items/0/name',
    message: 'expected string of at most 5 characters',
  },
  {
    name: 'an unknown key',
    text: '{"items":[{"nom":|',
    path: '/items/0/nom',
    message: 'this key is not one of those that are allowed',
  },
  { name: 'a missing key', text: '{"items":[{"name":""}|', path: '/items/0/price', message: 'required, but missing' },
  { name: 'a missing key of the root', text: '{}|', path: '/kind', message: 'required, but missing' },
  {
    name: 'a key missing that an earlier item had',
    text: '{"items":[{"name":"","price":1},{"name":""}|',
    path: '/items/1/price',
    message: 'required, but missing',
  },
  { name: 'too few items', text: '{"items":[]|', path: '/items', message: 'expected at least 1 items' },
  {
    name: 'too many items',
    text: '{"items":[{"name":"","price":1},{"name":"","price":1},{|',
    path: '/items',
    message: 'expected at most 2 items',
  },
  { name: 'an item too many', text: '{"pair":[true,1|', path: '/pair', message: 'expected at most 1 items' },
  {
    name: 'a union without such a tag',
    text: '{"party":{"t":"c",|',
    path: '/party/t',
    message: 'expected one of "a" or one of "b"',
  },
  {
    name: 'a union whose tag rules the rest',
    text: '{"party":{"t":"a","x":1,|',
    path: '/party/x',
    message: 'expected string, received number',
  },
  {
    name: 'a union whose rest rules the tag',
    text: '{"party":{"x":1,"t":"a"}|',
    path: '/party/t',
    message: 'expected one of "b"',
  },
  { name: 'a union with a key missing', text: '{"party":{"x":1}|', path: '/party/t', message: 'required, but missing' },
];

function run(text: string, pieceLength: number, against = schema) {
  const check = new StreamCheck(against);
  for (let start = 0; start < text.length; start += pieceLength) {
    const finding = check.push(text.slice(start, start + pieceLength));
    if (finding !== undefined) return finding;
  }
  return undefined;
}

describe('a violation is found at the character that shows it', () => {
  test.each(violations)('$name', ({ text, path, message }) => {
    const whole = text.replace('|', '');
    const expected = { kind: 'violation', issues: [{ path, message }] };
    for (let length = 1; length <= whole.length; length += 1) expect(run(whole, length)).toEqual(expected);
    expect(run(whole.slice(0, -1), 1)).toBeUndefined();
  });
});

const taken: [string, string][] = [
  ['unknown keys of an open object', '{"what":[{}],"kind":7}'],
  ['null and numbers in any notation', '{"count":null,"kind":7.0,"free":-1.5E+300}'],
  ['escaped keys and values', '{"k\\u0069nd":"\\u0069nvoice"}'],
  ['characters of two units, by code points', '{"kind":7,"items":[{"name":"😀😀😀😀\\ud83d\\ude00","price":0}]}'],
  ['anything under a free key', '{"free":[[{"kind":[]}],true,"x"],"kind":7}'],
  ['the key that JavaScript treats apart', '{"kind":7,"items":[{"name":"","price":1,"__proto__":2}]}'],
  ['a number where integers are named too', '{"kind":7,"either":1.5}'],
  ['prose', 'Here it is: {"kind": 8}'],
  ['a fence', '```json\n{"kind": 8}\n```'],
  ['an array around the object', '[{"kind": 8}]'],
  ['broken notation, which may be mended', "{'kind': 8}"],
  ['a quotation mark inside a string, which may be mended', '{"kind":"inv"oice"}'],
  ['bare words', '{"kind":invoice}'],
  ['raw control characters', '{"kind":"a\u0001'],
  ['numbers that are none', '{"count":1.2.3,'],
  ['a byte order mark', '\uFEFF{"kind":8}'],
  ['another object after the first', '{"kind":7} {"kind":8}'],
  ['deep nesting', `{"free":${'['.repeat(2_000)}`],
];

describe('nothing is found in', () => {
  test.each(taken)('%s', (_, text) => {
    for (let length = 1; length <= text.length; length += 1) {
      if (text.length < 100 || length > text.length - 3) expect(run(text, length)).toBeUndefined();
    }
  });
});

describe('what is in doubt counts as anything', () => {
  const loop = { a: { $ref: '#/$defs/b' }, b: { anyOf: [{ $ref: '#/$defs/a' }, { type: 'string' }] } };
  test.each<[string, JsonObject]>([
    ['an unknown keyword', { type: 'object', nullable: true }],
    ['a reference to nowhere', { $ref: '#/$defs/nowhere' }],
    ['a reference to itself', { $ref: '#/$defs/a' }],
    ['a union of too many types', { anyOf: Array.from({ length: 100 }, (_, value) => ({ const: value })) }],
    ['what must not be', { not: { type: 'null' } }],
    ['an enum of objects', { enum: [null, { a: 1 }] }],
    ['an unknown type', { type: 'text' }],
    ['patterns of keys', { type: ['object', 'null'], patternProperties: { x: {} }, additionalProperties: false }],
  ])('%s', (_, child) => {
    const against = { properties: { k: child }, $defs: loop };
    expect(run('{"k":null,"k":{"x":1}}', 1, against)).toBeUndefined();
  });

  test('a union that doubles at every level is left alone, not followed', () => {
    const node = { type: 'object', properties: { n: { $ref: '#/$defs/node' } }, additionalProperties: false };
    const doubling = { ...node, $defs: { node: { anyOf: [node, { ...node }] } } };
    expect(run('{"n":'.repeat(400), 100, doubling)).toBeUndefined();
  });
});

describe('floods', () => {
  test('white space between values', () => {
    expect(run(`{"kind":7,${' \n'.repeat(500)} `, 90)).toEqual({ kind: 'blank', length: 1001 });
    expect(run(`{"kind":7,${' \n'.repeat(500)}"`, 90)).toBeUndefined();
  });

  test('white space between several values counts from each on', () => {
    expect(run(`{"free":${' '.repeat(600)}[${' '.repeat(600)}1${' '.repeat(600)}]`, 90)).toBeUndefined();
  });

  test('white space inside strings is text', () => {
    expect(run(`{"free":"${' '.repeat(5_000)}`, 90)).toBeUndefined();
  });

  test('white space after what is not followed, where more is taken', () => {
    const prose = `Sorry. ${'\n'.repeat(2_990)}`;
    expect(run(prose, 10)).toBeUndefined();
    expect(run(`${prose}${' '.repeat(100)}`, 10)).toMatchObject({ kind: 'blank' });
  });

  test('a number without an end', () => {
    expect(run(`{"count":0.${'3'.repeat(400)}`, 7)).toMatchObject({ kind: 'number' });
    expect(run(`{"free":"0.${'3'.repeat(400)}`, 7)).toBeUndefined();
    expect(run(`{"free":e${'3'.repeat(400)}x`, 7)).toBeUndefined();
  });
});

test('any text at all is read without an exception', () => {
  const parts = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    '"',
    ',',
    ':',
    '\\',
    '\\u00',
    'kind',
    'items',
    '1',
    '-',
    'null',
    ' ',
    'é',
  );
  fc.assert(
    fc.property(fc.array(parts), fc.string(), (list, noise) => {
      run(`{"${list.join('')}${noise}`, 3);
      run(`{"items":[{${list.join('')}${noise}`, 2);
    }),
  );
});
