import { GoogleGenAI } from '@google/genai';
import { afterEach, expect, it } from 'vitest';
import { Bucket } from '../../../src/cloud-storage/bucket.ts';
import { GoogleRest } from '../../../src/cloud-storage/google-rest.ts';
import { startEmulator, type BatchFaultKind, type Emulator } from '../../../src/emulator/index.ts';
import type { JsonObject } from '../../../src/json/value.ts';

let emulator: Emulator | undefined;
let rest: GoogleRest | undefined;
afterEach(async () => {
  await rest?.close();
  await emulator?.close();
});

const LINES = 20;

/** Google's own client, and a bucket with an input of some lines. */
async function setUp(kinds: readonly BatchFaultKind[] = []) {
  emulator = await startEmulator({
    batch: { queueMs: 60_000, runMs: 60_000, faults: kinds.map((kind) => ({ kind })) },
  });
  const credentials = { headers: () => Promise.resolve({ authorization: 'Bearer any' }), refresh: () => undefined };
  rest = new GoogleRest({ credentials, origin: emulator.origin, backoff: { baseMs: 1 } });
  const bucket = new Bucket(rest, 'bucket');
  const line = (key: number): string =>
    JSON.stringify({
      key: String(key),
      request: {
        contents: [{ role: 'user', parts: [{ text: `TOTAL ${key}.00` }] }],
        generationConfig: {
          responseMimeType: 'application/json',
          responseSchema: {
            type: 'OBJECT',
            properties: { total: { type: 'NUMBER', nullable: true } },
            required: ['total'],
          },
        },
      },
    });
  await bucket.create('in.jsonl', Array.from({ length: LINES }, (_, key) => line(key)).join('\n'));
  const google = new GoogleGenAI({
    vertexai: true,
    project: 'p',
    location: 'global',
    httpOptions: { baseUrl: emulator.origin },
    googleAuthOptions: {
      authClient: { getRequestHeaders: () => Promise.resolve(new Headers({ authorization: 'Bearer a' })) } as never,
    },
  });
  const create = () =>
    google.batches.create({
      model: 'gemini-3.5-flash-lite',
      src: 'gs://bucket/in.jsonl',
      config: { displayName: 'd', dest: 'gs://bucket/out' },
    });
  const output = async (): Promise<{ names: string[]; text: string }> => {
    const names: string[] = [];
    let text = '';
    for await (const { name } of bucket.list('out/')) {
      names.push(name.replace(/^.*\//, ''));
      for await (const chunk of bucket.read(name)) text += chunk.toString('utf8');
    }
    return { names, text };
  };
  return { google, create, output, emulator };
}

it("runs a job for Google's own client", async () => {
  const { google, create, output, emulator: server } = await setUp();
  const { name = '' } = await create();
  expect((await google.batches.get({ name })).state).toBe('JOB_STATE_PENDING');
  server.advance(61_000);
  expect((await google.batches.get({ name })).state).toBe('JOB_STATE_RUNNING');
  server.advance(61_000);
  const job = await google.batches.get({ name });
  expect(job.state).toBe('JOB_STATE_SUCCEEDED');
  const listed = await google.batches.list({ config: { filter: 'displayName="d"' } });
  expect(listed.page.map((one) => one.name)).toEqual([name]);
  const { names, text } = await output();
  expect(names).toEqual(['predictions.jsonl']);
  const lines = text
    .trim()
    .split('\n')
    .map(
      (one) =>
        JSON.parse(one) as { key: string; response: { candidates: { content: { parts: { text: string }[] } }[] } },
    );
  expect(lines.map(({ key }) => key)).not.toEqual(
    lines.map(({ key }) => key).toSorted((left, right) => Number(left) - Number(right)),
  );
  for (const { key, response } of lines) {
    expect(JSON.parse(response.candidates[0]?.content.parts[0]?.text ?? '') as JsonObject).toEqual({
      total: Number(key),
    });
  }
  expect(server.stats().batch).toMatchObject({ jobs: 1, billed: LINES });
});

it.each<{ kind: BatchFaultKind; state: string; lines: number; names?: string[] }>([
  { kind: 'stuck-pending', state: 'JOB_STATE_PENDING', lines: 0, names: [] },
  { kind: 'expired', state: 'JOB_STATE_EXPIRED', lines: 10 },
  { kind: 'cancelled-part', state: 'JOB_STATE_CANCELLED', lines: 10 },
  { kind: 'failed-with-rows', state: 'JOB_STATE_FAILED', lines: 10 },
  { kind: 'failed-without-rows', state: 'JOB_STATE_FAILED', lines: 0, names: [] },
  { kind: 'service-agent', state: 'JOB_STATE_FAILED', lines: 0, names: [] },
  { kind: 'partially-succeeded', state: 'JOB_STATE_PARTIALLY_SUCCEEDED', lines: 20 },
  { kind: 'missing-line', state: 'JOB_STATE_SUCCEEDED', lines: 18 },
  { kind: 'repeated-line', state: 'JOB_STATE_SUCCEEDED', lines: 22 },
  { kind: 'foreign-line', state: 'JOB_STATE_SUCCEEDED', lines: 21 },
  { kind: 'torn-last-line', state: 'JOB_STATE_SUCCEEDED', lines: 21 },
  {
    kind: 'sharded-names',
    state: 'JOB_STATE_SUCCEEDED',
    lines: 20,
    names: ['predictions.jsonl-00000-of-00002', 'predictions.jsonl-00001-of-00002'],
  },
  {
    kind: 'incremental-file',
    state: 'JOB_STATE_SUCCEEDED',
    lines: 21,
    names: ['incremental_predictions.jsonl', 'predictions.jsonl'],
  },
])('misbehaves as $kind', async ({ kind, state, lines, names = ['predictions.jsonl'] }) => {
  const { google, create, output, emulator: server } = await setUp([kind]);
  const { name = '' } = await create();
  server.advance(200_000);
  expect((await google.batches.get({ name })).state).toBe(state);
  const exported = await output();
  expect(exported.names).toEqual(names);
  expect(exported.text.split('\n').filter((line) => line !== '')).toHaveLength(lines);
});

it('loses the answer of a create call, or makes two jobs of one, and answers 404 in the wrong place', async () => {
  const lost = await setUp(['lost-create-answer']);
  await expect(lost.create()).rejects.toThrow();
  expect(lost.emulator.stats().batch.jobs).toBe(1);
  await lost.emulator.close();
  const doubled = await setUp(['doubled-create']);
  await doubled.create();
  expect(doubled.emulator.stats().batch.jobs).toBe(2);
  await doubled.emulator.close();
  const wrong = await setUp(['wrong-location']);
  await expect(wrong.create()).rejects.toThrow(/was not found/);
});

it('finishes what is under way after a cancel call', async () => {
  const { google, create, output, emulator: server } = await setUp();
  const { name = '' } = await create();
  server.advance(90_000);
  await google.batches.cancel({ name });
  expect((await google.batches.get({ name })).state).toBe('JOB_STATE_CANCELLING');
  server.advance(1000);
  expect((await google.batches.get({ name })).state).toBe('JOB_STATE_CANCELLED');
  const { text } = await output();
  expect(text.trim().split('\n')).toHaveLength(10);
});
