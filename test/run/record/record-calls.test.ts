import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Budget } from '../../../src/accounting/budget.ts';
import { ApiError } from '../../../src/completion/api-error.ts';
import { addUsage, zeroUsage, type TokenUsage } from '../../../src/completion/usage.ts';
import { defineTool } from '../../../src/extraction/define-tool.ts';
import { GleanerError } from '../../../src/gleaner-error.ts';
import { extractRecord } from '../../../src/run/record/extract-record.ts';
import { z } from 'zod';
import { completion, goodText, receipt, scriptRun, type ScriptedRun, type Turn } from './scripted-run.ts';

/** Everything that a call is known to come to, and what no call should. */
type Kind =
  | 'good'
  | 'broken json'
  | 'not the schema'
  | 'nothing'
  | 'refusal'
  | 'cut off'
  | 'odd end'
  | 'tool'
  | 'tool that fails'
  | 'no usage'
  | 'rate limit'
  | 'rate limit with a wait'
  | 'server error'
  | 'unauthorized'
  | 'forbidden'
  | 'network'
  | 'timeout'
  | 'no completion'
  | 'no credentials'
  | 'refused by the client'
  | 'defect of the client'
  | 'stop'
  | 'abort';

const kinds: readonly Kind[] = [
  'good',
  'broken json',
  'not the schema',
  'nothing',
  'refusal',
  'cut off',
  'odd end',
  'tool',
  'tool that fails',
  'no usage',
  'rate limit',
  'rate limit with a wait',
  'server error',
  'unauthorized',
  'forbidden',
  'network',
  'timeout',
  'no completion',
  'no credentials',
  'refused by the client',
  'defect of the client',
  'stop',
  'abort',
];

const usages = fc.record({
  prompt: fc.nat(50),
  cached: fc.constant(0),
  completion: fc.nat(50),
  reasoning: fc.nat(50),
  total: fc.integer({ min: 1, max: 200 }),
});

function turnOf(kind: Kind, usage: TokenUsage, run: () => ScriptedRun): Turn {
  const call = (name: string): Turn =>
    completion({ usage, toolCalls: [{ id: 'c1', name, arguments: '{}', extraContent: undefined }] });
  switch (kind) {
    case 'good':
      return completion({ usage });
    case 'broken json':
      return completion({ usage, content: '{"company": ' });
    case 'not the schema':
      return completion({ usage, content: '{"company": 1}' });
    case 'nothing':
      return completion({ usage, content: undefined });
    case 'refusal':
      return completion({ usage, refusal: 'no' });
    case 'cut off':
      return completion({ usage, content: '{"company": "A', finishReason: 'length' });
    case 'odd end':
      return completion({ usage, content: undefined, finishReason: 'MALFORMED_FUNCTION_CALL' });
    case 'tool':
      return call('look_up');
    case 'tool that fails':
      return call('fail');
    case 'no usage':
      return completion({ usage: undefined });
    case 'rate limit':
      return new ApiError('too many', { kind: 'status', status: 429 });
    case 'rate limit with a wait':
      return new ApiError('too many', { kind: 'status', status: 429, retryAfterMs: 700 });
    case 'server error':
      return new ApiError('down', { kind: 'status', status: 503 });
    case 'unauthorized':
      return new ApiError('expired', { kind: 'status', status: 401 });
    case 'forbidden':
      return new ApiError('no permission', { kind: 'status', status: 403 });
    case 'network':
      return new ApiError('reset', { kind: 'network', code: 'ECONNRESET' });
    case 'timeout':
      return new ApiError('late', { kind: 'timeout' });
    case 'no completion':
      return new ApiError('html', { kind: 'unreadable', status: 200 });
    case 'no credentials':
      return new ApiError('no token', { kind: 'credentials' });
    case 'refused by the client':
      return new GleanerError('request-invalid', 'Cannot send the request');
    case 'defect of the client':
      return new TypeError('undefined is no function');
    case 'stop':
      return () => {
        run().stopping.abort(new Error('stopped'));
        return completion({ usage, content: '{"company": ' });
      };
    case 'abort':
      return (_request, signal) => {
        run().stopping.abort(new Error('stopped'));
        run().aborting.abort(new Error('aborted'));
        signal.throwIfAborted();
        return completion();
      };
  }
}

const tools = [
  defineTool({ name: 'look_up', description: 'Looks up', parameters: z.object({}), handler: () => ({ found: 1 }) }),
  defineTool({
    name: 'fail',
    description: 'Fails',
    parameters: z.object({}),
    handler: () => {
      throw new Error('no such row');
    },
  }),
];

const scripts = fc.record({
  turns: fc.array(fc.tuple(fc.constantFrom(...kinds), usages), { maxLength: 6 }),
  maxAttempts: fc.integer({ min: 1, max: 3 }),
  maxReasks: fc.nat(2),
  maxToolRounds: fc.nat(2),
  cap: fc.option(fc.integer({ min: 100, max: 3000 }), { nil: undefined }),
});

test('every call that is opened is settled exactly once, with the tokens that came, whatever happens', async () => {
  await fc.assert(
    fc.asyncProperty(scripts, async ({ turns, cap, ...limits }) => {
      const budget =
        cap === undefined
          ? {}
          : { budget: new Budget({ maxTokens: cap, prices: { worstCost: () => 0, costOf: () => 0 } }) };
      const run: ScriptedRun = scriptRun({
        ...limits,
        ...budget,
        tools,
        // After the script, everything is answered, so that every record ends.
        turns: [...turns.map(([kind, usage]) => turnOf(kind, usage, () => run)), ...Array(9).fill(completion())],
      });
      const end = await extractRecord(receipt, run.context).catch((error: unknown) => ({ kind: 'thrown', error }));

      expect(run.settled.map(({ call }) => call)).toEqual(run.opened.map(({ call }) => call));
      expect(run.settled.map(({ attempt }) => attempt)).toEqual(run.opened.map((_, index) => index + 1));
      expect(run.permitsOut()).toBe(0);
      // What the service reported stands in the ledger, and in the outcome.
      const answered = run.requests.flatMap((_, index) => {
        const turn = turns[index];
        if (turn === undefined) return [completion().usage ?? zeroUsage];
        const answer = turnOf(turn[0], turn[1], () => run);
        if (typeof answer === 'function') return turn[0] === 'stop' ? [turn[1]] : [];
        return answer instanceof Error || answer.usage === undefined ? [] : [answer.usage];
      });
      const reported = answered.reduce(addUsage, zeroUsage);
      expect(run.settled.map(({ tokens }) => tokens).reduce(addUsage, zeroUsage)).toEqual(reported);
      // A record ends once, or is left.
      expect(run.outcomes).toHaveLength(end.kind === 'settled' ? 1 : 0);
      for (const { usage, attempts } of run.outcomes) {
        expect(usage).toEqual(reported);
        expect(attempts).toBe(run.settled.length);
      }
      expect(run.events.filter(({ type }) => type === 'call-end')).toHaveLength(run.opened.length);
      expect(run.events.filter(({ type }) => type === 'record-end')).toHaveLength(run.outcomes.length);
    }),
    { numRuns: 500 },
  );
});

test('a defect after the answer leaves the call settled with its tokens, and is passed on', async () => {
  const run = scriptRun({
    turns: [completion()],
    judge: () => Promise.reject(new TypeError('a defect of ours')),
  });
  await expect(extractRecord(receipt, run.context)).rejects.toThrow('a defect of ours');
  expect(run.settled).toMatchObject([
    { call: 1, outcome: 'invalid', code: 'internal_error', status: 200, tokens: { total: 42 } },
  ]);
  expect(run.outcomes).toEqual([]);
});

test('a handler that is aborted with the run leaves its record for the next session', async () => {
  const waiting = defineTool({
    name: 'wait',
    description: 'Waits for a slow system',
    parameters: z.object({}),
    handler: (_arguments, { signal }): Promise<never> =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
        run.stopping.abort(new Error('second Ctrl-C'));
        run.aborting.abort(new Error('second Ctrl-C'));
      }),
  });
  const run: ScriptedRun = scriptRun({
    tools: [waiting],
    turns: [
      completion({
        content: undefined,
        toolCalls: [{ id: 'c', name: 'wait', arguments: '', extraContent: undefined }],
      }),
    ],
  });
  expect(await extractRecord(receipt, run.context)).toEqual({ kind: 'unfinished' });
  expect(run.settled).toMatchObject([{ outcome: 'invalid', code: 'aborted', tokens: { total: 42 } }]);
  expect(run.outcomes).toEqual([]);
});

test('a note that cannot be written sends nothing and gives permit and budget back', async () => {
  const budget = new Budget({ maxTokens: 10_000, prices: { worstCost: () => 0, costOf: () => 0 } });
  const run = scriptRun({ turns: [completion({ content: goodText })], budget });
  run.context.journal.open = () => ({ ordinal: 1, isNoted: Promise.reject(new Error('the disk is full')) });
  await expect(extractRecord(receipt, run.context)).rejects.toThrow('the disk is full');
  expect(run.requests).toEqual([]);
  expect(run.permitsOut()).toBe(0);
  // All of the cap is there again.
  const all = await budget.reserve({ messages: [], max_tokens: 9900 }, new AbortController().signal);
  expect(all?.tokens).toBeGreaterThanOrEqual(9900);
});

test.each([
  ['at the end of its answer, counts with them', true, undefined],
  [
    'on the way, counts with the most it can be',
    false,
    expect.objectContaining({ tokens: expect.any(Number) as number }),
  ],
] as const)('a call that fails after its tokens were reported %s', async (_when, isFinal, mayCost) => {
  const usage = { ...zeroUsage, prompt: 30, completion: 12, total: 42 };
  const budget = new Budget({ prices: { worstCost: () => 5000, costOf: () => 42 } });
  const failure = new ApiError('cut off', { kind: 'unreadable', status: 200 }).withUsage(usage, { isFinal });
  const run = scriptRun({ turns: [failure, completion({ content: goodText })], budget });
  await extractRecord(receipt, run.context);
  const [failed] = run.settled;
  expect(failed).toMatchObject({ outcome: 'failed', tokens: { total: 42 } });
  expect(failed?.mayCost).toEqual(mayCost);
  expect(budget.spent.nanoUsd).toBe(isFinal ? 84 : 5042);
});
