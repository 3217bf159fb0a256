import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { fillAnswerCache } from '../../src/export/fill-answer-cache.ts';
import { findRun } from '../../src/export/find-run.ts';
import { openAnswerCache } from '../../src/store/answer-cache.ts';
import { result, runDirectory } from './run-fixture.ts';

test('fillAnswerCache takes every answer that has a fingerprint, and passes over the rest', async () => {
  const directory = runDirectory({ results: [result(0, { a: 0 }), result(1, { a: 1 })] });
  appendFileSync(
    join(directory, 'results.jsonl'),
    'no json\n\n{"id":"x","index":2,"data":1}\n{"id":"x","index":2,"data":1,"fingerprint":"short"}\n' +
      `${JSON.stringify(result(3, { a: 3 }))}\n{"id":"torn","index":4,"data":{"a":`,
  );
  writeFileSync(
    join(directory, 'superseded-1.results.jsonl'),
    `${JSON.stringify(result(1, { a: 'old' }))}\n${JSON.stringify(result(9, { a: 9 }))}\n`,
  );
  const { cache } = await openAnswerCache(join(directory, 'answers.db'));
  onTestFinished(() => cache.close());

  expect(fillAnswerCache(cache, findRun(directory))).toEqual({ answers: 5, skipped: 4 });
  expect(cache.size).toBe(4);
  const at = '2026-01-01T01:00:00.000Z';
  const fingerprints = [0, 1, 3, 9].map((index) => index.toString(16).padStart(32, '0'));
  expect(fingerprints.map((fingerprint) => cache.get(fingerprint))).toEqual([
    { data: { a: 0 }, model: 'google/gemini', at },
    { data: { a: 1 }, model: 'google/gemini', at },
    { data: { a: 3 }, model: 'google/gemini', at },
    { data: { a: 9 }, at },
  ]);
});
