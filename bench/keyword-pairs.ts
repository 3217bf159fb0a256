/* oxlint-disable unicorn/no-thenable -- a keyword of JSON Schema */
/** Pairs of schemas that differ in one keyword, for all keywords of all drafts that say something of documents. */
import type { Draft } from '../src/evolution/engine/draft.ts';
import type { JsonObject, JsonValue } from '../src/json/value.ts';

export interface KeywordPair {
  readonly keyword: string;
  readonly draft: '4' | '6' | Draft;
  readonly old: JsonValue;
  readonly new: JsonValue;
}

const DIALECTS: Readonly<Record<KeywordPair['draft'], string>> = {
  '4': 'http://json-schema.org/draft-04/schema#',
  '6': 'http://json-schema.org/draft-06/schema#',
  '7': 'http://json-schema.org/draft-07/schema#',
  '2019-09': 'https://json-schema.org/draft/2019-09/schema',
  '2020-12': 'https://json-schema.org/draft/2020-12/schema',
};

const text = { type: 'string' };
const short = { type: 'string', maxLength: 2 };
const number = { type: 'number' };
const schemas: readonly JsonValue[] = [text, short, number, { enum: ['a', 1] }, {}];
const counts: readonly JsonValue[] = [0, 1, 2, 5];
const limits: readonly JsonValue[] = [-1, 0, 1.5, 3];
const lists: readonly JsonValue[] = [[text], [short, number], [number, text], [{}, short], [{ required: ['a'] }, text]];
const named: readonly JsonValue[] = [{ a: text }, { a: short }, { a: text, b: number }, { b: {} }];
const always: readonly KeywordPair['draft'][] = ['4', '6', '7', '2019-09', '2020-12'];
const after4 = always.slice(1);
const after6 = always.slice(2);
const modern = always.slice(3);

/** Values of each keyword, the drafts that have it, and what stands beside it in turn. */
const KEYWORDS: readonly (readonly [
  keyword: string,
  drafts: readonly KeywordPair['draft'][],
  values: readonly JsonValue[],
  beside?: readonly JsonObject[],
])[] = [
  ['type', always, ['string', 'number', 'integer', ['string', 'null'], ['object', 'array'], 'boolean']],
  ['enum', always, [['a'], ['a', 'b'], ['a', 1, null], [1, 2.5], [[1], { a: 1 }], [true]]],
  ['const', after4, ['a', 1, null, [1], { a: 1 }, true]],
  ['multipleOf', always, [1, 2, 0.1, 3], [{}, { type: 'integer' }, { minimum: 1, maximum: 2 }]],
  ['minimum', always, limits, [{}, { maximum: 2 }, { type: 'integer' }]],
  ['maximum', always, limits, [{}, { minimum: 0 }, { type: 'integer' }]],
  ['exclusiveMinimum', ['4'], [true, false], [{ minimum: 0 }, { minimum: 1.5, type: 'integer' }]],
  ['exclusiveMaximum', ['4'], [true, false], [{ maximum: 0 }, { maximum: 1.5, type: 'integer' }]],
  ['exclusiveMinimum', after4, limits, [{}, { minimum: 0 }, { type: 'integer' }]],
  ['exclusiveMaximum', after4, limits, [{}, { maximum: 3 }, { type: 'integer' }]],
  ['minLength', always, counts, [{}, { maxLength: 3 }, { pattern: '^a*$' }]],
  ['maxLength', always, counts, [{}, { minLength: 1 }, { enum: ['', 'ab', 'abcdef'] }]],
  ['pattern', always, ['^a', '^ab', 'b$', '^[a-z]+$', '^(?=.*a)', '(?<!b)c', '^\\d{2,4}$'], [{}, { minLength: 2 }]],
  ['format', always, ['email', 'date-time', 'uri', 'ipv4'], [{}, { type: 'string' }, { type: 'number' }]],
  ['items', always, schemas, [{}, { minItems: 1 }, { uniqueItems: true }]],
  ['items', always.slice(0, 4), lists, [{}, { additionalItems: false }, { minItems: 2 }]],
  ['additionalItems', always.slice(0, 4), [false, ...schemas], [{}, { items: [text] }, { items: [text], minItems: 3 }]],
  ['prefixItems', ['2020-12'], lists, [{}, { items: false }, { minItems: 2 }]],
  ['minItems', always, counts, [{}, { maxItems: 3 }, { items: text }]],
  ['maxItems', always, counts, [{}, { minItems: 1 }, { uniqueItems: true }]],
  ['uniqueItems', always, [true, false], [{}, { items: { enum: ['a', 'b'] }, minItems: 2 }, { maxItems: 1 }]],
  ['contains', after4, schemas, [{}, { items: short }, { maxItems: 1 }]],
  [
    'minContains',
    modern,
    [0, 1, 2, 3],
    [{ contains: text }, { contains: text, maxItems: 2 }, { contains: text, maxContains: 2 }],
  ],
  [
    'maxContains',
    modern,
    [0, 1, 2, 3],
    [{ contains: text }, { contains: text, minItems: 2 }, { contains: number, items: text }],
  ],
  [
    'unevaluatedItems',
    modern,
    [false, ...schemas],
    [{}, { anyOf: [{ items: text }, { maxItems: 1 }] }, { contains: text }],
  ],
  ['properties', always, named, [{}, { required: ['a'] }, { additionalProperties: false }]],
  [
    'patternProperties',
    always,
    [{ '^a': text }, { '^a': short }, { '^ab': text }, { b$: number }, { '^a': text, b$: number }],
    [{}, { required: ['ab'] }, { additionalProperties: false }],
  ],
  [
    'additionalProperties',
    always,
    [false, ...schemas],
    [{}, { properties: { a: number } }, { patternProperties: { '^a': text } }],
  ],
  [
    'unevaluatedProperties',
    modern,
    [false, ...schemas],
    [
      {},
      { anyOf: [{ properties: { a: text } }, { required: ['b'] }] },
      { if: { required: ['a'] }, then: { properties: { a: true } } },
      { allOf: [{ patternProperties: { '^a': true } }] },
    ],
  ],
  [
    'propertyNames',
    after4,
    [false, short, { enum: ['a', 'b'] }, { pattern: '^a' }, { format: 'email' }],
    [{}, { required: ['a'] }, { minProperties: 2 }],
  ],
  ['required', always, [['a'], ['b'], ['a', 'b'], ['c', 'a']], [{}, { properties: { a: text } }, { maxProperties: 1 }]],
  [
    'minProperties',
    always,
    counts,
    [{}, { additionalProperties: false, properties: { a: text } }, { required: ['a'] }],
  ],
  ['maxProperties', always, counts, [{}, { required: ['a'] }, { properties: { a: text } }]],
  [
    'dependencies',
    always.slice(0, 3),
    [{ a: ['b'] }, { a: ['b', 'c'] }, { b: ['a'] }, { a: { required: ['c'] } }],
    [{}, { required: ['a'] }],
  ],
  ['dependentRequired', modern, [{ a: ['b'] }, { a: ['b', 'c'] }, { b: ['a'] }], [{}, { required: ['a'] }]],
  [
    'dependentSchemas',
    modern,
    [{ a: { required: ['b'] } }, { a: { properties: { b: text } } }, { b: false }],
    [{}, { required: ['a'] }],
  ],
  ['allOf', always, lists, [{}, { type: 'string' }]],
  ['anyOf', always, lists, [{}, { type: ['string', 'number'] }]],
  ['oneOf', always, lists, [{}, { type: ['string', 'number'] }]],
  [
    'not',
    always,
    [text, short, { required: ['a'] }, { enum: ['a'] }, { type: ['object', 'array'] }],
    [{}, { type: 'string' }, { properties: { a: text } }],
  ],
  [
    'if',
    after6,
    [text, short, { required: ['a'] }, { properties: { a: { const: 1 } } }],
    [{ then: short }, { then: { required: ['b'] }, else: number }],
  ],
  ['then', after6, schemas, [{ if: text }, { if: { minimum: 1 }, else: text }]],
  ['else', after6, schemas, [{ if: text }, { if: { maxLength: 3 }, then: number }]],
  [
    '$ref',
    always,
    ['#/definitions/text', '#/definitions/short', '#/definitions/tree'],
    [{ definitions: { text, short, tree: { properties: { a: { $ref: '#/definitions/tree' } } } } }],
  ],
];

/** Each keyword added, removed and changed from each value to each other one. */
export function* keywordPairs(): Generator<KeywordPair> {
  for (const [keyword, drafts, values, contexts = [{}]] of KEYWORDS) {
    for (const draft of drafts) {
      for (const beside of contexts) {
        const plain: JsonObject = { $schema: DIALECTS[draft], ...beside };
        const schemasOfKeyword = [plain, ...values.map((value) => ({ ...plain, [keyword]: value }))];
        for (const [index, newer] of schemasOfKeyword.entries())
          for (const older of schemasOfKeyword.slice(0, index)) yield { keyword, draft, old: older, new: newer };
      }
    }
  }
}
