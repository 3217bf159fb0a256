import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import type { CompletionClient } from '../../src/completion/client.ts';
import type { ChatRequest } from '../../src/completion/request.ts';
import { defineExtraction } from '../../src/extraction/define-extraction.ts';
import { run } from '../../src/run/run.ts';
import type { AttemptEntry, ResultEntry } from '../../src/store/entries.ts';
import { temporaryDirectory } from '../store/temporary-directory.ts';
import { completion } from '../run/record/scripted-run.ts';

const CHEAP = 'google/gemini-3.5-flash-lite';
const STRONG = 'google/gemini-3.5-flash';

const bill = defineExtraction({
  name: 'bill',
  model: CHEAP,
  schema: z.object({ number: z.number().nullable(), items: z.array(z.string()) }),
  instructions: 'Extract the bill.',
  prompt: '{{text}}',
  id: 'id',
  samples: { count: 3, apart: true },
  request: { temperature: 0.7, seed: 1 },
  chunk: { chars: 200, at: 'line' },
});

/** Three parts a bill: its number stands in the first, an item in every line. */
const bills = ['a', 'b', 'c', 'd'].map((id, at) => ({
  id,
  text: [`Bill no. 10${at}`, ...Array.from({ length: 18 }, (_, line) => `thing-${id}-${line} ${'.'.repeat(16)}`)].join(
    '\n',
  ),
}));

interface Scripted extends CompletionClient {
  asked: string[];
}

/** Copies what it reads; `slip` may have it read a number wrongly. */
function reader(slip: (request: ChatRequest) => number = () => 0, onCall: () => void = () => undefined): Scripted {
  const asked: string[] = [];
  return {
    asked,
    complete(request) {
      const text = String(request.messages.at(-1)?.content);
      asked.push(JSON.stringify([request.model, request.seed, text]));
      onCall();
      const number = /no\. (\d+)/.exec(text)?.[1];
      const items = text.match(/thing-\S+/g) ?? [];
      const said = { number: number === undefined ? null : Number(number) + slip(request), items };
      return Promise.resolve(completion({ model: request.model, content: JSON.stringify(said) }));
    },
  };
}

function linesOf<Entry>(out: string, file: string): Entry[] {
  return readFileSync(join(out, file), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Entry);
}

const allItems = (id: string): string[] => Array.from({ length: 18 }, (_, line) => `thing-${id}-${line}`);

test('each part of a long record is read several times, and the result says how far the readings agree', async () => {
  const out = join(temporaryDirectory(), 'run');
  // The second reading takes every number for another.
  const client = reader(({ seed }) => (seed === 2 ? 7 : 0));
  await run(bill, { input: bills, out, client, concurrency: 2 });
  const results = linesOf<ResultEntry>(out, 'results.jsonl').sort((left, right) => left.index - right.index);
  expect(results).toHaveLength(4);
  for (const { id, data, confidence, index } of results) {
    expect(data).toEqual({ number: 100 + index, items: allItems(id) });
    expect(confidence?.['/number']).toBe(0.6667);
    expect(Object.keys(confidence ?? {}).filter((path) => path.startsWith('/items/'))).toHaveLength(18);
    expect(confidence?.['/items/17']).toBe(1);
  }
  const ledger = linesOf<AttemptEntry>(out, 'attempts.jsonl').filter(({ id }) => id === 'a');
  const parts = Math.max(...ledger.map(({ chunk = 0 }) => chunk));
  expect(parts).toBeGreaterThan(2);
  expect(ledger.map(({ chunk, sample }) => [chunk, sample])).toEqual(
    Array.from({ length: parts }, (_, at) => [1, 2, 3].map((sample) => [at + 1, sample])).flat(),
  );
  expect(ledger.map(({ outcome }) => outcome)).toEqual([
    ...Array.from({ length: parts * 3 - 1 }, () => 'part'),
    'extracted',
  ]);
});

test('a cascade asks the strong model for all parts of the records in which the readings of the cheap one differ', async () => {
  const out = join(temporaryDirectory(), 'run');
  const cascaded = defineExtraction({ ...bill, id: 'id', cascade: { strong: STRONG } });
  const client = reader(({ seed, model, messages }) =>
    model === CHEAP && seed === 2 && String(messages.at(-1)?.content).includes('101') ? 7 : 0,
  );
  const { cascade } = await run(cascaded, { input: bills, out, client, concurrency: 2 });
  expect(cascade).toMatchObject({ kept: 3, escalated: { disagree: 1 } });
  const results = linesOf<ResultEntry>(out, 'results.jsonl');
  expect(new Map(results.map(({ id, stage }) => [id, stage]))).toEqual(
    new Map([
      ['a', 'cheap'],
      ['b', 'strong'],
      ['c', 'cheap'],
      ['d', 'cheap'],
    ]),
  );
  expect(results.find(({ id }) => id === 'b')?.data).toEqual({ number: 101, items: allItems('b') });
  const strong = linesOf<AttemptEntry>(out, 'attempts.jsonl').filter(({ stage }) => stage === 'strong');
  expect(strong.map(({ kind, chunk }) => [kind, chunk])).toEqual(
    strong.map((_, at) => [at === 0 ? 'escalation' : 'chunk', at + 1]),
  );
  expect(strong.length).toBeGreaterThan(2);
});

test.each([4, 17, 30])('all of it goes on after a stop at call %i, and no call is paid for twice', async (calls) => {
  const out = join(temporaryDirectory(), 'run');
  const cascaded = defineExtraction({ ...bill, id: 'id', cascade: { strong: STRONG } });
  const slip = ({ seed, model }: ChatRequest): number => (model === CHEAP && seed === 2 ? 7 : 0);
  const stopping = new AbortController();
  let made = 0;
  const first = reader(slip, () => {
    made += 1;
    if (made === calls) stopping.abort(new Error('enough'));
  });
  await run(cascaded, { input: bills, out, client: first, concurrency: 1, stopSignal: stopping.signal });
  const second = reader(slip);
  const { records } = await run(cascaded, { input: bills, out, client: second, concurrency: 1 });
  expect(records).toMatchObject({ extracted: 4, remaining: 0 });
  const asked = [...first.asked, ...second.asked];
  expect(new Set(asked).size).toBe(asked.length);
  const parts = asked.length / 4 / 4;
  expect(parts).toBe(Math.round(parts));
});

test('a cap has room for every reading of every part by either model before the first call', async () => {
  const out = join(temporaryDirectory(), 'run');
  const cascaded = defineExtraction({
    ...bill,
    id: 'id',
    request: { temperature: 0.7, maxTokens: 100 },
    cascade: { strong: STRONG },
  });
  const client = reader();
  // Room for a few calls, and not for the twelve or more of a record.
  const { records } = await run(cascaded, { input: bills, out, client, maxTotalTokens: 900 });
  expect(records).toMatchObject({ extracted: 0, remaining: 4 });
  expect(client.asked).toEqual([]);
});
