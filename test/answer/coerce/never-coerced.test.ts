import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { coerceAnswer } from '../../../src/answer/coerce/coerce-answer.ts';
import type { JsonValue } from '../../../src/json/value.ts';
import { deriveSchema } from '../../../src/schema/derive.ts';

async function coerce(schema: z.ZodType, value: JsonValue): Promise<ReturnType<typeof coerceAnswer>> {
  return coerceAnswer(value, (await deriveSchema(schema)).schema);
}

/** Coerces the one property `v`. */
async function coerceField(field: z.ZodType, value: JsonValue): Promise<JsonValue | undefined> {
  const coerced = await coerce(z.object({ v: field }), { v: value });
  return coerced && (coerced.value as { v: JsonValue }).v;
}

const number = z.number();
const size = z.enum(['small', 'extra large', 'XXL']);
const ids = z.object({ id: z.number() });

describe('a value is coerced where only its form keeps it from fitting', () => {
  const cases: { name: string; field: z.ZodType; value: JsonValue; to: JsonValue; rule: string }[] = [
    { name: 'a number as text', field: number, value: ' 8.40 ', to: 8.4, rule: 'number-from-text' },
    { name: 'a whole number as text', field: z.int(), value: '7.0', to: 7, rule: 'number-from-text' },
    { name: 'an exponent', field: number, value: '-2e3', to: -2000, rule: 'number-from-text' },
    { name: 'a minus nought', field: number, value: '-0', to: 0, rule: 'number-from-text' },
    { name: 'thousands and decimals', field: number, value: '4,321.50', to: 4321.5, rule: 'grouped-number' },
    { name: 'millions', field: number, value: '-4,321,000', to: -4_321_000, rule: 'grouped-number' },
    { name: 'thousands by points', field: number, value: '4.321,50', to: 4321.5, rule: 'grouped-number' },
    { name: 'millions by points', field: number, value: '4.321.000', to: 4_321_000, rule: 'grouped-number' },
    { name: 'a boolean as text', field: z.boolean(), value: 'TRUE', to: true, rule: 'boolean-from-text' },
    { name: 'a false as text', field: z.boolean(), value: 'false', to: false, rule: 'boolean-from-text' },
    { name: 'no number', field: number.nullable(), value: 'N/A', to: null, rule: 'null-word' },
    { name: 'an empty number', field: number.nullable(), value: '', to: null, rule: 'null-word' },
    { name: 'no member', field: size.nullable(), value: 'None', to: null, rule: 'null-word' },
    { name: 'a member in other case', field: size, value: 'Small', to: 'small', rule: 'enum-form' },
    { name: 'a member with other separators', field: size, value: 'extra_large', to: 'extra large', rule: 'enum-form' },
    { name: 'a member in quotation marks', field: size, value: '"xxl"', to: 'XXL', rule: 'enum-form' },
    { name: 'a number for a text of a set', field: z.enum(['1', '2']), value: 2, to: '2', rule: 'enum-form' },
    { name: 'a text for a number of a set', field: z.literal([1, 2]), value: '2', to: 2, rule: 'enum-form' },
    { name: 'one number for a list', field: z.array(number), value: 3, to: [3], rule: 'list-of-one' },
    { name: 'one member for a list', field: z.array(size), value: 'small', to: ['small'], rule: 'list-of-one' },
    { name: 'one object for a list', field: z.array(ids), value: { id: 1 }, to: [{ id: 1 }], rule: 'list-of-one' },
    { name: 'a list of one', field: z.string(), value: ['Kedai'], to: 'Kedai', rule: 'one-of-list' },
    { name: 'a list of one value twice', field: number, value: [3, 3], to: 3, rule: 'one-of-list' },
    { name: 'a property within itself', field: number, value: { v: 3 }, to: 3, rule: 'unwrapped' },
    { name: 'a value within an object', field: number, value: { value: 3 }, to: 3, rule: 'unwrapped' },
    { name: 'an object as text', field: ids, value: '{"id": 1}', to: { id: 1 }, rule: 'json-text' },
    { name: 'a list as text', field: z.array(number), value: '[1, 2]', to: [1, 2], rule: 'json-text' },
    {
      name: 'a date with slashes',
      field: z.iso.date(),
      value: '2025/03/09',
      to: '2025-03-09',
      rule: 'year-first-date',
    },
    {
      name: 'a date without noughts',
      field: z.iso.date(),
      value: '2025-3-9',
      to: '2025-03-09',
      rule: 'year-first-date',
    },
    {
      name: 'blanks around a code',
      field: z.string().regex(/^[A-Z]{3}$/),
      value: ' MYR\n',
      to: 'MYR',
      rule: 'trimmed',
    },
  ];
  test.each(cases)('$name', async ({ field, value, to, rule }) => {
    const coerced = await coerce(z.object({ v: field }), { v: value });
    expect(coerced).toEqual({ value: { v: to }, coercions: [{ path: '/v', rule }] });
  });
});

describe('a value is never coerced where that would be a guess', () => {
  const nullable = number.nullable();
  const cases: [string, z.ZodType, JsonValue][] = [
    ['a number with a leading nought, as ids have', number, '0042'],
    ['a hexadecimal number', number, '0x1F'],
    ['a fraction', number, '3/4'],
    ['a number in brackets, which is minus', number, '(8.40)'],
    ['a percentage', number, '8.4%'],
    ['a multiple', number, '8.4k'],
    ['about so much', number, 'about 8.4'],
    ['a span', number, '8-9'],
    ['nothing for a number', number, ''],
    ['digits of another script', number, '٨'],
    ['a fraction for a whole number', z.int(), '8.4'],
    ['a broken number for a whole one', z.int(), 8.4],
    ['more digits than a double holds', number, '1234567890123456'],
    ['a number beyond all doubles', number, '1e999'],
    ['a number below all doubles', number, '1e-999'],
    ['a thousand or a decimal, by comma', number, '4,321'],
    ['a thousand or a decimal, by point, for a whole number', z.int(), '4.321'],
    ['a decimal comma', number, '8,4'],
    ['groups of blanks', number, '4 321.50'],
    ['groups of another size', number, '43,21,000.00'],
    ['groups that begin with a nought', number, '0,321.50'],
    ['a currency sign', number, '$8.40'],
    ['a currency before', number, 'RM 8.40'],
    ['a currency behind', number, '8.40 MYR'],
    ['yes', z.boolean(), 'yes'],
    ['no', z.boolean(), 'no'],
    ['on', z.boolean(), 'on'],
    ['a one as text', z.boolean(), '1'],
    ['a nought', z.boolean(), 0],
    ['a sentence with true in it', z.boolean(), 'not true'],
    ['nothing for a boolean', z.boolean(), ''],
    ['a dash, which may be a minus', nullable, '-'],
    ['what is not known', nullable, 'unknown'],
    ['no value where null is not allowed', number, 'null'],
    ['no value where texts are allowed: it may be a name', z.union([z.string().regex(/^[A-Z]/), z.null()]), 'null'],
    ['a beginning of a member', size, 'smal'],
    ['a member with more', size, 'not small'],
    ['two members', size, 'small or XXL'],
    ['a plural', size, 'smalls'],
    ['a member with a sign', z.enum(['b', 'c']), 'b+'],
    ['a member with an accent', z.enum(['resume']), 'résumé'],
    ['a member with a full stop', size, 'small.'],
    ['one form of two members', z.enum(['a b', 'ab']), 'A-B'],
    ['a sign before a member that is a number', z.enum(['1', '2']), '-1'],
    ['a boolean for a member', z.enum(['true', 'false']), true],
    ['a text for a list: it may be several', z.array(z.string()), 'red, green'],
    ['null for a list', z.array(number), null],
    ['an item that does not fit as it is', z.array(number), '3'],
    ['no element', number, []],
    ['several elements', number, [3, 4]],
    ['a list of positions for an object', ids, [1]],
    ['a list within a list for one value', number, [[3]]],
    ['a value beside its unit', number, { value: 3, unit: 'kg' }],
    ['a value under another name', number, { amount: 3 }],
    ['a text that is no JSON for an object', ids, '{id: 1}'],
    ['a text of a text of a text', ids, JSON.stringify(JSON.stringify(JSON.stringify({ id: 1 })))],
    ['a name twice in a text', ids, '{"id": 1, "id": 2}'],
    ['a number for a text: it may have lost its noughts', z.string(), 12.5],
    ['a boolean for a text', z.string(), true],
    ['null for a text', z.string(), null],
    ['an object for a text', z.string(), { a: 1 }],
    ['a list of several for a text', z.string(), ['a', 'b']],
    ['day or month first', z.iso.date(), '03/09/2025'],
    ['a year of two digits', z.iso.date(), '25-03-09'],
    ['the name of a month', z.iso.date(), '9 March 2025'],
    ['a date with a time', z.iso.date(), '2025-03-09T00:00:00Z'],
    ['eight digits', z.iso.date(), '20250309'],
    ['two separators', z.iso.date(), '2025/03-09'],
    ['no such day', z.iso.date(), '2025/02/30'],
    ['two readings in a union', z.union([number, z.boolean().array()]), 'true'],
    ['two members of one form in a union', z.union([z.literal('a b'), z.literal('ab')]), 'AB'],
  ];
  test.each(cases)('%s', async (_name, field, value) => expect(await coerceField(field, value)).toBeUndefined());

  test('blanks stay where the text passes with them, and all that fits stays as it is', async () => {
    const schema = z.object({
      note: z.string().max(9),
      code: z.string().regex(/x/),
      alt: z.union([z.string(), number]),
      n: number,
    });
    const value = { note: ' a ', code: ' x ', alt: '12', n: '3' };
    expect((await coerce(schema, value))?.value).toEqual({ ...value, n: 3 });
    expect(await coerce(schema, { ...value, n: 3 })).toBeUndefined();
  });
});

describe('an object is found within what stands around it', () => {
  const receipt = z.object({ company: z.string(), total: z.number().optional() });
  const loose = z.object({ company: z.string().optional(), total: z.number().optional() });
  const good = { company: 'Kedai Ubi', total: 3 };
  const root = (rule: string) => [{ path: '', rule }];
  const cases: [string, z.ZodType, JsonValue, unknown][] = [
    ['in another', receipt, { receipt: good }, root('unwrapped')],
    ['in two others', receipt, { data: { receipt: good } }, [...root('unwrapped'), ...root('unwrapped')]],
    ['in another, where all is optional', loose, { receipt: good }, root('unwrapped')],
    ['as arguments of a function', receipt, { name: 'save', arguments: good }, root('unwrapped')],
    [
      'as the properties of a schema',
      receipt,
      { type: 'object', properties: good, required: ['company'] },
      root('unwrapped'),
    ],
    ['in a list of one', receipt, [good], root('one-of-list')],
    ['as text', receipt, JSON.stringify(good), root('json-text')],
    ['as text in another', receipt, { answer: JSON.stringify(good) }, [...root('unwrapped'), ...root('json-text')]],
    [
      'in other case',
      receipt,
      { Company: 'Kedai Ubi', '"total"': 3 },
      [
        { path: '/company', rule: 'key-form' },
        { path: '/total', rule: 'key-form' },
      ],
    ],
  ];
  test.each(cases)('%s', async (_name, schema, value, coercions) => {
    expect(await coerce(schema, value)).toEqual({ value: good, coercions });
  });

  const never: [string, z.ZodType, JsonValue][] = [
    ['beside something', receipt, { receipt: good, confidence: 0.9 }],
    ['two of them', receipt, { first: good, second: good }],
    ['two of them in one', receipt, { receipts: { first: good, second: good } }],
    ['in three others', receipt, { a: { b: { c: good } } }],
    ['in a list of several', receipt, [good, { ...good, total: 4 }]],
    ['nothing of it', loose, { error: { message: 'no receipt' } }],
    ['an empty one', loose, { receipt: {} }],
    [
      'the schema itself',
      z.object({ type: z.string().optional() }),
      { type: 'object', properties: { type: { type: 'string' } } },
    ],
    ['the schema of all that is optional', loose, { type: 'object', properties: { company: { type: 'string' } } }],
    ['a key of another word', receipt, { vendor: 'Kedai Ubi', total: 3 }],
    ['two claimants of one property', receipt, { Company: 'A', COMPANY: 'B' }],
    ['a property of one form with another', z.object({ ab: z.string(), a_b: z.string().optional() }), { AB: 'x' }],
    ['a key of the form of one that is there', z.strictObject({ total: number }), { total: 1, Total: 2 }],
    ['something that is missing', receipt, { total: 3 }],
    ['a required null that is missing', z.object({ company: z.string(), total: number.nullable() }), { company: 'A' }],
  ];
  test.each(never)('never: %s', async (_name, schema, value) => expect(await coerce(schema, value)).toBeUndefined());

  test('a list stands for an object that holds nothing else, and for no other', async () => {
    const only = z.object({ items: z.array(number) });
    expect(await coerce(only, [1, 2])).toEqual({ value: { items: [1, 2] }, coercions: root('bare-list') });
    expect(await coerce(only.extend({ note: z.string().optional() }), [1, 2])).toBeUndefined();
  });

  test('paths lead to where a value stands now', async () => {
    const schema = z.object({ items: z.array(z.object({ name: z.string(), price: number })) });
    expect(
      await coerce(schema, {
        Items: [
          { name: 'a', price: 1 },
          { name: 'b', Price: '2' },
        ],
      }),
    ).toEqual({
      value: {
        items: [
          { name: 'a', price: 1 },
          { name: 'b', price: 2 },
        ],
      },
      coercions: [
        { path: '/items', rule: 'key-form' },
        { path: '/items/1/price', rule: 'key-form' },
        { path: '/items/1/price', rule: 'number-from-text' },
      ],
    });
  });

  test('work is bounded, whatever an answer is nested like', async () => {
    const branch = (name: string): z.ZodType =>
      z.object({ kid: z.lazy((): z.ZodType => tree).optional(), [name]: number.optional() });
    const tree: z.ZodType = z.union([branch('a'), branch('b')]);
    let value: JsonValue = { kid: 1 };
    for (let level = 0; level < 150; level += 1) value = { Kid: value };
    expect(await coerce(z.object({ tree: tree.optional() }), { tree: value })).toBeUndefined();
  });
});
