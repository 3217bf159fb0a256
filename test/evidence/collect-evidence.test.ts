import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { collectEvidence } from '../../src/evidence/collect-evidence.ts';
import { describeRates } from '../../src/evidence/describe-rates.ts';
import { defineExtraction } from '../../src/extraction/define-extraction.ts';
import { digestFile } from '../../src/records/file-digest.ts';
import { htmlReport } from '../../src/report/html/report.ts';
import { result, runDirectory } from '../export/run-fixture.ts';
import { reportParts } from '../report/report-parts.ts';

const receipt = defineExtraction({
  name: 'receipt',
  schema: z.object({ shop: z.string(), total: z.number(), items: z.array(z.object({ price: z.number() })) }),
  instructions: 'Extract the receipt.',
  prompt: 'A receipt: {{text}}',
  id: 'id',
});

/** A run over three receipts, whose results stand in the order in which they ended. */
async function finishedRun(ids: readonly string[] = ['a', 'b', 'c']): Promise<string> {
  const directory = runDirectory({
    results: [
      result(2, { shop: 'Red Pot', total: 99, items: [] }, ids[2]),
      result(0, { shop: 'Blue Kettle', total: 12.5, items: [{ price: 4 }, { price: 8.5 }] }, ids[0]),
    ],
  });
  const input = join(directory, '..', `${directory.split('/').at(-1)}.jsonl`);
  const rows = [
    { id: 'a', text: 'BLUE KETTLE 4.00 8.50 = 12.50' },
    { id: 'b', text: 'unreadable' },
    { id: 'c', text: 'Red Pot 98' },
  ];
  writeFileSync(input, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  const manifest = JSON.parse(readFileSync(join(directory, 'run.json'), 'utf8')) as {
    identity: object;
    settings: object;
  };
  manifest.identity = { extraction: 'receipt', id: 'id', format: 'jsonl', input: await digestFile(input) };
  manifest.settings = { input };
  writeFileSync(join(directory, 'run.json'), JSON.stringify(manifest));
  writeFileSync(join(directory, 'profile.json'), '{"results":2}');
  writeFileSync(join(directory, 'report.html'), htmlReport(reportParts()));
  return directory;
}

function linesOf(directory: string): { id: string; evidence: { path: string; match: string }[] }[] {
  return readFileSync(join(directory, 'evidence.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

test('collectEvidence writes one line for each result in input order, and its rates into profile.json', async () => {
  const directory = await finishedRun();
  const collected = await collectEvidence(receipt, directory);
  const lines = linesOf(directory);
  expect(lines.map(({ id, evidence }) => [id, ...evidence.map(({ path, match }) => `${path} ${match}`)])).toEqual([
    ['a', '/shop normalized', '/total value', '/items/0/price value', '/items/1/price value'],
    ['c', '/shop exact', '/total none'],
  ]);
  expect(lines[0]?.evidence[0]).toEqual({
    path: '/shop',
    start: 0,
    end: 11,
    match: 'normalized',
    occurrences: 1,
    field: 'text',
  });
  expect(collected).toMatchObject({
    results: 2,
    withoutRecord: 0,
    fields: { total: { values: 2, value: 1, none: 1 } },
  });
  const { results, fields } = collected;
  const profile: unknown = JSON.parse(readFileSync(join(directory, 'profile.json'), 'utf8'));
  expect(profile).toEqual({ results: 2, evidence: { results, fields } });
  const page = readFileSync(join(directory, 'report.html'), 'utf8').replaceAll('\u00A0', ' ');
  expect(page).toMatch(/What stands in the records.*<code><bdi>total<\/bdi><\/code>.*50 %.*1 of 2 not/s);
  expect(
    describeRates(collected)
      .split('\n')
      .map((line) => line.trim().split(/ {2,}/)),
  ).toEqual([
    ['field', 'values', 'found', 'exact', 'normalized', 'value', 'ambiguous', 'fuzzy', 'none'],
    ['shop', '2', '100.0 %', '1', '1', '0', '0', '0', '0'],
    ['total', '2', '50.0 %', '0', '0', '1', '0', '0', '1'],
    ['items[].price', '2', '100.0 %', '0', '0', '2', '0', '0', '0'],
  ]);
});

test('collectEvidence repeated leaves the same, and nothing besides', async () => {
  const directory = await finishedRun();
  await collectEvidence(receipt, directory);
  const before = readFileSync(join(directory, 'evidence.jsonl'), 'utf8');
  await collectEvidence(receipt, directory);
  expect(readFileSync(join(directory, 'evidence.jsonl'), 'utf8')).toBe(before);
  expect(readdirSync(directory).sort()).toEqual([
    'evidence.jsonl',
    'profile.json',
    'rejects.jsonl',
    'report.html',
    'results.jsonl',
    'run.json',
  ]);
});

test('a result whose id is not that of the record in its place has no evidence, and is counted', async () => {
  const directory = await finishedRun(['a', 'b', 'another']);
  expect(await collectEvidence(receipt, directory)).toMatchObject({ results: 1, withoutRecord: 1 });
});

test('an input with other contents is refused, and what stood there stays', async () => {
  const directory = await finishedRun();
  await collectEvidence(receipt, directory);
  const before = readFileSync(join(directory, 'evidence.jsonl'), 'utf8');
  const other = join(directory, 'other.jsonl');
  writeFileSync(other, '{"id":"a","text":"changed"}\n');
  await expect(collectEvidence(receipt, directory, { input: other })).rejects.toThrow(
    'it has other contents than the run read',
  );
  expect(readFileSync(join(directory, 'evidence.jsonl'), 'utf8')).toBe(before);
});
