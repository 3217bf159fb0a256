import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareSchemas } from '../../../src/evolution/engine/compare-schemas.ts';
import { isJsonObject, type JsonValue } from '../../../src/json/value.ts';
import { trySoundness } from './soundness.ts';
import { editShape, jsonSchemaOf, randomFrom, randomShape, toZod4 } from './zod-edits.ts';

const seeds = fc.integer({ min: 0, max: 2 ** 31 });

function schemasFrom(seed: number): { older: JsonValue; newer: JsonValue; newest: JsonValue } {
  const random = randomFrom(seed);
  const first = randomShape(random);
  const second = editShape(random, first);
  const third = editShape(random, second);
  return {
    older: jsonSchemaOf(toZod4(first)),
    newer: jsonSchemaOf(toZod4(second)),
    newest: jsonSchemaOf(toZod4(third)),
  };
}

function verdicts(older: JsonValue, newer: JsonValue): string {
  const { backward, forward } = compareSchemas(older, newer);
  return `${backward.verdict} ${forward.verdict}`;
}

/** The same schema after an edit of every object in it. */
function mapObjects(schema: JsonValue, edit: (entries: [string, JsonValue][]) => [string, JsonValue][]): JsonValue {
  if (Array.isArray(schema)) return schema.map((item: JsonValue) => mapObjects(item, edit));
  if (!isJsonObject(schema)) return schema;
  const entries = Object.entries(schema).map(([key, member]): [string, JsonValue] => [
    key,
    ['const', 'enum', 'default'].includes(key) ? (member ?? null) : mapObjects(member ?? null, edit),
  ]);
  return Object.fromEntries(edit(entries));
}

test('Every schema is compatible with itself', () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const { older } = schemasFrom(seed);
      expect(verdicts(older, structuredClone(older))).toBe('compatible compatible');
    }),
    { numRuns: 30 },
  );
});

test('Compatibility is transitive', () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const { older, newer, newest } = schemasFrom(seed);
      if (compareSchemas(older, newer).backward.verdict !== 'compatible') return;
      if (compareSchemas(newer, newest).backward.verdict !== 'compatible') return;
      expect(compareSchemas(older, newest).backward.verdict).toBe('compatible');
    }),
    { numRuns: 30 },
  );
});

test('The order of keys and of alternatives changes no verdict', () => {
  const reversed = (schema: JsonValue) =>
    mapObjects(schema, (entries) =>
      entries
        .toReversed()
        .map(([key, value]) => [
          key,
          ['anyOf', 'oneOf', 'required', 'enum'].includes(key) && Array.isArray(value) ? value.toReversed() : value,
        ]),
    );
  fc.assert(
    fc.property(seeds, (seed) => {
      const { older, newer } = schemasFrom(seed);
      expect(verdicts(older, reversed(newer))).toBe(verdicts(older, newer));
    }),
    { numRuns: 30 },
  );
});

test('Annotations change no verdict', () => {
  const annotated = (schema: JsonValue) =>
    mapObjects(schema, (entries) =>
      entries.some(([key]) => key === 'type')
        ? [...entries, ['title', 'T'], ['examples', [1]], ['deprecated', true]]
        : entries,
    );
  fc.assert(
    fc.property(seeds, (seed) => {
      const { older, newer } = schemasFrom(seed);
      expect(verdicts(older, annotated(newer))).toBe(verdicts(older, newer));
    }),
    { numRuns: 30 },
  );
});

test('Moving schemas behind references changes no verdict and lists no change', () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const { older, newer } = schemasFrom(seed);
      if (JSON.stringify(newer).includes('$ref')) return;
      const moved: JsonValue = {
        $defs: { inner: { $defs: { schema: newer }, $ref: '#/$defs/inner/$defs/schema' } },
        $ref: '#/$defs/inner',
      };
      expect(verdicts(older, moved)).toBe(verdicts(older, newer));
      expect(compareSchemas(newer, moved).changes).toEqual([]);
    }),
    { numRuns: 30 },
  );
});

test('A list of types equals a union of types', () => {
  const types = ['null', 'boolean', 'integer', 'number', 'string', 'array', 'object'];
  fc.assert(
    fc.property(fc.subarray(types, { minLength: 1 }), seeds, (chosen, seed) => {
      const { older } = schemasFrom(seed);
      const list = { type: chosen };
      const union = { anyOf: chosen.map((type) => ({ type })) };
      expect(verdicts(list, union)).toBe('compatible compatible');
      expect(verdicts(older, union)).toBe(verdicts(older, list));
    }),
    { numRuns: 30 },
  );
});

test('No sampled document refutes a "compatible" between a zod schema and an edit of it', () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      expect(trySoundness(seed, 10).refutation).toBeUndefined();
    }),
    { numRuns: 40 },
  );
});
