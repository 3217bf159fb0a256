import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { inspectRecord } from '../../src/inspect/inspect-record.ts';
import { lifeText } from '../../src/inspect/life-text.ts';
import { attemptAt, manifest, rejectOf, resultOf } from '../report/report-parts.ts';

const at = Date.parse('2026-11-23T10:00:00Z');

function runOf(files: Record<string, readonly object[]>): string {
  const directory = mkdtempSync(join(tmpdir(), 'inspect-'));
  writeFileSync(join(directory, 'run.json'), JSON.stringify(manifest));
  for (const [name, lines] of Object.entries(files))
    writeFileSync(join(directory, `${name}.jsonl`), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  return directory;
}

test('a record that was repeated and extracted: each call, and the line of its result', () => {
  const directory = runOf({
    results: [resultOf({ total: 1 }, { id: 'other' }), resultOf({ total: 7 }, { id: 'mine' })],
    attempts: [
      attemptAt(at, { id: 'mine', call: 1, status: 503, outcome: 'failed', code: 'UNAVAILABLE' }),
      attemptAt(at, { id: 'other', call: 2 }),
      attemptAt(at, { id: 'mine', call: 3, kind: 'retry' }),
    ],
  });
  const life = inspectRecord(directory, 'mine');
  expect(life).toMatchObject({ state: 'extracted', place: { line: 2 }, entry: { data: { total: 7 } } });
  expect(life.calls.map(({ call }) => call)).toEqual([1, 3]);
  const text = lifeText(life);
  expect(text).toContain(`mine: extracted, ${join(directory, 'results.jsonl')} line 2`);
  expect(text).toContain('call 1: first at 2026-11-23T10:00:00.000Z, status 503, failed (UNAVAILABLE)');
  expect(text).toContain('--- data\n{\n  "total": 7\n}');
});

test('a reject shows error, record and last answer; a record in flight is open', () => {
  const error = { code: 'schema_violation', message: 'The schema refuses' };
  const directory = runOf({
    rejects: [rejectOf(error, { id: 'bad', record: { text: 'as it came' }, answer: '{"total":"x"}' })],
    inflight: [{ call: 9, id: 'slow', index: 3, attempt: 1, kind: 'first', at: '2026-11-23T10:00:00Z' }],
  });
  const text = lifeText(inspectRecord(directory, 'bad'));
  for (const part of ['bad: rejected', 'schema_violation', '"as it came"', '--- answer\n{"total":"x"}'])
    expect(text).toContain(part);
  expect(inspectRecord(directory, 'slow')).toMatchObject({ state: 'open', place: null, entry: null });
});

test('of a record that is not there the nearest id is told, and its contents are not', () => {
  const directory = runOf({ results: [resultOf({ secret: 'canary' }, { id: 'r-0107' })] });
  expect(() => inspectRecord(directory, 'r-107')).toThrow('says nothing of it; did you mean r-0107?');
  expect(() => inspectRecord(directory, 'something else')).toThrow('it has not come to that record');
});
