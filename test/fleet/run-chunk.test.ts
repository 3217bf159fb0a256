import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { CompletionClient } from '../../src/completion/client.ts';
import type { ChatRequest } from '../../src/completion/request.ts';
import { defineExtraction } from '../../src/extraction/define-extraction.ts';
import { FilePartStore } from '../../src/fleet/parts/file-part-store.ts';
import { mergeRun } from '../../src/fleet/parts/merge-run.ts';
import type { DoneNote } from '../../src/fleet/parts/notes.ts';
import { MOST_DEATHS, runChunk, type ChunkEnd } from '../../src/fleet/parts/run-chunk.ts';
import { planIdsOf } from '../../src/fleet/plan/plan-ids.ts';
import { planInput } from '../../src/fleet/plan/plan-input.ts';
import type { Plan } from '../../src/fleet/plan/plan.ts';
import { completion } from '../run/record/scripted-run.ts';

const note = defineExtraction({
  name: 'note',
  model: 'google/gemini-3.5-flash-lite',
  schema: z.object({ word: z.string() }),
  instructions: 'Say the word.',
  prompt: '{{text}}',
  id: 'id',
});

const CHUNK_ROWS = 10;
let directory: string;
let input: string;
let plan: Plan;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'gleaner-chunk-'));
  input = join(directory, 'notes.jsonl');
  writeFileSync(
    input,
    Array.from({ length: 25 }, (_, at) => `${JSON.stringify({ id: `n${at}`, text: `word ${at}` })}\n`).join(''),
  );
  plan = await planInput(input, {
    file: join(directory, 'plan.jsonl'),
    reading: {},
    chunkRows: CHUNK_ROWS,
    ids: planIdsOf(note),
  });
});

/** Answers with the text that it was sent, once `before` lets it. */
function echo(
  before: (text: string) => Promise<void> | void = () => undefined,
): CompletionClient & { asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    async complete({ messages }: ChatRequest) {
      const text = String(messages.at(-1)?.content);
      asked.push(text);
      await before(text);
      return completion({ content: JSON.stringify({ word: text }) });
    },
  };
}

function work(client: CompletionClient, more: { chunk?: number; stopSignal?: AbortSignal; from?: number } = {}) {
  const { chunk = 1, stopSignal, from } = more;
  return runChunk({
    store: new FilePartStore(directory),
    plan,
    chunk,
    input,
    extraction: note,
    definitionDigest: 'digest',
    worker: 'test',
    from,
    options: { client, concurrency: 1, ...(stopSignal && { stopSignal }) },
  });
}

/** A worker that does so many records of a chunk and is killed. */
async function die(records: number, chunk = 1): Promise<string[]> {
  const stop = new AbortController();
  let left = records;
  const client = echo(() => {
    left -= 1;
    if (left === 0) stop.abort();
  });
  if (records === 0) stop.abort();
  const end = await work(client, { chunk, stopSignal: stop.signal }).catch((error: unknown) => error as Error);
  const attempt = 'attempt' in end ? end.attempt : lastAttempt(chunk);
  rmSync(join(partOf(chunk, attempt), 'end.json'));
  return client.asked;
}

function lastAttempt(chunk: number): number {
  let attempt = 1;
  while (existsSync(partOf(chunk, attempt + 1))) attempt += 1;
  return attempt;
}

function partOf(chunk: number, attempt: number): string {
  return join(directory, 'parts', `00000${chunk}.a${attempt}`);
}

function idsIn(chunk: number, attempt: number): string[] {
  return readFileSync(join(partOf(chunk, attempt), 'results.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => (JSON.parse(line) as { id: string }).id);
}

function doneOf(end: ChunkEnd) {
  if (end.kind !== 'done') throw new Error(`the chunk is ${end.kind}`);
  return end;
}

test('a part has its lines and its notes, and leaves reports to the merge', async () => {
  const end = doneOf(await work(echo()));
  const part = partOf(1, end.attempt);
  expect(idsIn(1, end.attempt)).toHaveLength(CHUNK_ROWS);
  expect(JSON.parse(readFileSync(join(part, 'run.json'), 'utf8'))).toMatchObject({ status: 'finished' });
  const reports = ['usage.json', 'profile.json', 'report.html'];
  expect(reports.filter((report) => existsSync(join(part, report)))).toEqual([]);
});

test('a chunk ends in a part of its own, with a note that says what counts', async () => {
  const end = doneOf(await work(echo()));
  expect(end).toMatchObject({ attempt: 1, isOwn: true });
  expect(end.note).toMatchObject({
    chunk: 1,
    rows: 10,
    extracted: 10,
    rejected: 0,
    calls: 10,
    tokens: 420,
    includes: [],
  });
  expect(idsIn(1, 1)).toEqual(Array.from({ length: 10 }, (_, at) => `n${10 + at}`));
  const again = echo();
  expect(doneOf(await work(again)).isOwn).toBe(false);
  expect(again.asked).toEqual([]);
});

test('a successor asks only for what the killed one had not ended, and builds on just that', async () => {
  expect(await die(4)).toHaveLength(4);
  // What it was about to write when it was killed.
  appendFileSync(join(partOf(1, 1), 'results.jsonl'), '{"id":"n14","ind');
  const client = echo();
  const { note: done } = doneOf(await work(client));
  expect(client.asked).toEqual(['word 14', 'word 15', 'word 16', 'word 17', 'word 18', 'word 19']);
  expect(done).toMatchObject({ attempt: 2, extracted: 6, includes: [{ attempt: 1 }] });
  const whole = readFileSync(join(partOf(1, 1), 'results.jsonl'), 'utf8').lastIndexOf('\n') + 1;
  expect(done.includes[0]?.lengths.results).toBe(whole);
});

test('a chain of killed workers pays for each record once', async () => {
  const asked = [...(await die(3)), ...(await die(3)), ...(await die(3))];
  const client = echo();
  const { note: done } = doneOf(await work(client));
  expect([...asked, ...client.asked]).toHaveLength(10);
  expect(done.includes.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
});

test('a worker that was frozen and goes on writes outside of what counts', async () => {
  let wake: () => void = () => undefined;
  let froze: () => void = () => undefined;
  const asleep = new Promise<void>((resolve) => (froze = resolve));
  const frozen = work(
    echo((text) => {
      if (text !== 'word 13') return undefined;
      froze();
      return new Promise<void>((resolve) => (wake = resolve));
    }),
  );
  await asleep;
  const successor = doneOf(await work(echo()));
  expect(successor).toMatchObject({ attempt: 2, isOwn: true });
  wake();
  const late = doneOf(await frozen);
  expect(late).toMatchObject({ isOwn: false, note: { attempt: 2 } });
  const prefix = successor.note.includes[0]?.lengths.results ?? 0;
  const counted = readFileSync(join(partOf(1, 1), 'results.jsonl'))
    .subarray(0, prefix)
    .toString()
    .trimEnd()
    .split('\n');
  expect(counted).toHaveLength(3);
  expect(idsIn(1, 1)).toHaveLength(10);
  expect(idsIn(1, 2)).toHaveLength(7);
});

test('a merge takes no row behind the prefix that a successor built on, and each row of a chunk once', async () => {
  let wake: () => void = () => undefined;
  let froze: () => void = () => undefined;
  const asleep = new Promise<void>((resolve) => (froze = resolve));
  const frozen = work(
    echo((text) => {
      if (text !== 'word 13') return undefined;
      froze();
      return new Promise<void>((resolve) => (wake = resolve));
    }),
  );
  await asleep;
  await work(echo());
  wake();
  await frozen;
  for (const chunk of [0, 2]) await work(echo(), { chunk });

  const out = join(directory, 'run');
  const limits = { maxRejectRate: 0, minRecords: 25 };
  const usage = await mergeRun({ store: new FilePartStore(directory), plan, out, limits });

  const merged = readFileSync(join(out, 'results.jsonl'), 'utf8').trimEnd().split('\n');
  expect(merged.map((line) => (JSON.parse(line) as { id: string }).id)).toEqual(
    Array.from({ length: 25 }, (_, at) => `n${at}`),
  );
  // What the frozen one asked when it went on was paid, and counts for nothing else.
  expect(usage.records.extracted).toBe(25);
  expect(usage.calls.billed).toBe(32);
});

test('a merge refuses a chunk whose note names an attempt twice', async () => {
  await die(3);
  for (const chunk of [0, 1, 2]) await work(echo(), { chunk });
  const path = join(directory, 'parts', '000001.done.json');
  const note = JSON.parse(readFileSync(path, 'utf8')) as DoneNote;
  writeFileSync(path, JSON.stringify({ ...note, includes: [...note.includes, ...note.includes] }));
  const limits = { maxRejectRate: 0, minRecords: 25 };
  const merging = mergeRun({ store: new FilePartStore(directory), plan, out: join(directory, 'run'), limits });
  await expect(merging).rejects.toThrow(`${partOf(1, 1)} is named twice for chunk 1`);
});

test('what a frozen worker writes behind a prefix that was read is asked again by all that come later', async () => {
  await die(3);
  await die(0);
  const results = join(partOf(1, 1), 'results.jsonl');
  const late = readFileSync(results, 'utf8').trimEnd().split('\n').at(-1) ?? '';
  appendFileSync(results, `${JSON.stringify({ ...(JSON.parse(late) as object), id: 'n13', index: 13 })}\n`);
  const client = echo();
  expect(doneOf(await work(client)).note.extracted).toBe(7);
  expect(client.asked).toContain('word 13');
});

describe('a chunk that ends its worker', () => {
  test(`is set aside after ${MOST_DEATHS} times at the same record`, async () => {
    await die(4);
    for (let deaths = 1; deaths < MOST_DEATHS; deaths += 1) await die(0);
    const client = echo();
    expect(await work(client)).toMatchObject({ kind: 'set-aside', deaths: MOST_DEATHS });
    expect(client.asked).toEqual([]);
  });

  test('is tried again without limit while it gets on', async () => {
    for (let deaths = 0; deaths < MOST_DEATHS + 2; deaths += 1) await die(1);
    expect(doneOf(await work(echo())).note.extracted).toBe(10 - MOST_DEATHS - 2);
  });

  test('is tried again once its deaths are forgiven', async () => {
    for (let deaths = 0; deaths < MOST_DEATHS; deaths += 1) await die(0);
    expect((await work(echo())).kind).toBe('set-aside');
    expect((await work(echo(), { from: MOST_DEATHS + 2 })).kind).toBe('done');
  });
});

test('a chunk that is stopped in order says so, and is no death', async () => {
  const stop = new AbortController();
  const end = await work(
    echo(() => stop.abort()),
    { stopSignal: stop.signal },
  );
  expect(end).toMatchObject({ kind: 'stopped', summary: { records: { extracted: 1 } } });
  expect(existsSync(join(partOf(1, 1), 'end.json'))).toBe(true);
});
