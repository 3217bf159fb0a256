import { existsSync, readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import { compareSchemas, type SchemaComparison } from '../../../src/evolution/engine/compare-schemas.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../src/json/value.ts';

interface Pair {
  id: string;
  old: JsonValue;
  new: JsonValue;
  draft: string;
  expected: Record<'backward' | 'forward', boolean | null>;
}

const path = new URL('../../../../shared/data/schema-pairs.jsonl', import.meta.url);
const isThere = existsSync(path);

/**
 * Expectations that a document refutes. In regular expressions of ECMA-262, which JSON Schema and ajv use, `\w` holds no
 * accented letter and `.` no line end, so `l'école` does not match `\wcole`, and a line end is one character that `.{1,}` refuses.
 */
const refuted = new Set([
  'draft2019-09/valid/optional/unicode#1',
  'draft2019-09/valid/optional/unicode#10',
  'test_more.TestPaperExamples.test_equiv_multiple_case#217',
]);

test.skipIf(!isThere)('The audited schema pairs get the right verdicts (skipped where their file is absent)', () => {
  const validators = {
    '7': new Ajv({ strict: false, logger: false }),
    '2019-09': new Ajv2019({ strict: false, logger: false }),
    '2020-12': new Ajv2020({ strict: false, logger: false }),
  };
  const wrong: string[] = [];
  let breaking = 0;
  const bytes: number[] = [];
  for (const pair of readPairs()) {
    const draft = pair.draft === '2019-09' || pair.draft === '2020-12' ? pair.draft : '7';
    const comparison = compareSchemas(pair.old, pair.new, { draft });
    const guessed = compareSchemas(pair.old, pair.new);
    const ajv = validators[draft];
    for (const direction of ['backward', 'forward'] as const) {
      const expected = pair.expected[direction];
      const wanted = expected === null ? undefined : expected ? 'compatible' : 'breaking';
      if (
        wanted !== undefined &&
        !refuted.has(pair.id) &&
        [comparison, guessed].some((result) => result[direction].verdict !== wanted)
      ) {
        wrong.push(`${pair.id} ${direction}: ${comparison[direction].verdict}`);
      }
      if (comparison[direction].verdict !== 'breaking') continue;
      breaking += 1;
      const { witness } = comparison[direction];
      bytes.push(Buffer.byteLength(JSON.stringify(witness)));
      const [writer, reader] = direction === 'backward' ? [pair.old, pair.new] : [pair.new, pair.old];
      const accepts = (schema: JsonValue) => {
        ajv.removeSchema();
        return ajv.validate(isJsonObject(schema) ? withoutDialect(schema) : schema === true, witness);
      };
      if (!accepts(writer) || accepts(reader))
        wrong.push(`${pair.id} ${direction}: ajv disagrees about ${JSON.stringify(witness)}`);
    }
  }
  expect(wrong).toEqual([]);
  expect(breaking).toBeGreaterThan(500);
  expect(bytes.sort((left, right) => left - right)[bytes.length >> 1]).toBeLessThanOrEqual(60);
});

test.skipIf(!isThere)(
  'Every audited pair is compatible with itself, and changes are listed only where texts differ',
  () => {
    for (const pair of readPairs()) {
      const self: SchemaComparison = compareSchemas(pair.old, structuredClone(pair.old));
      expect([pair.id, self.backward.verdict, self.forward.verdict, self.changes]).toEqual([
        pair.id,
        'compatible',
        'compatible',
        [],
      ]);
    }
  },
);

/** The validator is chosen by dialect already, and does not know every dialect's name. */
function withoutDialect(schema: JsonObject): JsonObject {
  const { $schema: _, ...rest } = schema;
  return rest;
}

function readPairs(): Pair[] {
  return readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Pair);
}
