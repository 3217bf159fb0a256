import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareSchemas } from '../../../src/evolution/engine/compare-schemas.ts';
import { Validator } from '../../../src/evolution/engine/validate.ts';
import type { JsonObject, JsonValue } from '../../../src/json/value.ts';

function isWithin(document: JsonValue, schema: JsonObject, draft: '2019-09' | '2020-12'): string {
  return compareSchemas({ const: document }, schema, { draft }).backward.verdict;
}

/** Schemas that look at some of what a document has, alone and joined in all ways. */
function lookingAt(looks: fc.Arbitrary<JsonObject>): fc.Arbitrary<JsonObject> {
  const { schema } = fc.letrec<{ schema: JsonObject }>((tie) => {
    const members = fc.array(tie('schema'), { minLength: 1, maxLength: 3 });
    return {
      schema: fc.oneof(
        { depthSize: 'small', maxDepth: 2 },
        looks,
        members.map((allOf) => ({ allOf })),
        members.map((anyOf) => ({ anyOf })),
        members.map((oneOf) => ({ oneOf })),
        tie('schema').map((inner) => ({ not: inner })),
        // oxlint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema
        fc.record({ if: tie('schema'), then: tie('schema'), else: tie('schema') }, { requiredKeys: ['if'] }),
        tie('schema').map((inner) => ({ dependentSchemas: { a: inner } })),
        fc.tuple(looks, members).map(([own, anyOf]) => ({ ...own, anyOf })),
      ),
    };
  });
  return schema;
}

const value = fc.constantFrom<JsonValue>(1, 'x');
const type = fc.constantFrom({ type: 'string' }, { type: 'number' }, {});
const objects = fc.dictionary(fc.constantFrom('a', 'b', 'bc'), value, { noNullPrototype: true, maxKeys: 3 });
const lists = fc.array(value, { maxLength: 3 });
const seesProperties = fc.oneof(
  fc
    .dictionary(fc.constantFrom('a', 'b'), type, { noNullPrototype: true, minKeys: 1 })
    .map((properties) => ({ properties })),
  fc.record({ patternProperties: fc.constantFrom('^b', 'c$').chain((name) => type.map((one) => ({ [name]: one }))) }),
  fc.constant({ required: ['b'] }),
  fc.record({ additionalProperties: type, required: fc.constant(['a']) }),
  fc.record({ unevaluatedProperties: type }),
);
const seesItems = fc.oneof(
  fc.array(type, { minLength: 1, maxLength: 2 }).map((prefixItems) => ({ prefixItems })),
  fc.record({ contains: type }),
  fc.record({ items: type, minItems: fc.constant(2) }),
  fc.constant({ maxItems: 1 }),
  fc.record({ unevaluatedItems: type }),
);

test('unevaluatedProperties means what it means to the validator, whatever else looks at a property', () => {
  fc.assert(
    fc.property(
      objects,
      lookingAt(seesProperties),
      fc.constantFrom(false, { type: 'string' }),
      (document, seen, rest) => {
        const schema = { ...seen, unevaluatedProperties: rest };
        for (const draft of ['2019-09', '2020-12'] as const) {
          const isValid = new Validator(schema, draft).accepts(document);
          expect(isWithin(document, schema, draft)).toBe(isValid ? 'compatible' : 'breaking');
        }
      },
    ),
    { numRuns: 120 },
  );
});

test('unevaluatedItems means what it means to the validator, whatever else looks at an item', () => {
  fc.assert(
    fc.property(lists, lookingAt(seesItems), fc.constantFrom(false, { type: 'string' }), (document, seen, rest) => {
      const schema = { ...seen, unevaluatedItems: rest };
      const isValid = new Validator(schema, '2020-12').accepts(document);
      expect(isWithin(document, schema, '2020-12')).toBe(isValid ? 'compatible' : 'breaking');
    }),
    { numRuns: 120 },
  );
});

test('Where too much depends on the document, what is left unevaluated stays unknown and is named', () => {
  const anyOf = Array.from('abcdefgh', (name) => ({ required: [name], patternProperties: { [`^${name}`]: true } }));
  const { backward } = compareSchemas({ anyOf }, { anyOf, unevaluatedProperties: false }, { draft: '2020-12' });
  expect(backward).toMatchObject({ verdict: 'unknown', reasons: [expect.stringContaining('unevaluatedProperties')] });
});

test('a schema that asks what was evaluated is found wherever a reference leads to it, as among the components of OpenAPI', () => {
  const withProperty = (names: readonly string[]): JsonObject => ({
    $ref: '#/components/schemas/Entry',
    components: {
      schemas: {
        Entry: {
          type: 'object',
          properties: Object.fromEntries(names.map((name) => [name, { type: 'string' }])),
          unevaluatedProperties: false,
        },
      },
    },
  });
  const [before, after] = [withProperty(['a']), withProperty(['a', 'b'])];
  expect(new Validator(before, '2020-12').accepts({ a: 'x' })).toBe(true);
  expect(compareSchemas(before, after, { draft: '2020-12' }).forward.verdict).toBe('breaking');
});
