import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { compileValidator } from '../../../src/evolution/replay/replay-validator.ts';
import { Validator } from '../../../src/evolution/engine/validate.ts';
import type { JsonObject, JsonValue } from '../../../src/json/value.ts';
import { deriveSchema } from '../../../src/schema/derive.ts';

const scalar = fc.oneof(
  fc.constantFrom<JsonValue>(null, true, '', 'a', 'ab', '👍', '👍👍', 'x-1', 0, -0, 1, 2, 2.5, 0.3, 1e21),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);
const value: fc.Arbitrary<JsonValue> = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    scalar,
    fc.array(tie('value'), { maxLength: 3 }),
    // As JSON.parse makes them: to ajv, an object without a prototype equals no other.
    fc.dictionary(fc.constantFrom('a', 'b', 'c', '__proto__'), tie('value'), { maxKeys: 3, noNullPrototype: true }),
  ),
})).value;

const schema: fc.Arbitrary<JsonObject> = fc.letrec<{ schema: JsonObject }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom<JsonObject>(
      { type: 'string', minLength: 1, maxLength: 2 },
      { minLength: 2 },
      { type: ['string', 'null'], pattern: '^[a-x]' },
      { type: 'number', minimum: 1, exclusiveMaximum: 3 },
      { type: 'integer' },
      { multipleOf: 0.1 },
      { enum: ['a', 1, null, { a: 1 }] },
      { const: 0 },
      {},
    ),
    fc.record({ type: fc.constant('array'), items: tie('schema'), minItems: fc.constantFrom(0, 1) }),
    fc.record({
      type: fc.constant('array'),
      prefixItems: fc.array(tie('schema'), { minLength: 1, maxLength: 2 }),
      items: fc.constantFrom(true, false),
    }),
    fc
      .record({
        properties: fc.dictionary(fc.constantFrom('a', 'b'), tie('schema'), { maxKeys: 2 }),
        rest: fc.constantFrom(true, false),
        names: fc.boolean(),
      })
      .map(({ properties, rest, names }) => ({
        type: 'object',
        properties,
        required: Object.keys(properties).slice(0, 1),
        additionalProperties: rest,
        ...(names ? { propertyNames: { pattern: '^[ab]$' }, maxProperties: 1 } : {}),
      })),
    fc.record({ anyOf: fc.array(tie('schema'), { minLength: 1, maxLength: 3 }) }),
    fc.record({ oneOf: fc.array(tie('schema'), { minLength: 1, maxLength: 3 }) }),
    fc.record({ allOf: fc.array(tie('schema'), { minLength: 1, maxLength: 2 }), not: fc.constant({ const: 2 }) }),
  ),
})).schema;

describe('compileValidator()', () => {
  test('accepts what the plain validator accepts', () => {
    fc.assert(
      fc.property(schema, fc.array(value, { minLength: 1, maxLength: 8 }), (given, values) => {
        const problemsOf = compileValidator(given);
        const validator = new Validator(given, '2020-12');
        for (const item of values) expect(problemsOf(item).length === 0).toBe(validator.accepts(item));
      }),
      { numRuns: 1000 },
    );
  });

  test('accepts what ajv accepts', () => {
    const ajv = new Ajv2020({ strict: false });
    fc.assert(
      fc.property(schema, fc.array(value, { minLength: 1, maxLength: 8 }), (given, values) => {
        // Ajv divides doubles, so that 0.3 is no multiple of 0.1 for it.
        fc.pre(!JSON.stringify(given).includes('multipleOf'));
        const problemsOf = compileValidator(given);
        const accepts = ajv.compile(given);
        for (const item of values) expect(problemsOf(item).length === 0).toBe(accepts(item));
      }),
      { numRuns: 200 },
    );
  });

  test('follows references, and names the place without the index or a name from the data', async () => {
    const tree = z.object({
      label: z.string(),
      scores: z.record(z.string(), z.number()).optional(),
      get children() {
        return z.array(tree).optional();
      },
    });
    const { outputSchema } = await deriveSchema(tree);
    const problemsOf = compileValidator(outputSchema);
    expect(problemsOf({ label: 'a', children: [{ label: 'b', children: [] }] })).toEqual([]);
    const bad = { label: 'a', children: [{ label: 'b', scores: { anna: 'x' }, children: [{ label: 1, other: 1 }] }] };
    expect(problemsOf(bad).map(({ path, rule }) => `${path} ${rule}`)).toEqual([
      '/children/*/scores/* type',
      '/children/*/children/*/label type',
      '/children/*/children/*/other additionalProperties',
    ]);
  });

  test('says what is wrong with a nullable value, not only that no alternative fits', () => {
    const problemsOf = compileValidator({ anyOf: [{ enum: ['a'] }, { type: 'null' }] });
    expect(problemsOf('b')).toEqual([{ path: '', rule: 'enum', message: 'must be one of the listed values' }]);
  });

  test('leaves keywords it does not know to the plain validator', () => {
    const problemsOf = compileValidator({ items: { patternProperties: { '^a': { type: 'string' } } } });
    expect(problemsOf([{ a1: 'x' }])).toEqual([]);
    expect(problemsOf([{ a1: 1 }])).toEqual([{ path: '/*/a1', rule: 'type', message: 'must be string' }]);
  });
});
