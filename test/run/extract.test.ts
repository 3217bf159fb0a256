import { expect, expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import { ApiError } from '../../src/completion/api-error.ts';
import type { CompletionClient } from '../../src/completion/client.ts';
import type { ChatRequest } from '../../src/completion/request.ts';
import type { Completion } from '../../src/completion/response.ts';
import { defineExtraction } from '../../src/extraction/define-extraction.ts';
import type { RunEvent } from '../../src/run/events.ts';
import { extract, type ExtractOptions } from '../../src/run/extract.ts';
import type { Quota } from '../../src/pacing/quota.ts';
import type { Pacer } from '../../src/run/ports.ts';
import { completion } from './record/scripted-run.ts';

const note = defineExtraction({
  name: 'note',
  model: 'google/gemini-3.5-flash-lite',
  schema: z.object({ word: z.string() }),
  instructions: 'Say the word.',
  prompt: '{{text}}',
  id: 'id',
});

function notes(count: number): { id: string; text: string }[] {
  return Array.from({ length: count }, (_, at) => ({ id: `n${at}`, text: `word ${at}` }));
}

function wordOf({ messages }: ChatRequest): string {
  return String(messages.at(-1)?.content);
}

/** Answers each record with its own text; `reply` may do something else. */
function echo(
  reply: (request: ChatRequest, signal: AbortSignal | undefined) => Promise<Completion> | undefined = () => undefined,
): CompletionClient & { calls: number; most: number } {
  let inFlight = 0;
  const client = {
    calls: 0,
    most: 0,
    async complete(request: ChatRequest, { signal }: { signal?: AbortSignal | undefined } = {}) {
      client.calls += 1;
      inFlight += 1;
      client.most = Math.max(client.most, inFlight);
      try {
        await new Promise((resolve) => setImmediate(resolve));
        return await (reply(request, signal) ?? completion({ content: JSON.stringify({ word: wordOf(request) }) }));
      } finally {
        inFlight -= 1;
      }
    },
  };
  return client;
}

async function all(records: Parameters<typeof extract>[1], options: ExtractOptions) {
  const outcomes = [];
  for await (const outcome of extract(note, records as { id: string; text: string }[], options)) outcomes.push(outcome);
  return outcomes.toSorted((left, right) => left.index - right.index);
}

test('every record ends in one outcome, typed as the schema says, with the tokens of its calls', async () => {
  const outcomes = await all(notes(50), { client: echo(), concurrency: 7 });
  expect(outcomes).toHaveLength(50);
  const [first] = outcomes;
  expect(first).toMatchObject({ status: 'extracted', recordId: 'n0', data: { word: 'word 0' }, attempts: 1 });
  expect(first?.usage.total).toBe(42);
  if (first?.status === 'extracted') expectTypeOf(first.data).toEqualTypeOf<{ word: string }>();
});

test('no more calls are in flight than allowed', async () => {
  const client = echo();
  await all(notes(40), { client, concurrency: 3 });
  expect([client.calls, client.most]).toEqual([40, 3]);
});

test('records are pulled as outcomes are taken, however many there are', async () => {
  let pulled = 0;
  async function* endless() {
    for (;;) {
      yield { id: `n${pulled}`, text: 'again' };
      pulled += 1;
    }
  }
  const outcomes = extract(note, endless(), { client: echo(), concurrency: 4 });
  for (let taken = 0; taken < 20; taken += 1) await outcomes.next();
  // What waits to be taken, and what is in work: never more than that ahead.
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(pulled).toBeLessThanOrEqual(20 + 2 * 4 + 1);
  await outcomes.return();
});

test('leaving the loop aborts the calls in flight and closes the source', async () => {
  let isClosed = false;
  const aborted: unknown[] = [];
  function* source() {
    try {
      yield* notes(100);
    } finally {
      isClosed = true;
    }
  }
  const client = echo((request, signal) => {
    if (wordOf(request) === 'word 0') return undefined;
    return new Promise((_resolve, reject) => {
      const abort = (): void => {
        aborted.push(wordOf(request));
        reject(signal?.reason as Error);
      };
      if (signal?.aborted === true) abort();
      else signal?.addEventListener('abort', abort);
    });
  });
  for await (const outcome of extract(note, source(), { client, concurrency: 5 })) {
    expect(outcome.recordId).toBe('n0');
    break;
  }
  expect(isClosed).toBe(true);
  expect(aborted.length).toBeGreaterThanOrEqual(4);
});

test('bad rows and failures are outcomes, not exceptions', async () => {
  const client = echo((request) =>
    request.messages.some(({ content }) => content === 'bad')
      ? Promise.resolve(completion({ content: '{"word": 1}' }))
      : undefined,
  );
  const records = [{ id: 'a', text: 'good' }, { id: 'a', text: 'again' }, { text: 'no id' }, { id: 'b', text: 'bad' }];
  const outcomes = await all(records as { id: string; text: string }[], { client });
  expect(outcomes.map((outcome) => (outcome.status === 'rejected' ? outcome.reason.code : 'extracted'))).toEqual([
    'extracted',
    'bad_record',
    'bad_record',
    'schema_violation',
  ]);
});

test('what refuses every record ends the loop with an error behind the outcomes that came', async () => {
  const client = echo(() => Promise.reject(new ApiError('Permission denied', { kind: 'status', status: 403 })));
  await expect(all(notes(40), { client, concurrency: 2 })).rejects.toMatchObject({ code: 'run-refused' });
});

test('a cap that is used up stops it, and says so after the last outcome', async () => {
  const outcomes: unknown[] = [];
  const collect = async () => {
    const options = { client: echo(), concurrency: 1, maxTotalTokens: 67_000 };
    for await (const outcome of extract(note, notes(100), options)) outcomes.push(outcome);
  };
  await expect(collect()).rejects.toMatchObject({ code: 'run-stopped', message: expect.stringContaining('budget') });
  expect(outcomes.length).toBeGreaterThan(10);
  expect(outcomes.length).toBeLessThan(100);
});

test('signal aborts with its reason, stopSignal ends in order', async () => {
  const aborting = new AbortController();
  const aborted = all(notes(1000), {
    client: echo((request) => {
      if (wordOf(request) === 'word 9') aborting.abort(new Error('enough'));
      return undefined;
    }),
    signal: aborting.signal,
  });
  await expect(aborted).rejects.toThrow('enough');

  const stopping = new AbortController();
  const stopped = await all(notes(1000), {
    client: echo((request) => {
      if (wordOf(request) === 'word 9') stopping.abort(new Error('enough'));
      return undefined;
    }),
    stopSignal: stopping.signal,
    concurrency: 4,
  });
  expect(stopped.length).toBeGreaterThanOrEqual(9);
  expect(stopped.length).toBeLessThan(30);
});

test('events tell of every call and record, without their contents', async () => {
  const events: RunEvent[] = [];
  await all([...notes(3), { id: 'n0', text: 'twice' }], { client: echo(), onEvent: (event) => events.push(event) });
  const count = (type: RunEvent['type']): number => events.filter((event) => event.type === type).length;
  expect([count('call-start'), count('call-end'), count('record-end')]).toEqual([3, 3, 4]);
  expect(JSON.stringify(events)).not.toContain('word');
});

test('quotas of the caller are taken of by several extractions, and go on after them', async () => {
  const taken: number[] = [];
  const closed: string[] = [];
  const quota = (name: string): Quota => ({
    take: (amount) => void taken.push(amount) as unknown as Promise<void>,
    settle: (estimated, used) => void taken.push(used - estimated),
    close: () => void closed.push(name) as unknown as Promise<void>,
  });
  const quotas = { requests: quota('requests'), tokens: quota('tokens') };
  const [some, others] = await Promise.all([
    all(notes(3), { client: echo(), quotas }),
    all(notes(4), { client: echo(), quotas }),
  ]);
  expect([some.length, others.length]).toEqual([3, 4]);
  // For each call a request, an estimate of its tokens and what puts that right.
  expect(taken).toHaveLength(3 * 7);
  const tokens = [...some, ...others].reduce((sum, outcome) => sum + outcome.usage.total, 0);
  expect(taken.reduce((sum, amount) => sum + amount, 0)).toBe(7 + tokens);
  expect(closed).toEqual([]);
});

test('a pacer of the caller lets each call go, and is told how it fared', async () => {
  const told: string[] = [];
  const pacer: Pacer = {
    concurrencyLimit: 2,
    acquire: () => Promise.resolve({}),
    release: (_permit, signal) => void told.push(signal),
    pause: (ms) => void told.push(`pause ${ms}`),
  };
  let failures = 0;
  const client = echo(() => {
    if (failures > 0) return undefined;
    failures += 1;
    return Promise.reject(new ApiError('Slow down', { kind: 'status', status: 429, retryAfterMs: 1 }));
  });
  expect(await all(notes(2), { client, pacer, concurrency: 1, backoff: { baseMs: 1 } })).toHaveLength(2);
  expect(told).toEqual(['throttled', 'pause 1', 'ok', 'ok']);
  await expect(all(notes(1), { client, pacer, requestsPerMinute: 60 })).rejects.toMatchObject({
    code: 'option-invalid',
    message: expect.stringContaining('pacer and requestsPerMinute both set its pace'),
  });
});
