import { expect, test } from 'vitest';
import { ApiError } from '../../../src/completion/api-error.ts';
import type { CompletionStream, StreamingClient } from '../../../src/completion/client.ts';
import type { CompletionDelta } from '../../../src/completion/delta.ts';
import type { Completion } from '../../../src/completion/response.ts';
import { streamAnswer } from '../../../src/run/record/stream-answer.ts';
import { completion, goodText, someUsage } from './scripted-run.ts';

const schema = {
  type: 'object',
  properties: { company: { type: 'string' }, total: { type: 'number' } },
  required: ['company', 'total'],
};
const request = { messages: [{ role: 'user' as const, content: 'Acme, 12.50' }] };

/** A stream of the given pieces; remembers how many were taken, and fails where told. */
function streamOf(
  pieces: readonly string[],
  { usage, failure, isLost = false }: { usage?: typeof someUsage; failure?: Error; isLost?: boolean } = {},
): { client: StreamingClient; taken(): number } {
  let text = '';
  let taken = 0;
  const whole = (): Completion => completion({ content: text, usage, finishReason: undefined });
  async function* deltas(): AsyncGenerator<CompletionDelta> {
    for (const piece of pieces) {
      taken += 1;
      text += piece;
      yield { type: 'text-delta', text: piece };
    }
    if (failure !== undefined) throw failure;
  }
  const stream: CompletionStream = {
    [Symbol.asyncIterator]: () => deltas(),
    get completion() {
      return Promise.resolve({ ...whole(), finishReason: 'stop' });
    },
    partial: () => (isLost ? undefined : whole()),
  };
  const client = {
    stream: () => stream,
    complete: () => Promise.reject(new Error('not streamed')),
  } as unknown as StreamingClient;
  return { client, taken: () => taken };
}

const signal = new AbortController().signal;

function answerOf(client: StreamingClient): ReturnType<typeof streamAnswer> {
  return streamAnswer(request, signal, { client, schema, thinkingBudget: undefined });
}

test('an answer that stays valid is taken whole, with the usage that was told', async () => {
  const { client } = streamOf([goodText.slice(0, 9), goodText.slice(9)], { usage: someUsage });
  expect(await answerOf(client)).toMatchObject({
    completion: { content: goodText, usage: someUsage, finishReason: 'stop' },
    earlyStop: undefined,
  });
});

test('an answer is left where it contradicts the schema; what had come is estimated', async () => {
  const { client, taken } = streamOf(['{"company":', ' 7,', ' "total": 1', '}']);
  const { completion: partial, earlyStop } = await answerOf(client);
  expect(earlyStop).toMatchObject({ code: 'schema_violation', issues: [{ path: '/company' }] });
  expect(taken()).toBe(2);
  expect(partial.usage?.completion).toBeGreaterThan(0);
  expect(partial.usage?.total).toBe((partial.usage?.prompt ?? 0) + (partial.usage?.completion ?? 0));
});

test('usage that was told before it was left counts instead of an estimate', async () => {
  const { client } = streamOf(['{"company": 7', ', "total"'], { usage: someUsage });
  expect((await answerOf(client)).completion.usage).toEqual(someUsage);
});

test('an answer flooded with white space after its end is left, and is judged as it is', async () => {
  const { client } = streamOf([goodText, ...Array<string>(40).fill('\n'.repeat(100))]);
  expect(await answerOf(client)).toMatchObject({ earlyStop: { code: undefined } });
});

test('thoughts in the content are no contradiction', async () => {
  const { client } = streamOf(['<think>{"company": 7}', '</think>', goodText]);
  expect(await answerOf(client)).toMatchObject({ earlyStop: undefined });
});

test('a failure on the way is passed on', async () => {
  const failure = new ApiError('reset', { kind: 'network' });
  await expect(answerOf(streamOf(['{"comp'], { failure }).client)).rejects.toBe(failure);
});

test('an answer that was left before anything of it is known is unreadable', async () => {
  const { client } = streamOf(['{"company": ['], { isLost: true });
  await expect(answerOf(client)).rejects.toMatchObject({ kind: 'unreadable', status: 200 });
});
