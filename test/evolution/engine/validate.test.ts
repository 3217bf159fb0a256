import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareSchemas } from '../../../src/evolution/engine/compare-schemas.ts';
import { Validator } from '../../../src/evolution/engine/validate.ts';
import { CannotValidate } from '../../../src/evolution/engine/validation/verdict.ts';
import type { JsonValue } from '../../../src/json/value.ts';

const names = fc.constantFrom('a', 'b', 'ab', 'c');
const documents: fc.Arbitrary<JsonValue> = fc.letrec<{ document: JsonValue }>((tie) => ({
  document: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom<JsonValue>(
      null,
      true,
      false,
      0,
      1,
      2,
      3,
      -1,
      0.5,
      1.5,
      4,
      6,
      '',
      'a',
      'b',
      'ab',
      'aa',
      'abc',
      '1',
      'a1',
    ),
    fc.array(tie('document'), { maxLength: 3 }),
    fc.dictionary(names, tie('document'), { maxKeys: 3, noNullPrototype: true }),
  ),
})).document;

const patterns = fc.constantFrom(
  '^a',
  'b$',
  '^a*$',
  '^[ab]+$',
  '^(?!a)',
  '^(?=.*b).*$',
  '\\d',
  '^.{2,3}$',
  '\\ba',
  '^(?:ab)+$',
  '[^a]',
  '^(?!.*aa)[a-c]*$',
);
const small = fc.integer({ min: 0, max: 3 });
const types = fc.constantFrom('null', 'boolean', 'integer', 'number', 'string', 'array', 'object');

/** Schemas of all keywords, over few names and values, so that documents often matter to them. */
const schemas: fc.Arbitrary<JsonValue> = fc.letrec<{ schema: JsonValue }>((tie) => {
  const schema = tie('schema');
  const list = fc.array(schema, { minLength: 1, maxLength: 3 });
  return {
    schema: fc.oneof(
      { depthSize: 'small', maxDepth: 4 },
      fc.boolean(),
      fc.record({ type: types }, { requiredKeys: ['type'] }),
      fc.record(
        {
          enum: fc.array(documents, { minLength: 1, maxLength: 3 }),
          const: documents,
          minimum: fc.constantFrom(-1, 0, 0.5, 2),
          exclusiveMaximum: fc.constantFrom(0, 1.5, 3, 5),
          multipleOf: fc.constantFrom(1, 2, 3, 0.5, 1.5),
          minLength: small,
          maxLength: small,
          pattern: patterns,
        },
        { requiredKeys: [] },
      ),
      fc.record(
        {
          type: types,
          properties: fc.dictionary(names, schema, { maxKeys: 2 }),
          patternProperties: fc.dictionary(patterns, schema, { maxKeys: 1 }),
          additionalProperties: schema,
          propertyNames: fc.record({ pattern: patterns, maxLength: small }, { requiredKeys: [] }),
          required: fc.uniqueArray(names, { maxLength: 2 }),
          minProperties: small,
          maxProperties: small,
          dependentRequired: fc.dictionary(names, fc.uniqueArray(names, { maxLength: 1 }), { maxKeys: 1 }),
          dependentSchemas: fc.dictionary(names, schema, { maxKeys: 1 }),
        },
        { requiredKeys: [] },
      ),
      fc.record(
        {
          type: types,
          prefixItems: list,
          items: schema,
          minItems: small,
          maxItems: small,
          uniqueItems: fc.boolean(),
          unevaluatedItems: schema,
        },
        { requiredKeys: [] },
      ),
      // Apart from what ajv is wrong about: contains beside prefixItems, and what contains and if have evaluated.
      fc.record({ contains: schema, minItems: small, maxItems: small }, { requiredKeys: [] }),
      fc.record({ anyOf: list, oneOf: list, allOf: list, not: schema }, { requiredKeys: [] }),
      // oxlint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema
      fc.record({ if: schema, then: schema, else: schema }, { requiredKeys: [] }),
      fc.record(
        { properties: fc.dictionary(names, schema, { maxKeys: 1 }), unevaluatedProperties: schema, allOf: list },
        { requiredKeys: [] },
      ),
    ),
  };
}).schema;

test('The validator agrees with ajv', () => {
  const ajv = new Ajv2020({ strict: false });
  fc.assert(
    fc.property(schemas, fc.array(documents, { minLength: 5, maxLength: 10 }), (schema, samples) => {
      const validator = new Validator(schema, '2020-12');
      const validate = ajv.compile(schema as object);
      for (const sample of samples) {
        const answer = answerOf(() => validate(sample));
        if (answer !== undefined) expect([sample, validator.accepts(sample)]).toEqual([sample, answer]);
      }
      ajv.removeSchema();
    }),
    // Always the same schemas: ajv has more bugs than those left out above, and each would stop somebody's build.
    { numRuns: 120, seed: 5 },
  );
});

/** Undefined where ajv generates code that does not run, as it does for some conditions of constant schemas. */
function answerOf(validate: () => boolean): boolean | undefined {
  try {
    return validate();
  } catch (error) {
    if (error instanceof ReferenceError) return undefined;
    throw error;
  }
}

test('No document refutes a "compatible" between schemas of all keywords', () => {
  fc.assert(
    fc.property(schemas, schemas, fc.array(documents, { minLength: 20, maxLength: 30 }), (older, other, samples) => {
      for (const newer of [other, { anyOf: [other, older] }, { allOf: [older, other] }, { not: { not: older } }]) {
        const { backward, forward } = compareSchemas(older, newer, { draft: '2020-12' });
        const [before, after] = [new Validator(older, '2020-12'), new Validator(newer, '2020-12')];
        for (const sample of samples) {
          if (backward.verdict === 'compatible' && before.accepts(sample)) expect(after.accepts(sample)).toBe(true);
          if (forward.verdict === 'compatible' && after.accepts(sample)) expect(before.accepts(sample)).toBe(true);
        }
        for (const reason of [...backward.reasons, ...forward.reasons]) expect(reason).not.toContain('not confirmed');
      }
    }),
    { numRuns: 30 },
  );
});

test('Refusals say where and by which keyword', () => {
  const validator = new Validator({
    properties: { 'a/b': { type: 'array', items: { type: 'string' } } },
    required: ['c'],
  });
  expect(validator.violations({ 'a/b': [1] })).toEqual([
    { at: '', keyword: 'required', message: 'must have the property "c"' },
    { at: '/a~1b/0', keyword: 'type', message: 'must be string' },
  ]);
});

test('Numbers are exact decimals', () => {
  const validator = new Validator({ multipleOf: 0.01 });
  expect([0.07, 1.15, 4.35, 0.075].map((value) => validator.accepts(value))).toEqual([true, true, true, false]);
});

test.each([
  ['a reference to nowhere', { $ref: '#/nowhere' }],
  ['a reference to itself', { $ref: '#' }],
  ['an unknown type', { type: 'text' }],
  ['an invalid pattern', { pattern: '(' }],
])('Refuses to judge by %s', (_, schema) => {
  expect(() => new Validator(schema).accepts('a')).toThrow(CannotValidate);
});
