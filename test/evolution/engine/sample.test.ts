import { describe, expect, test } from 'vitest';
import { Budget } from '../../../src/evolution/engine/budget.ts';
import { compareSchemas } from '../../../src/evolution/engine/compare-schemas.ts';
import { sampleOf } from '../../../src/evolution/engine/sample.ts';
import type { JsonObject, JsonValue } from '../../../src/json/value.ts';

const COUNT = 2_000;
const names = Array.from({ length: COUNT }, (_, index) => `p${index}`);

function objectOf(schemaOf: (index: number) => JsonValue, beside: JsonObject = {}): JsonObject {
  return {
    type: 'object',
    properties: Object.fromEntries(names.map((name, index) => [name, schemaOf(index)])),
    ...beside,
  };
}

const text = { type: 'string' };
const number = { type: 'number' };
const texts = objectOf(() => text);

describe('sampleOf', () => {
  test('leaves the properties that are required and the first that were edited', () => {
    const before = objectOf(() => text, { required: ['p7'] });
    const after = objectOf((index) => (index < 1_990 ? text : number), { required: ['p9'] });
    const sample = sampleOf(before, after, new Budget(10_000));
    const left = ['p7', 'p9', 'p1990', 'p1991', 'p1992', 'p1993', 'p1994', 'p1995', 'p1996', 'p1997'];
    expect(sample).toEqual({
      left: { ...before, properties: Object.fromEntries(left.map((name) => [name, text])) },
      right: {
        ...after,
        properties: Object.fromEntries(left.map((name, index) => [name, index < 2 ? text : number])),
      },
    });
  });

  test('reaches large objects inside of others and behind definitions', () => {
    const inside = (large: JsonValue): JsonValue => ({
      properties: { a: { $ref: '#/$defs/a' }, b: { properties: { c: large } } },
      $defs: { a: large },
    });
    const edited = { properties: { p3: number } };
    const sample = sampleOf(
      inside(texts),
      inside(objectOf((index) => (index === 3 ? number : text))),
      new Budget(20_000),
    );
    expect(sample?.right).toEqual(inside({ type: 'object', ...edited }));
  });

  test('leaves schemas alone whose objects are small', () => {
    expect(sampleOf({ properties: { a: text } }, { properties: { a: number } }, new Budget(100))).toBeUndefined();
    expect(sampleOf(true, texts, new Budget(100))).toBeUndefined();
  });
});

describe('Schemas of very many properties', () => {
  test('an edit that breaks is found by a fraction of the steps that reading all would take', () => {
    const after = objectOf((index) => (index === 1_000 ? number : text));
    expect(compareSchemas(texts, after, { budget: 60_000 }).backward).toMatchObject({
      verdict: 'breaking',
      witness: { p1000: '' },
    });
  });

  test('where the sample shows nothing all is read', () => {
    const beside = { additionalProperties: false, minProperties: 300 };
    const before = objectOf(() => text, beside);
    const { backward } = compareSchemas(
      before,
      objectOf((index) => (index === 5 ? number : text), beside),
    );
    expect(backward.verdict).toBe('breaking');
    expect(Object.keys(backward.witness as JsonObject)).toHaveLength(300);
  });

  test('a document of the sample that the whole schema refuses proves nothing', () => {
    const before = objectOf(() => text, { propertyNames: { not: { const: 'p5' } } });
    const { backward } = compareSchemas(
      before,
      objectOf((index) => (index === 5 ? number : text)),
    );
    expect(backward.verdict).toBe('compatible');
  });

  test('what was widened stays compatible', () => {
    const wider = objectOf((index) => (index % 100 === 0 ? { type: ['string', 'null'] } : text));
    const { backward, forward } = compareSchemas(texts, wider);
    expect([backward.verdict, forward.verdict]).toEqual(['compatible', 'breaking']);
    expect(forward.witness).toEqual({ p0: null });
  });
});
