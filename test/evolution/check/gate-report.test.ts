import { createRequire } from 'node:module';
import { Ajv } from 'ajv';
import { expect, test } from 'vitest';
import { baselineFromText } from '../../../src/evolution/check/baseline-schema.ts';
import { checkDefinitions, type CheckCandidate, type CheckReport } from '../../../src/evolution/check/check.ts';
import { formatReport, reportFormats } from '../../../src/evolution/check/formats/format-report.ts';
import { schemaHash } from '../../../src/evolution/check/snapshot.ts';
import type { JsonValue } from '../../../src/json/value.ts';

const load = createRequire(import.meta.url);
// It is of draft 4, of which it uses nothing that later ones do not have, but for these two.
const {
  $schema: _,
  id: __,
  ...sarifSchema
} = load('@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json') as Record<string, unknown>;

const before = object({ number: { type: 'string' }, total: { type: 'number' } });
const after = object({ number: { type: 'string' }, total: { type: 'integer' }, vat: { type: 'number' } });

function object(properties: Record<string, JsonValue>): JsonValue {
  return { type: 'object', properties, required: Object.keys(properties), additionalProperties: false };
}

function candidate(name: string, schema: JsonValue, options: Partial<CheckCandidate> = {}): CheckCandidate {
  return {
    content: { name, schema, hash: schemaHash(schema), unseen: [] },
    reference: `schemas/${name}.ts`,
    file: `schemas/${name}.ts`,
    source: '',
    mode: 'backward',
    acceptances: [],
    locked: undefined,
    ...options,
  };
}

/** A pull request with everything in it that a gate may find. */
function worstReport(broken: number): CheckReport {
  const content = { name: 'checked', schema: before, hash: schemaHash(before) };
  const accepted = {
    oldHash: schemaHash(before),
    newHash: schemaHash(after),
    directions: ['backward'],
    rules: ['required-property-added'],
    fingerprints: [],
    name: 'accepted',
    reason: 'Nobody reads it',
    date: '2026-11-20',
    gleaner: '1.0.0',
    path: 'accepted.json',
  } as const;
  const candidates = [
    ...Array.from({ length: broken }, (_, index) => candidate(`bill-${index}`, after)),
    candidate('lowered', before, { mode: 'none' }),
    candidate('checked', before, { content: { ...content, unseen: [{ path: 'number', kind: 'refinement' }] } }),
    candidate('accepted', after, { acceptances: [accepted] }),
    candidate('fresh', object({ page: { type: 'number' } })),
  ];
  const older = (name: string): ReturnType<typeof baselineFromText> => ({
    ...baselineFromText(JSON.stringify(before), `${name}.json`, name),
    compatibility: 'backward',
  });
  const known = candidates.map(({ content: { name } }) => name).filter((name) => name !== 'fresh');
  const schemas = new Map(known.map((name) => [name, [older(name)]]));
  const others = new Map([['gone', older('gone')]]);
  const options = { reader: 'validator', againstOption: 'git:main', unseen: 'fail' } as const;
  const report = checkDefinitions(candidates, { label: 'git:main', schemas, others }, { ...options, isWhole: true });
  return { ...report, unloaded: [{ reference: 'schemas/x.ts', file: 'schemas/x.ts', message: 'Cannot load it' }] };
}

test('SARIF of everything that a gate may find is valid', () => {
  const validate = new Ajv({ strict: false, validateFormats: false, unicodeRegExp: false, logger: false }).compile(
    sarifSchema,
  );
  const log: unknown = JSON.parse(formatReport(worstReport(3), 'sarif', '1.0.0'));
  const isValid = validate(log);
  expect(validate.errors ?? []).toEqual([]);
  expect(isValid).toBe(true);
  const { runs } = log as { runs: { results: { ruleId: string }[] }[] };
  const rules = new Set(runs[0]?.results.map(({ ruleId }) => ruleId));
  for (const rule of ['required-property-added', 'weakened', 'unseen-added', 'removed', 'not-checked']) {
    expect([...rules]).toContain(rule);
  }
  // The schema refuses what is no SARIF.
  expect(validate({ version: '2.1.0', runs: [{ results: [{ level: 'loud' }] }] })).toBe(false);
});

test('every format names all of it, however much is broken, and stays within what its reader takes', () => {
  const report = worstReport(500);
  for (const format of reportFormats) {
    const text = formatReport(report, format, '1.0.0');
    for (const name of ['gone', 'lowered', 'checked', 'Nobody reads it', 'schemas/x.ts']) {
      // GitHub shows ten errors; the others stand in the log by their files.
      if (format === 'markdown' || (format === 'github' && name === 'Nobody reads it')) continue;
      expect(`${format}: ${text.includes(name)} ${name}`).toBe(`${format}: true ${name}`);
    }
  }
  const markdown = formatReport(report, 'markdown', '1.0.0');
  expect(markdown.length).toBeLessThan(65_536);
  for (const told of ['gone', 'schemas/x.ts', 'No room is left for']) expect(markdown).toContain(told);
  const errors = formatReport(report, 'github', '1.0.0')
    .split('\n')
    .filter((line) => line.startsWith('::error '));
  expect(errors).toHaveLength(10);
});
