import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { compareSchemas, type CompareOptions } from '../../../src/evolution/engine/compare-schemas.ts';
import type { JsonObject, JsonValue } from '../../../src/json/value.ts';

const unsafe = { minimum: -9007199254740991, maximum: 9007199254740991 };
const tree = (value: JsonValue): JsonValue => ({
  type: 'object',
  properties: { value, children: { type: 'array', items: { $ref: '#' } } },
  required: ['value', 'children'],
  additionalProperties: false,
});
const person = (fields: Record<string, JsonValue>, required: string[] = []): JsonValue => ({
  type: 'object',
  properties: fields,
  required,
  additionalProperties: false,
});

/** Old schema, new schema, and whether old documents read under new, new ones under old: yes, no or unknown. */
const cases: [string, JsonValue, JsonValue, string][] = [
  ['integers are numbers', { type: 'integer' }, { type: 'number' }, 'yes no'],
  ['safe integers are integers', { type: 'integer', ...unsafe }, { type: 'integer' }, 'yes no'],
  [
    'a type list is a union',
    { type: ['string', 'null'] },
    { anyOf: [{ type: 'null' }, { type: 'string' }] },
    'yes yes',
  ],
  ['an enum value added', { enum: ['a', 'b'] }, { enum: ['a', 'b', 'c'] }, 'yes no'],
  ['a constant is an enum of one', { const: 1 }, { enum: [1.0] }, 'yes yes'],
  ['exclusive bounds are tighter', { type: 'number', exclusiveMinimum: 5 }, { type: 'number', minimum: 5 }, 'yes no'],
  [
    'exclusive bounds of integers',
    { type: 'integer', exclusiveMinimum: 4 },
    { type: 'integer', minimum: 5 },
    'yes yes',
  ],
  ['decimal multiples are exact', { type: 'number', multipleOf: 0.3 }, { type: 'number', multipleOf: 0.1 }, 'yes no'],
  [
    'multiples of 2 and 3',
    { allOf: [{ multipleOf: 2 }, { multipleOf: 3 }], type: 'integer' },
    { type: 'integer', multipleOf: 6 },
    'yes yes',
  ],
  ['no multiple in between', { type: 'integer', minimum: 1, maximum: 2, multipleOf: 3 }, false, 'yes yes'],
  [
    'a pattern bounds the length',
    { type: 'string', pattern: '^[a-z]{2,4}$' },
    { type: 'string', minLength: 2, maxLength: 4 },
    'yes no',
  ],
  ['characters, not UTF-16 units', { type: 'string', pattern: '^🐲$' }, { type: 'string', maxLength: 1 }, 'yes no'],
  ['half a surrogate pair is a character', { const: '\ud800' }, { not: { pattern: '.' } }, 'no no'],
  ['a dot is no line end', { type: 'string', minLength: 1 }, { type: 'string', pattern: '.' }, 'no yes'],
  [
    'a lookahead forbids a prefix',
    { type: 'string', pattern: '^(?!x)[a-z]+$' },
    { type: 'string', pattern: '^[a-wyz][a-z]*$' },
    'yes yes',
  ],
  ['an optional property of a closed object', person({ a: true }), person({ a: true, b: true }), 'yes no'],
  ['a required property', person({ a: true }), person({ a: true }, ['a']), 'no yes'],
  [
    'an open object already holds anything',
    { type: 'object' },
    { type: 'object', properties: { a: { type: 'string' } } },
    'no yes',
  ],
  [
    'records by name pattern',
    { type: 'object', propertyNames: { pattern: '^a' } },
    { type: 'object', patternProperties: { '^[^a]|^$': false } },
    'yes yes',
  ],
  [
    'an enum of names bounds their number',
    { type: 'object', propertyNames: { enum: ['a', 'b'] } },
    { type: 'object', maxProperties: 2 },
    'yes no',
  ],
  [
    'a tuple is an array of its items',
    { type: 'array', prefixItems: [{ type: 'string' }], items: false },
    { type: 'array', items: { type: 'string' }, maxItems: 1 },
    'yes yes',
  ],
  [
    'distinct booleans are at most two',
    { type: 'array', items: { type: 'boolean' }, uniqueItems: true },
    { type: 'array', maxItems: 2 },
    'yes no',
  ],
  [
    'oneOf refuses the overlap',
    { anyOf: [{ type: 'integer' }, { minimum: 2, type: 'number' }] },
    { oneOf: [{ type: 'integer' }, { minimum: 2, type: 'number' }] },
    'no yes',
  ],
  // oxlint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema
  ['if and else', { type: 'string' }, { if: { type: 'string' }, then: { minLength: 1 }, else: false }, 'no yes'],
  ['a recursive schema is itself', tree({ type: 'string' }), tree({ type: 'string' }), 'yes yes'],
  ['a recursive schema widens', tree({ type: 'string' }), tree({ type: ['string', 'null'] }), 'yes no'],
  ['a schema that no finite document fits', { type: 'array', items: { $ref: '#' }, minItems: 1 }, false, 'yes yes'],
  [
    'a difference deep in the recursion',
    tree({ type: 'string' }),
    { ...(tree({ type: 'string' }) as object), maxProperties: 1 },
    'no yes',
  ],
  [
    'unevaluated properties without branches',
    { properties: { a: true }, unevaluatedProperties: false, type: 'object' },
    person({ a: true }),
    'yes yes',
  ],
  [
    'dependent requirements',
    { type: 'object', dependentRequired: { a: ['b'] } },
    { type: 'object', anyOf: [{ required: ['b'] }, { properties: { a: false } }] },
    'yes yes',
  ],
  ['a name from the prototype', person({ toString: true }), person({ constructor: true }), 'no no'],
  ['formats without a pattern may be checked', { type: 'string' }, { type: 'string', format: 'uri' }, 'unknown yes'],
  [
    'texts that are of a format whoever checks it',
    { type: 'string', enum: ['https://a.b', 'https://example.com/a?b=c#d'] },
    { type: 'string', format: 'uri' },
    'yes no',
  ],
  [
    'texts that may be of a format',
    { enum: ['https://example.com', 'a:b'] },
    { type: 'string', format: 'uri' },
    'unknown no',
  ],
  ['a narrower format', { type: 'string', format: 'uri' }, { type: 'string', format: 'iri' }, 'yes unknown'],
  ['backreferences are not understood', { type: 'string' }, { type: 'string', pattern: '^(a*)b\\1$' }, 'no yes'],
  [
    'references to elsewhere are not followed',
    { type: 'string' },
    { $ref: 'https://example.com/schema' },
    'unknown unknown',
  ],
  [
    'the same reference to elsewhere',
    { $ref: 'https://example.com/schema', type: 'string' },
    { $ref: 'https://example.com/schema' },
    'yes unknown',
  ],
  [
    'references in a circle mean nothing',
    { type: 'string' },
    { $ref: '#/$defs/a', $defs: { a: { $ref: '#/$defs/a' } } },
    'unknown unknown',
  ],
];

const words = { compatible: 'yes', breaking: 'no', unknown: 'unknown' };

test.each(cases)('%s', (_, older, newer, wanted) => {
  const { backward, forward } = compareSchemas(older, newer);
  expect(`${words[backward.verdict]} ${words[forward.verdict]}`).toBe(wanted);
});

test('A breaking verdict shows a document that an independent validator tells apart', () => {
  const ajv = new Ajv2020({ strict: false });
  for (const [name, older, newer] of cases) {
    const { backward, forward } = compareSchemas(older, newer);
    for (const [{ verdict, witness }, writer, reader] of [
      [backward, older, newer],
      [forward, newer, older],
    ] as const) {
      if (verdict !== 'breaking') continue;
      const answers = [writer, reader].map((schema) => ajv.validate(schema as object, witness));
      expect([name, ...answers]).toEqual([name, true, false]);
    }
  }
});

test('Draft 4 names what references lead to by id', () => {
  const named = (type: string): JsonValue => ({
    $schema: 'http://json-schema.org/draft-04/schema#',
    id: 'https://example.com/order.json',
    properties: { id: { $ref: 'parts/number.json' } },
    definitions: { number: { id: 'parts/number.json', type } },
  });
  const { backward, forward } = compareSchemas(named('number'), named('integer'));
  expect([backward.verdict, forward.verdict]).toEqual(['breaking', 'compatible']);
});

test('A property named __proto__ is a property like any other', () => {
  const closed = person({ ['__proto__']: { type: 'string' } });
  const { backward } = compareSchemas(closed, person({}));
  expect(JSON.stringify(backward.witness)).toBe('{"__proto__":""}');
});

test('A breaking verdict says in words what refuses the witness', () => {
  const { backward } = compareSchemas(
    person({ total: { type: 'number' } }, ['total']),
    person({ total: { type: 'string' } }, ['total']),
  );
  expect(backward).toEqual({ verdict: 'breaking', witness: { total: 0 }, reasons: ['/total must be string (type)'] });
});

describe('What cannot be decided is unknown and names its cause', () => {
  const verdictOf = (older: JsonValue, newer: JsonValue, options: CompareOptions = {}) =>
    compareSchemas(older, newer, options).backward;

  test('a keyword', () => {
    const pattern = (source: string): JsonValue => ({ type: 'string', pattern: source });
    expect(verdictOf(pattern('(?<=ab)c'), pattern('(?<=abc)d'))).toMatchObject({
      verdict: 'unknown',
      reasons: [expect.stringContaining('pattern')],
    });
  });

  test('the budget of steps', () => {
    const hard = { type: 'string', pattern: '^(?=.*a.{12}$)(?=.*b.{11}$).*$' };
    const harder = { type: 'string', pattern: '^(?=.*a.{12}$)(?=.*b.{11}$)(?!.*c.{13}$).*$' };
    const inside = (schema: JsonValue) => ({ properties: { 'a/b': { items: schema } }, required: ['a/b'] });
    const older = inside(harder);
    const newer = inside({ ...hard, pattern: '^(?=.*b.{11}$)(?=.*a.{12}$)..*$' });
    expect(verdictOf(older, newer, { budget: 10_000 })).toEqual({
      verdict: 'unknown',
      reasons: ['Undecided: the budget of 10000 steps is used up at /a~1b/0'],
    });
    expect(verdictOf(older, newer, { budget: 50 })).toEqual({
      verdict: 'unknown',
      reasons: ['Undecided: the budget of 50 steps is used up, while the old schema was read'],
    });
  });

  test('a string too long to write down', () => {
    expect(verdictOf({ type: 'string', minLength: 1e9 }, false)).toMatchObject({ verdict: 'unknown' });
  });
});

test.each<[string, z.ZodType, z.ZodType, string]>([
  ['a version 4 UUID is a UUID', z.uuidv4(), z.uuid(), 'yes no'],
  [
    'a time without offset is one with an optional offset',
    z.iso.datetime(),
    z.iso.datetime({ offset: true }),
    'yes no',
  ],
  ['an e-mail by zod is not always one by HTML', z.email(), z.email({ pattern: z.regexes.html5Email }), 'no no'],
  ['a UUID is a host name', z.uuid(), z.hostname(), 'yes no'],
  ['a text is not always an e-mail', z.string(), z.email(), 'no yes'],
  ['zod has no pattern for URLs', z.string(), z.url(), 'unknown yes'],
  [
    'a full record is a partial one',
    z.record(z.enum(['a', 'b']), z.number()),
    z.partialRecord(z.enum(['a', 'b']), z.number()),
    'yes no',
  ],
  ['any JSON is anything', z.json(), z.unknown(), 'yes yes'],
  ['nothing is anything', z.never(), z.email(), 'yes no'],
])('%s', (_, older, newer, wanted) => {
  const { backward, forward } = compareSchemas(z.toJSONSchema(older) as JsonValue, z.toJSONSchema(newer) as JsonValue);
  expect(`${words[backward.verdict]} ${words[forward.verdict]}`).toBe(wanted);
});

describe('A reader that strips unknown properties, as zod does', () => {
  const before = z.toJSONSchema(z.object({ id: z.string(), note: z.string().optional() })) as JsonValue;
  const after = z.toJSONSchema(z.object({ id: z.string() })) as JsonValue;

  test('reads documents with properties that were removed', () => {
    expect(compareSchemas(before, after).backward.verdict).toBe('breaking');
    expect(compareSchemas(before, after, { reader: 'zod' }).backward.verdict).toBe('compatible');
  });

  test('still refuses documents without what it requires', () => {
    const required = z.toJSONSchema(z.object({ id: z.string(), note: z.string() })) as JsonValue;
    expect(compareSchemas(before, required, { reader: 'zod' }).backward).toMatchObject({
      verdict: 'breaking',
      witness: { id: '' },
    });
  });
});

describe('Dialects', () => {
  test('In draft 7 nothing stands beside a reference', () => {
    const schema = {
      definitions: { text: { type: 'string' } },
      properties: { a: { $ref: '#/definitions/text', maxLength: 1 } },
    };
    const plain = { properties: { a: { type: 'string' } } };
    expect(compareSchemas(schema, plain, { draft: '7' }).forward.verdict).toBe('compatible');
    expect(compareSchemas(schema, plain, { draft: '2020-12' }).forward.verdict).toBe('breaking');
  });

  test('Tuples of draft 7 equal tuples of 2020-12', () => {
    const old = { type: 'array', items: [{ type: 'string' }], additionalItems: { type: 'number' } };
    const modern = { type: 'array', prefixItems: [{ type: 'string' }], items: { type: 'number' } };
    const { backward, forward } = compareSchemas(old, modern);
    expect([backward.verdict, forward.verdict]).toEqual(['compatible', 'compatible']);
  });

  test('References by $id and anchor stay within the document', () => {
    const schema = {
      $id: 'https://example.com/root',
      $defs: { a: { $id: 'part', $anchor: 'here', type: 'string' } },
      $ref: 'part#here',
    };
    expect(compareSchemas(schema, { type: 'string' }).backward.verdict).toBe('compatible');
  });
});

test('Schemas that are no schemas, and schemas without bottom, end in a verdict', () => {
  let deep: JsonValue = { type: 'string' };
  for (let depth = 0; depth < 20_000; depth += 1) deep = { items: deep };
  for (const schema of [deep, null, 5, { type: 5 }, { enum: 'a' }, { $ref: 5 }, { allOf: {} }, { type: [] }]) {
    expect(compareSchemas(schema, { type: 'string' }).backward.verdict).toBe('unknown');
  }
});

test('Options are checked', () => {
  expect(() => compareSchemas(true, true, { budget: 0 })).toThrow('budget must be above 0, got 0');
});

test('the draft is told by keywords, not by names of properties nor by values', () => {
  for (const name of ['dependencies', 'definitions', 'additionalItems']) {
    for (const more of [{ properties: { [name]: {} } }, { properties: { x: { enum: [{ [name]: 1 }] } } }]) {
      const older = { ...more, type: 'object' };
      const tuple = (item: string): object => ({ type: 'array', prefixItems: [{ type: item }] });
      const wrap = (item: string): JsonValue =>
        JSON.parse(JSON.stringify({ ...older, additionalProperties: tuple(item) })) as JsonValue;
      expect(compareSchemas(wrap('string'), wrap('number')).backward.verdict).toBe('breaking');
      const annotated = (maxLength: number): JsonValue =>
        JSON.parse(
          JSON.stringify({ ...older, required: ['y'], additionalProperties: { $ref: '#/x', maxLength }, x: {} }),
        ) as JsonValue;
      expect(compareSchemas(annotated(5), annotated(2)).backward.verdict).toBe('breaking');
    }
  }
});

describe('Conditions that are not understood cancel out where both sides have them', () => {
  const verdictsOf = (older: JsonValue, newer: JsonValue): string => {
    const { backward, forward } = compareSchemas(older, newer);
    return `${words[backward.verdict]} ${words[forward.verdict]}`;
  };

  test.each<[string, JsonObject]>([
    [
      'unevaluatedProperties over alternatives',
      { anyOf: [{ properties: { a: {} } }, {}], unevaluatedProperties: false },
    ],
    ['a counted contains', { type: 'array', contains: { type: 'string' }, minContains: 2, maxContains: 3 }],
    ['names by a lookbehind', { patternProperties: { '(?<=aa)b': { type: 'string' } }, additionalProperties: false }],
  ])('%s, with other descriptions', (_, schema) => {
    expect(verdictsOf(schema, { ...schema, title: 'T', description: 'Other words' })).toBe('yes yes');
  });

  test('a record whose names are of a format, beside a new property', () => {
    const record = { propertyNames: { type: 'string', format: 'uri' }, additionalProperties: { type: 'number' } };
    const around = (properties: JsonObject) => person({ record: { type: 'object', ...record }, ...properties });
    expect(verdictsOf(around({}), around({ note: { type: 'string' } }))).toBe('yes no');
  });

  test('properties that a lookbehind names, one of them wider', () => {
    const schema = (behind: string, maximum: number) => ({
      patternProperties: { [`(?<=${behind})b`]: { type: 'number', maximum } },
    });
    expect(verdictsOf(schema('a', 1), schema('a', 2))).toBe('yes no');
    expect(verdictsOf(schema('aa', 1), schema('aa', 2))).toBe('yes unknown');
  });

  test('a reference to another document, relative to the same address', () => {
    const around = (properties: JsonObject) => ({
      $id: 'https://example.com/schemas/order.json',
      ...(person({ customer: { $ref: 'customer.json' }, ...properties }) as JsonObject),
    });
    expect(verdictsOf(around({}), around({ note: true }))).toBe('yes no');
    const moved = { ...around({}), $id: 'https://example.com/other/order.json' };
    expect(verdictsOf(around({}), moved)).toBe('unknown unknown');
  });

  test('a keyword that two dialects may read otherwise does not', () => {
    const schema = { type: 'array', contains: { type: 'string' }, minContains: 1.5 };
    const dialect = (name: string) => ({ $schema: `https://json-schema.org/draft/${name}/schema`, ...schema });
    expect(verdictsOf(dialect('2019-09'), dialect('2020-12'))).toBe('unknown unknown');
  });
});

describe('What is large and mostly the same on both sides is decided', () => {
  const many = <Value>(count: number, make: (index: number) => Value): Value[] =>
    Array.from({ length: count }, (_, index) => make(index));
  const verdictOf = (older: JsonValue, newer: JsonValue): string =>
    compareSchemas(older, newer, { budget: 500_000 }).backward.verdict;

  test('an enum of objects with one more', () => {
    const objects = many(301, (a) => ({ a }));
    expect(verdictOf({ enum: objects.slice(1) }, { enum: objects })).toBe('compatible');
  });

  test('rules that depend on a property, one of them gone', () => {
    const rules = many(40, (index) => ({
      if: { properties: { kind: { const: `k${index}` } }, required: ['kind'] },
      else: { not: { required: [`only${index}`] } },
    }));
    expect(verdictOf({ type: 'object', allOf: rules }, { type: 'object', allOf: rules.slice(1) })).toBe('compatible');
  });

  test('patterns of properties that overlap, one of them wider', () => {
    const patterns = (third: number) => ({
      patternProperties: Object.fromEntries(
        many(10, (index) => [`${'abcdefghij'[index]}`, { minimum: index === 2 ? third : index }]),
      ),
    });
    expect(verdictOf(patterns(2), patterns(0))).toBe('compatible');
  });

  test('alternatives told apart by a property, one of them wider', () => {
    const option = (index: number, maxLength: number) =>
      person({ kind: { const: `k${index}` }, text: { type: 'string', maxLength } }, ['kind']);
    const union = (maxLength: number) => ({ oneOf: many(60, (index) => option(index, index === 7 ? maxLength : 9)) });
    expect(verdictOf(union(5), union(8))).toBe('compatible');
  });
});
