import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { tellLostEnds } from '../../src/cli/tell-lost-ends.ts';
import { compareRuns } from '../../src/compare/compare-runs.ts';
import type { CompletionClient } from '../../src/completion/client.ts';
import { evaluate } from '../../src/eval/evaluate-run.ts';
import { exportRun } from '../../src/export/export-run.ts';
import { readRejects, readResults } from '../../src/export/read-run.ts';
import { defineExtraction } from '../../src/extraction/define-extraction.ts';
import { inspectRecord } from '../../src/inspect/inspect-record.ts';
import { retryRejects } from '../../src/run/retry-rejects.ts';
import { run } from '../../src/run/run.ts';
import type { RunSummary } from '../../src/run/session/run-in-directory.ts';
import { supersede } from '../../src/store/superseded.ts';
import { temporaryDirectory } from '../store/temporary-directory.ts';
import { completion } from './record/scripted-run.ts';

const note = defineExtraction({
  name: 'note',
  model: 'google/gemini-3.5-flash-lite',
  schema: z.object({ word: z.string().max(6) }),
  instructions: 'Say the word.',
  prompt: '{{text}}',
  id: 'id',
});

/** Four notes end as results, and the last one as a reject. */
const notes = [0, 1, 2, 3, 4].map((at) => ({ id: `n${at}`, text: at === 4 ? 'too long a word' : `word ${at}` }));

let calls = 0;
const client: CompletionClient = {
  complete({ messages }) {
    calls += 1;
    return Promise.resolve(completion({ content: JSON.stringify({ word: messages[1]?.content }) }));
  },
};

let out: string;
let notices: string[];
const again = (options: { acceptChanges?: boolean } = {}): Promise<RunSummary> =>
  run(note, { input: notes, out, client, maxReasks: 0, onNotice: (text) => notices.push(text), ...options });
const file = (name: string): string => join(out, name);

function keepLines(name: string, count: number): void {
  const lines = readFileSync(file(name), 'utf8').split('\n');
  writeFileSync(
    file(name),
    lines
      .slice(0, count)
      .map((line) => `${line}\n`)
      .join(''),
  );
}

async function idsOf(rows: AsyncIterable<{ id: string | null }>): Promise<unknown[]> {
  const ids = [];
  for await (const { id } of rows) ids.push(id);
  return ids;
}

beforeEach(async () => {
  out = join(temporaryDirectory(), 'run');
  notices = [];
  await again();
  calls = 0;
});

test.each([
  { name: 'results.jsonl', costs: 'every record of it would be asked for again' },
  { name: 'attempts.jsonl', costs: 'caps and reports would forget what was spent' },
])('a run whose $name was taken away is not gone on with, unless that is accepted', async ({ name, costs }) => {
  rmSync(file(name));
  await expect(again()).rejects.toMatchObject({
    code: 'directory-unusable',
    facts: { advice: 'changes' },
    message: `Cannot go on with the run in ${out}: its ${name} is gone, so that ${costs}; bring the file back, or accept that`,
  });
  await expect(retryRejects(note, { out, client })).rejects.toThrow(`its ${name} is gone`);
  expect(calls).toBe(0);
  const { records } = await again({ acceptChanges: true });
  expect(records).toMatchObject({ extracted: 4, rejected: 1 });
});

test('a run whose results.jsonl was emptied is refused as one without it, and goes on once that is accepted', async () => {
  truncateSync(file('results.jsonl'));
  await expect(again()).rejects.toMatchObject({
    facts: { advice: 'changes' },
    message: `Cannot go on with the run in ${out}: its results.jsonl is empty, so that every record of it would be asked for again; bring the file back, or accept that`,
  });
  await expect(retryRejects(note, { out, client })).rejects.toThrow('its results.jsonl is empty');
  expect(calls).toBe(0);
  expect((await again({ acceptChanges: true })).records).toMatchObject({ extracted: 4, rejected: 1 });
});

test('rejects that were taken away are not taken for none', async () => {
  rmSync(file('rejects.jsonl'));
  await expect(retryRejects(note, { out, client })).rejects.toThrow(
    `Cannot retry the rejects in ${out}: its rejects.jsonl is gone; bring the file back, or repeat the run`,
  );
  await again();
  expect(calls).toBe(1);
});

test('lines that somebody cut away are asked for again, and that is said first', async () => {
  keepLines('results.jsonl', 1);
  rmSync(file('rejects.jsonl'));
  const { records } = await again();
  expect(records).toMatchObject({ extracted: 4, rejected: 1 });
  expect(calls).toBe(4);
  expect(notices).toEqual([
    'What the last session left is not all there: 3 lines of results.jsonl and 1 line of rejects.jsonl less than usage.json counts. ' +
      'Their records are asked for again; to avoid that, stop and bring the file back',
  ]);
});

test('results that are set aside with a change, and rejects that are tried again, are not missed', async () => {
  await retryRejects(note, { out, client, maxReasks: 0, onNotice: (text) => notices.push(text) });
  const other = defineExtraction({ ...note, instructions: 'Say the other word.' });
  await run(other, {
    input: notes,
    out,
    client,
    maxReasks: 0,
    acceptChanges: true,
    onNotice: (text) => notices.push(text),
  });
  expect(notices.filter((text) => text.includes('not all there'))).toEqual([]);
});

test('a change that was accepted once does not let results go unmissed ever after', async () => {
  const other = defineExtraction({ ...note, instructions: 'Say the other word.' });
  const repeat = (acceptChanges = false): Promise<RunSummary> =>
    run(other, { input: notes, out, client, maxReasks: 0, acceptChanges });
  await repeat(true);
  calls = 0;
  rmSync(file('results.jsonl'));
  await expect(repeat()).rejects.toThrow('its results.jsonl is gone');
  expect(calls).toBe(0);
});

test('a run that was killed between setting results aside and beginning anew goes on', async () => {
  supersede(out);
  const { records } = await again();
  expect(records).toMatchObject({ extracted: 4, rejected: 1 });
  expect(notices.filter((text) => text.includes('not all there'))).toEqual([]);
});

test('a record of an unfinished run that has no end yet is open, whatever else is gone', async () => {
  const rewrite = (name: string, from: string, to: string): void =>
    writeFileSync(file(name), readFileSync(file(name), 'utf8').replace(from, to));
  rewrite('run.json', '"finished"', '"stopped"');
  rewrite('usage.json', '"rejected": 1', '"rejected": 0');
  rmSync(file('rejects.jsonl'));
  keepLines('results.jsonl', 3);
  expect(inspectRecord(out, 'n4')).toMatchObject({ state: 'open' });
  expect(inspectRecord(out, 'n3')).toMatchObject({ state: 'lost' });
});

test('an evaluation says that results are gone whose gold it counts as missing', async () => {
  const gold = join(out, '..', 'gold.csv');
  writeFileSync(gold, 'id,word\nn0,word 0\nn3,word 3\n');
  keepLines('results.jsonl', 3);
  const { missing, warnings } = await evaluate(out, gold);
  expect(missing).toBe(1);
  expect(warnings).toEqual([
    'The run is not whole any more: 1 line of results.jsonl less than usage.json counts. The figures are of what is left; bring the file back',
  ]);
});

test('what looks back says of lines that are gone that they are', async () => {
  keepLines('results.jsonl', 3);
  const { id } = notes[3] as { id: string };
  expect(inspectRecord(out, id)).toMatchObject({ state: 'lost', place: null, calls: [{ id }] });
  expect(inspectRecord(out, 'n4')).toMatchObject({ state: 'rejected' });
  expect((await compareRuns(out, out)).records).toMatchObject({ before: 5, after: 5, changes: null });
  let told = '';
  tellLostEnds(out, { stderr: { write: (text: string) => (told += text) } as never });
  expect(told).toBe(
    `The run in ${out} is not whole any more: 1 line of results.jsonl less than usage.json counts; bring the file back\n`,
  );
});

test('readers take no part of a run for the whole', async () => {
  truncateSync(file('results.jsonl'), 100);
  const cut = `Cannot read ${file('results.jsonl')}: it holds 0 of the 4 lines that usage.json counts; bring the file back, or`;
  await expect(idsOf(readResults(note, out))).rejects.toThrow(cut);
  await expect(exportRun(out)).rejects.toThrow(cut);
  rmSync(file('rejects.jsonl'));
  await expect(idsOf(readRejects(out))).rejects.toThrow('rejects.jsonl: it is not there, and held 1 lines');
  // While a session is at work, nobody knows how many there are to be.
  writeFileSync(file('run.json'), readFileSync(file('run.json'), 'utf8').replace('"finished"', '"running"'));
  keepLines('results.jsonl', 0);
  expect(await idsOf(readResults(note, out))).toEqual([]);
});
