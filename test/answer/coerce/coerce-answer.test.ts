import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z, type ZodType } from 'zod';
import { judgeText } from '../../../src/answer/judge-answer.ts';
import { deriveSchema } from '../../../src/schema/derive.ts';

/** What becomes of an answer, and by which rules; the code where it is refused. */
async function read(schema: ZodType, answer: unknown): Promise<unknown> {
  const { schema: shape } = await deriveSchema(z.object({ v: schema }), { dialect: 'whole' });
  const verdict = await judgeText(JSON.stringify({ v: answer }), z.object({ v: schema }), { schema: shape });
  if (verdict.status !== 'valid') return verdict.code;
  const { v } = verdict.json as { v: unknown };
  return [v, (verdict.coerced ?? []).map(({ path, rule }) => `${path} ${rule}`).join(', ')];
}

const kind = z.enum(['food', 'travel-cost', 'OTHER']);
const person = z.object({ name: z.string(), age: z.number() });

describe('what says the same in another form is read', () => {
  test.each<[string, ZodType, unknown, unknown, string]>([
    ['a number in a text', z.number(), ' 12.50 ', 12.5, '/v number-from-text'],
    ['a whole number', z.int(), '3.0', 3, '/v number-from-text'],
    ['an exponent', z.number(), '1e3', 1000, '/v number-from-text'],
    ['thousands and a decimal point', z.number(), '1,234.50', 1234.5, '/v grouped-number'],
    ['thousands and a decimal comma', z.number(), '-1.234.567,5', -1234567.5, '/v grouped-number'],
    ['thousands twice', z.number(), '1,234,567', 1234567, '/v grouped-number'],
    ['yes and no in words of JSON', z.boolean(), 'True', true, '/v boolean-from-text'],
    ['a word for nothing', z.number().nullable(), 'N/A', null, '/v null-word'],
    ['an empty text for nothing', z.boolean().nullable(), '', null, '/v null-word'],
    ['a member of an enum in other letters', kind, 'Travel cost', 'travel-cost', '/v enum-form'],
    ['a member of an enum in quotation marks', kind, '"food"', 'food', '/v enum-form'],
    ['a literal', z.literal('v1'), 'V1', 'v1', '/v enum-form'],
    ['a number of a literal', z.union([z.literal(1), z.literal(2)]), '1', 1, '/v enum-form'],
    ['one for a list', z.array(z.number()), 5, [5], '/v list-of-one'],
    ['one object for a list', z.array(person), { name: 'Ann', age: 5 }, [{ name: 'Ann', age: 5 }], '/v list-of-one'],
    ['one member of an enum for a list', z.array(kind), 'food', ['food'], '/v list-of-one'],
    ['a list for one', z.string(), ['a', 'a'], 'a', '/v one-of-list'],
    ['a list for one object', person, [{ name: 'Ann', age: 5 }], { name: 'Ann', age: 5 }, '/v one-of-list'],
    ['an object around it', person, { person: { name: 'Ann', age: 5 } }, { name: 'Ann', age: 5 }, '/v unwrapped'],
    ['its own name around it', z.number(), { v: 5 }, 5, '/v unwrapped'],
    ['a call with arguments', person, { name: 'save', arguments: '{"name":"Ann","age":5}' }, 'schema_violation', ''],
    [
      'an echo of the schema',
      z.object({ a: z.number() }),
      { type: 'object', properties: { a: 1 } },
      { a: 1 },
      '/v unwrapped',
    ],
    ['a bare list', z.object({ items: z.array(z.number()) }), [1, 2], { items: [1, 2] }, '/v bare-list'],
    ['an object as text', person, '{"name":"Ann","age":5}', { name: 'Ann', age: 5 }, '/v json-text'],
    ['a list as text of a text', z.array(z.number()), '"[1,2]"', [1, 2], '/v json-text, /v json-text'],
    [
      'a key in other letters',
      person,
      { Name: 'Ann', 'age:': 5 },
      { name: 'Ann', age: 5 },
      '/v/name key-form, /v/age key-form',
    ],
    ['a date with its year first', z.iso.date(), '2026/1/5', '2026-01-05', '/v year-first-date'],
    ['blanks around what has a pattern', z.string().regex(/^[A-Z]{3}$/), ' EUR ', 'EUR', '/v trimmed'],
    [
      'deep inside',
      z.array(person),
      [{ name: 'Ann', age: '5' }],
      [{ name: 'Ann', age: 5 }],
      '/v/0/age number-from-text',
    ],
  ])('%s', async (_name, schema, answer, value, rules) => {
    expect(await read(schema, answer)).toEqual(rules === '' ? value : [value, rules]);
  });

  test('arguments of a call where the schema knows neither name nor arguments', async () => {
    const total = z.object({ total: z.number() });
    expect(await read(total, { name: 'save', arguments: { total: 5 } })).toEqual([{ total: 5 }, '/v unwrapped']);
  });
});

describe('what would be a guess is asked for again', () => {
  test.each<[string, ZodType, unknown]>([
    ['a nought in front, which an id has', z.number(), '007'],
    ['another base', z.number(), '0x10'],
    ['a fraction', z.number(), '1/2'],
    ['a sum in brackets', z.number(), '(12.50)'],
    ['a percentage', z.number(), '12.5%'],
    ['a unit', z.number(), '12.5k'],
    ['a currency', z.number(), '$12.50'],
    ['words around a number', z.number(), 'about 12.5'],
    ['a range', z.number(), '10-12'],
    ['nothing', z.number(), ''],
    ['digits of another script', z.number(), '٣'],
    ['half for a whole number', z.int(), 3.5],
    ['thousands or decimals', z.number(), '1,234'],
    ['thousands or decimals, the other way', z.int(), '1.234'],
    ['a decimal comma', z.number(), '12,5'],
    ['blanks between thousands', z.number(), '1 234.50'],
    ['more digits than are kept', z.number(), '1234567890123456'],
    ['yes', z.boolean(), 'yes'],
    ['1', z.boolean(), 1],
    ['not true', z.boolean(), 'not true'],
    ['a cut minus', z.number().nullable(), '-'],
    ['unknown', z.number().nullable(), 'unknown'],
    ['a word for nothing where nothing is not taken', z.number(), 'null'],
    ['half an enum', kind, 'foo'],
    ['more than an enum', kind, 'not food'],
    ['two members of an enum', kind, 'food or travel-cost'],
    ['two members with one form', z.enum(['a b', 'ab']), 'AB'],
    ['an accent less', z.enum(['café']), 'cafe'],
    ['several in a text for a list', z.array(z.string()), 'red, green'],
    ['nothing for a list', z.array(z.number()), null],
    ['none of a list for one', z.string(), []],
    ['several of a list for one', z.string(), ['a', 'b']],
    ['something beside a wrapped object', person, { person: { name: 'Ann', age: 5 }, confidence: 0.9 }],
    ['two objects inside', person, { a: { name: 'Ann', age: 5 }, b: { name: 'Ben', age: 6 } }],
    ['a bare list for more than one property', z.object({ items: z.array(z.number()), n: z.number() }), [1]],
    ['another word for a key', z.object({ vendor: z.string() }), { company: 'Acme' }],
    ['two claims on one key', person, { Name: 'Ann', NAME: 'Ben', age: 5 }],
    ['a number for a text', z.string(), 12.5],
    ['a list for a text', z.string(), ['a', 'b']],
    ['day or month first', z.iso.date(), '05/01/2026'],
    ['a year of two digits', z.iso.date(), '26-01-05'],
    ['a date with a time', z.iso.date(), '2026-01-05T10:00'],
    ['a missing field', person, { name: 'Ann' }],
    ['three objects around one value', z.number(), { v: { v: { v: 1 } } }],
  ])('%s', async (_name, schema, answer) => {
    expect(await read(schema, answer)).toBe('schema_violation');
  });

  test('a text where a text is wanted is left as it is, whatever it says', async () => {
    const cases = ['null', 'N/A', ' 12.50 ', '{"a":1}', 'true'];
    for (const text of cases) expect(await read(z.string().nullable(), text)).toEqual([text, '']);
  });
});

describe('keys that the schema does not have', () => {
  const schema = z.object({ company: z.string(), total: z.number().optional() });

  test('are dropped where all that it has is there, and refused where one is missing', async () => {
    expect(await read(schema, { company: 'Acme', total: 5, remark: 'x' })).toEqual([{ company: 'Acme', total: 5 }, '']);
    expect(await read(schema, { company: 'Acme', amount: 12.5 })).toBe('schema_violation');
    expect(await read(schema, { company: 'Acme' })).toEqual([{ company: 'Acme' }, '']);
  });

  test('are read as what they are another spelling of', async () => {
    expect(await read(schema, { company: 'Acme', Total: 12.5 })).toEqual([
      { company: 'Acme', total: 12.5 },
      '/v/total key-form',
    ]);
  });

  test('of an object around it all, where every field is optional', async () => {
    const optional = z.object({ company: z.string().optional(), total: z.number().optional() });
    expect(await read(optional, { receipt: { company: 'Acme', total: 5 } })).toEqual([
      { company: 'Acme', total: 5 },
      '/v unwrapped',
    ]);
    expect(await read(optional, { error: 'no receipt' })).toBe('schema_violation');
  });

  test('deep inside, and in one of several alternatives', async () => {
    const inner = z.object({ items: z.array(z.union([schema, z.object({ free: z.string().optional() })])) });
    expect(await read(inner, { items: [{ company: 'Acme', amount: 1 }] })).toBe('schema_violation');
  });

  test('are kept by objects that keep them', async () => {
    const loose = z.looseObject({ total: z.number().optional() });
    expect(await read(loose, { amount: 5 })).toEqual([{ amount: 5 }, '']);
    expect(await read(z.record(z.string(), z.number()), { amount: 5 })).toEqual([{ amount: 5 }, '']);
  });
});

test('a definition may have none of it', async () => {
  const schema = z.object({ v: z.number() });
  const { schema: shape } = await deriveSchema(schema);
  expect((await judgeText('{"v":"5"}', schema, { schema: shape })).status).toBe('valid');
  expect((await judgeText('{"v":"5"}', schema, { schema: shape, coerce: false })).status).toBe('invalid');
});

test('law: what fits is never changed, and what is changed says the same digits, letters and members', async () => {
  const schema = z.object({
    company: z.string(),
    total: z.number().nullable(),
    paid: z.boolean(),
    kind,
    items: z.array(person).optional(),
  });
  const { schema: shape } = await deriveSchema(schema);
  const value = fc.record(
    {
      company: fc.string(),
      total: fc.option(
        fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 }).map((n) => Math.round(n * 100) / 100),
      ),
      paid: fc.boolean(),
      kind: fc.constantFrom('food', 'travel-cost', 'OTHER'),
      items: fc.array(fc.record({ name: fc.string(), age: fc.integer({ min: -1000, max: 1000 }) }), { maxLength: 3 }),
    },
    { requiredKeys: ['company', 'total', 'paid', 'kind'] },
  );
  const disguise = fc.record({
    number: fc.boolean(),
    boolean: fc.boolean(),
    letters: fc.boolean(),
    wrap: fc.boolean(),
    keys: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(value, disguise, async (record, { number, boolean, letters, wrap, keys }) => {
      const plain = JSON.parse(JSON.stringify(record)) as Record<string, unknown>;
      const same = await judgeText(JSON.stringify(plain), schema, { schema: shape });
      expect(same).toMatchObject({ status: 'valid', json: plain });
      expect(same).not.toHaveProperty('coerced');
      let given: Record<string, unknown> = { ...plain };
      if (number && typeof given['total'] === 'number') given['total'] = String(given['total']);
      if (boolean) given['paid'] = String(given['paid']).toUpperCase();
      if (letters) given['kind'] = String(given['kind']).toUpperCase().replace('-', ' ');
      if (keys) given = Object.fromEntries(Object.entries(given).map(([key, member]) => [key.toUpperCase(), member]));
      if (wrap) given = { receipt: given };
      const read = await judgeText(JSON.stringify(given), schema, { schema: shape });
      // What is not taken is asked for again; what is taken is the record.
      if (read.status === 'valid') expect(read.json).toEqual(plain);
    }),
    { numRuns: 300 },
  );
});
