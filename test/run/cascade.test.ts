import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { CompletionClient } from '../../src/completion/client.ts';
import type { ChatRequest } from '../../src/completion/request.ts';
import { readResults } from '../../src/export/read-run.ts';
import { defineExtraction } from '../../src/extraction/define-extraction.ts';
import { extract } from '../../src/run/extract.ts';
import { retryRejects } from '../../src/run/retry-rejects.ts';
import { run } from '../../src/run/run.ts';
import { temporaryDirectory } from '../store/temporary-directory.ts';
import { completion } from './record/scripted-run.ts';

const CHEAP = 'google/gemini-3.5-flash-lite';
const STRONG = 'google/gemini-3.5-flash';

const note = defineExtraction({
  name: 'note',
  model: CHEAP,
  schema: z.object({ word: z.string() }),
  instructions: 'Say the word.',
  prompt: '{{text}}',
  id: 'id',
  cascade: { strong: STRONG, agree: 0.9, delta: 0.1, calibrate: 60 },
});

const RECORDS = 200;
/** Every fourth cheap answer stands nowhere in its record. */
const notes = Array.from({ length: RECORDS }, (_, at) => ({ id: `n${at}`, text: `word ${at}` }));
const isOdd = (text: string): boolean => Number(text.split(' ')[1]) % 4 === 0;

interface Scripted extends CompletionClient {
  asked: { model: string | undefined; text: string }[];
}

/** Tells the record's own text; the cheap model makes a word up where `isWrong` says so. */
function scripted(isWrong: (text: string) => boolean, onCall: () => void = () => undefined): Scripted {
  const asked: Scripted['asked'] = [];
  return {
    asked,
    complete({ model, messages }: ChatRequest) {
      const text = String(messages.at(-1)?.content);
      asked.push({ model, text });
      onCall();
      const word = model === CHEAP && isWrong(text) ? 'invented' : text;
      return Promise.resolve(completion({ model, content: JSON.stringify({ word }) }));
    },
  };
}

test('the records of the calibration come first, and by them the sure cheap answers are kept', async () => {
  const out = join(temporaryDirectory(), 'run');
  const client = scripted(isOdd);
  const { cascade, records } = await run(note, { input: notes, out, client, concurrency: 8 });
  expect(records).toMatchObject({ extracted: RECORDS, remaining: 0 });
  expect(cascade).toMatchObject({
    escalated: { calibration: 60 },
    promise: { agree: 0.9, delta: 0.1, trials: 60, threshold: 1 },
  });
  const { kept, escalated, promise, cheap, strong, savedUsd } = cascade ?? {};
  expect(kept).toBe(RECORDS - 60 - (escalated?.['unsure'] ?? 0));
  expect(promise?.bound).toBeGreaterThan(0.9);
  expect(cheap?.calls).toBe(RECORDS);
  expect(strong?.calls).toBe(60 + (escalated?.['unsure'] ?? 0));
  expect(savedUsd).toBeGreaterThan(0);
  // Nothing that the strong model would say otherwise was kept, and each record was asked of either once.
  for await (const { data, id } of readResults(note, out)) expect(data.word).toBe(`word ${id.slice(1)}`);
  expect(new Set(client.asked.map(({ model, text }) => `${model} ${text}`)).size).toBe(client.asked.length);
  // No record beyond the calibration was begun before all of it had ended.
  const lastTrial = client.asked.findIndex(
    (_, at) => client.asked.slice(0, at + 1).filter(({ model }) => model === STRONG).length === 60,
  );
  expect(client.asked.slice(0, lastTrial + 1).filter(({ model }) => model === CHEAP)).toHaveLength(60);
});

test('nothing passes, nothing is kept', async () => {
  const out = join(temporaryDirectory(), 'run');
  const client = scripted(() => true);
  const { cascade, records } = await run(note, { input: notes, out, client });
  expect(records.extracted).toBe(RECORDS);
  expect(cascade).toMatchObject({ kept: 0, promise: { threshold: null, bound: null, agreed: 0 } });
  expect(cascade?.strong.calls).toBe(RECORDS);
  expect(cascade?.savedUsd).toBeLessThan(0);
});

test.each([30, 100, 170])(
  'a run that is stopped after %i calls goes on with the same records and threshold',
  async (calls) => {
    const out = join(temporaryDirectory(), 'run');
    const stopping = new AbortController();
    let made = 0;
    const first = scripted(isOdd, () => {
      made += 1;
      if (made === calls) stopping.abort(new Error('enough'));
    });
    await run(note, { input: notes, out, client: first, concurrency: 8, stopSignal: stopping.signal });
    const second = scripted(isOdd);
    const { cascade, records } = await run(note, { input: notes, out, client: second, concurrency: 8 });
    expect(records.extracted).toBe(RECORDS);
    expect(cascade).toMatchObject({ escalated: { calibration: 60 }, promise: { trials: 60, threshold: 1 } });
    const asked = [...first.asked, ...second.asked].map(({ model, text }) => `${model} ${text}`);
    expect(new Set(asked).size).toBe(asked.length);
  },
);

test('rejects that are tried again are judged by what the run has found out', async () => {
  const out = join(temporaryDirectory(), 'run');
  const base = scripted(isOdd);
  const failing: CompletionClient = {
    complete: (request, options) =>
      String(request.messages.at(-1)?.content) === 'word 7'
        ? Promise.resolve(completion({ content: undefined, refusal: 'no' }))
        : base.complete(request, options),
  };
  await run(note, { input: notes, out, client: failing });
  const client = scripted(isOdd);
  const { records, cascade } = await retryRejects(note, { out, client });
  expect(records).toMatchObject({ extracted: RECORDS, rejected: 0 });
  expect(cascade?.promise?.threshold).toBe(1);
});

test('an input that can be read once only cannot have a promise', async () => {
  async function* once() {
    yield* notes;
  }
  const client = scripted(isOdd);
  const out = join(temporaryDirectory(), 'run');
  await expect(run(note, { input: once(), out, client })).rejects.toThrow('this input can be read once only');
  await expect(extract(note, notes, { client }).next()).rejects.toThrow('the promise of cascade.agree');
  expect(client.asked).toEqual([]);
});

test('by rules alone, records in memory are asked so too', async () => {
  const { cascade: _, ...plain } = note;
  const ruled = defineExtraction({ ...plain, cascade: { strong: STRONG } });
  const client = scripted(isOdd);
  const stages: (string | undefined)[] = [];
  for await (const outcome of extract(ruled, notes.slice(0, 8), { client })) {
    if (outcome.status === 'extracted') stages.push(outcome.stage);
  }
  expect(stages.filter((stage) => stage === 'strong')).toHaveLength(2);
  expect(client.asked).toHaveLength(10);
});

test('the calibrated confidence of an earlier evaluation is the score', async () => {
  // Of two hundred values, those that stand nowhere were right one time in ten.
  const calibration = {
    model: {
      score: 'evidence',
      steps: [
        { from: 0, right: 0.1 },
        { from: 2, right: 0.95 },
      ],
    },
  };
  const sure = defineExtraction({
    ...note,
    id: 'id',
    cascade: { strong: STRONG, agree: 0.9, delta: 0.1, calibrate: 60, calibration },
  });
  const out = join(temporaryDirectory(), 'run');
  const { cascade } = await run(sure, { input: notes, out, client: scripted(isOdd), concurrency: 8 });
  expect(cascade).toMatchObject({ promise: { threshold: 0.95, trials: 60 } });
  for await (const { data, id } of readResults(sure, out)) expect(data.word).toBe(`word ${id.slice(1)}`);
});

test('a calibration by signals of another version is refused before any call', async () => {
  const calibration = { model: { score: 'moon', steps: [{ from: 0, right: 0.5 }] } };
  const other = defineExtraction({ ...note, id: 'id', cascade: { strong: STRONG, agree: 0.9, calibration } });
  const client = scripted(isOdd);
  const out = join(temporaryDirectory(), 'run');
  await expect(run(other, { input: notes, out, client })).rejects.toThrow(
    'goes by a signal that this version does not',
  );
  expect(client.asked).toEqual([]);
});

test("log probabilities of a server of one's own stand beside each result", async () => {
  const { cascade: _, ...plain } = note;
  const asked: ChatRequest[] = [];
  const client: CompletionClient = {
    complete(request: ChatRequest) {
      asked.push(request);
      const content = '{"word":"a"}';
      const tokens = ['{"word":"', 'a', '"}'].map((token, at) => ({
        token,
        logprob: -at / 4,
        bytes: [...Buffer.from(token)],
      }));
      const answer = completion({ content });
      const choices = [
        { index: 0, finish_reason: 'stop', message: { role: 'assistant', content }, logprobs: { content: tokens } },
      ];
      return Promise.resolve({ ...answer, raw: { ...answer.raw, choices } });
    },
  };
  const out = join(temporaryDirectory(), 'run');
  const wanting = defineExtraction({ ...plain, id: 'id', model: 'acme/own', request: { logprobs: true } });
  await run(wanting, { input: notes.slice(0, 2), out, client });
  expect(asked).toMatchObject([{ logprobs: true }, { logprobs: true }]);
  const lines = readFileSync(join(out, 'results.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as object);
  expect(lines).toMatchObject([{ logprobs: { '/word': -0.25 } }, { logprobs: { '/word': -0.25 } }]);
});

describe('with the threshold of an earlier run', () => {
  const kept = defineExtraction({ ...note, id: 'id', cascade: { strong: STRONG, agree: 0.9, keep: 1, drift: 0.2 } });

  test('no record is asked of both models to find one, but a sample is to watch over it', async () => {
    const out = join(temporaryDirectory(), 'run');
    const client = scripted(isOdd);
    const { cascade } = await run(kept, { input: notes, out, client });
    const { drift = 0, unsure = 0 } = cascade?.escalated ?? {};
    expect(unsure).toBe(50);
    expect(drift).toBeGreaterThan(10);
    expect(cascade).toMatchObject({
      kept: RECORDS - unsure - drift,
      promise: { agree: 0.9, threshold: 1, bound: null, trials: drift, agreed: drift, hasDrifted: false },
    });
    for await (const { data, id } of readResults(kept, out)) expect(data.word).toBe(`word ${id.slice(1)}`);
  });

  test('where the models come to differ, nothing is kept from then on, nor after a stop', async () => {
    const out = join(temporaryDirectory(), 'run');
    // What the cheap model says stands in the record, and is half of what the strong one says.
    const halves: CompletionClient = {
      complete({ model, messages }: ChatRequest) {
        const text = String(messages.at(-1)?.content);
        const word = model === CHEAP ? text.split(' ')[1] : text;
        return Promise.resolve(completion({ model, content: JSON.stringify({ word }) }));
      },
    };
    const stopping = new AbortController();
    let calls = 0;
    const first: CompletionClient = {
      complete: (request, options) => {
        calls += 1;
        if (calls === 120) stopping.abort(new Error('enough'));
        return halves.complete(request, options);
      },
    };
    await run(kept, { input: notes, out, client: first, concurrency: 2, stopSignal: stopping.signal });
    const { cascade, records } = await run(kept, { input: notes, out, client: halves, concurrency: 2 });
    expect(records.extracted).toBe(RECORDS);
    expect(cascade?.promise).toMatchObject({ agreed: 0, hasDrifted: true });
    expect(cascade?.escalated['drifted']).toBeGreaterThan(100);
    expect(cascade?.kept).toBeLessThan(80);
  });

  test('a sequence that can be read once is enough, as nothing is chosen beforehand', async () => {
    async function* once() {
      yield* notes.slice(0, 20);
    }
    const out = join(temporaryDirectory(), 'run');
    const { records } = await run(kept, { input: once(), out, client: scripted(isOdd) });
    expect(records.extracted).toBe(20);
  });
});

test('a strong model that is asked the same as the cheap one is refused before a call', async () => {
  const client = scripted(isOdd);
  const refused = async (cascade: NonNullable<typeof note.cascade>, model?: string) => {
    const out = join(temporaryDirectory(), 'run');
    await expect(run({ ...note, cascade }, { input: notes, out, client, ...(model && { model }) })).rejects.toThrow(
      'so that the same would be asked twice; name a stronger model',
    );
  };
  await refused({ strong: CHEAP });
  await refused({ strong: { model: CHEAP, request: {} } });
  await refused({ strong: STRONG, model: STRONG });
  await refused({ strong: STRONG }, STRONG);
  expect(client.asked).toEqual([]);
  const thinking = { strong: { model: CHEAP, request: { thinking: { level: 'high' } } } } as const;
  const out = join(temporaryDirectory(), 'run');
  await run({ ...note, cascade: thinking }, { input: notes.slice(0, 2), out, client });
  expect(client.asked.length).toBeGreaterThan(1);
});
