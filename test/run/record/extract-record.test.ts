import { describe, expect, test } from 'vitest';
import { Budget } from '../../../src/accounting/budget.ts';
import { ApiError } from '../../../src/completion/api-error.ts';
import { GleanerError } from '../../../src/gleaner-error.ts';
import type { Ask, Step, Strategy } from '../../../src/run/ports.ts';
import { extractRecord } from '../../../src/run/record/extract-record.ts';
import { completion, goodText, receipt, scriptRun, someUsage, type ScriptedRun } from './scripted-run.ts';

const tooMany = (retryAfterMs?: number): ApiError =>
  new ApiError('HTTP 429: too many', { kind: 'status', status: 429, retryAfterMs });
const down = new ApiError('HTTP 503: down', { kind: 'status', status: 503 });
const expired = new ApiError('HTTP 401: expired', { kind: 'status', status: 401 });

/** What the ledger says of each call. */
function ledger({ settled }: ScriptedRun): string[] {
  return settled.map(({ kind, outcome, code }) => [kind, outcome, code].filter((part) => part !== undefined).join(' '));
}

test('a good answer at once: one call, one line, one result', async () => {
  const run = scriptRun({ turns: [completion()] });
  expect(await extractRecord(receipt, run.context)).toEqual({ kind: 'settled', outcome: run.outcomes[0] });
  expect(run.log).toEqual(['permit', 'note', 'call', 'release ok', 'answer', 'settle extracted']);
  expect(run.outcomes).toEqual([
    {
      status: 'extracted',
      recordId: 'r-1',
      index: 0,
      data: { company: 'Acme Stationers', total: 12.5 },
      json: { company: 'Acme Stationers', total: 12.5 },
      attempts: 1,
      usage: someUsage,
      fingerprint: receipt.fingerprint,
      isReused: false,
    },
  ]);
  expect(run.settled).toEqual([
    {
      call: 1,
      id: 'r-1',
      index: 0,
      attempt: 1,
      kind: 'first',
      at: '2026-11-23T22:00:00.000Z',
      status: 200,
      outcome: 'extracted',
      tokens: someUsage,
      model: 'google/gemini-test',
      finishReason: 'stop',
      latencyMs: 100,
    },
  ]);
});

describe('failures in transport', () => {
  test('are repeated after growing waits, each with its line, until an answer comes', async () => {
    const run = scriptRun({ turns: [down, down, down, completion()] });
    await extractRecord(receipt, run.context);
    // Half of 1, 2 and 4 seconds: the jitter of the script.
    expect(run.waits).toEqual([500, 1000, 2000]);
    expect(ledger(run)).toEqual([
      'first failed status',
      'retry failed status',
      'retry failed status',
      'retry extracted',
    ]);
    expect(run.outcomes).toMatchObject([{ status: 'extracted', attempts: 4, usage: someUsage }]);
    expect(run.events.map(({ type }) => type)).toEqual([
      ...Array.from({ length: 3 }, () => ['call-start', 'call-end', 'retry-wait']).flat(),
      'call-start',
      'call-end',
      'record-end',
    ]);
  });

  test('that tell of tokens all the same have these in the ledger and in the outcome', async () => {
    const cut = new ApiError('cut', { kind: 'network', usage: someUsage });
    const run = scriptRun({ turns: [cut], maxAttempts: 1 });
    await extractRecord(receipt, run.context);
    expect(run.settled).toMatchObject([{ outcome: 'failed', tokens: someUsage }]);
    expect(run.outcomes).toMatchObject([{ status: 'rejected', usage: someUsage }]);
  });

  test('wait as long as the service asks, and all calls with them', async () => {
    const run = scriptRun({ turns: [tooMany(7000), completion()] });
    await extractRecord(receipt, run.context);
    expect(run.waits).toEqual([7500]);
    expect(run.log).toContain('pause 7000');
    expect(run.log).toContain('release throttled');
  });

  test('end the record after the last attempt, saying how often it was tried', async () => {
    const run = scriptRun({ turns: [down, down, down], maxAttempts: 3 });
    const end = await extractRecord(receipt, run.context);
    expect(end).toMatchObject({
      kind: 'settled',
      outcome: {
        status: 'rejected',
        attempts: 3,
        reason: { code: 'service_error', status: 503, message: 'HTTP 503: down (after 3 failed calls)' },
        record: receipt.fields,
      },
    });
    expect(run.outcomes).toHaveLength(1);
  });

  test('count for one question: a re-ask has its own', async () => {
    const turns = [down, down, completion({ content: '{"company":1}' }), down, down, completion()];
    const run = scriptRun({ turns, maxAttempts: 3 });
    await extractRecord(receipt, run.context);
    expect(ledger(run).at(-1)).toBe('retry extracted');
    expect(run.waits).toEqual([500, 1000, 500, 1000]);
  });
});

describe('a connection that was closed while it was idle', () => {
  const stale = new ApiError('closed', { kind: 'network', code: 'UND_ERR_SOCKET', isStaleConnection: true });

  test('is repeated at once, counts as no failed attempt, and is no sign of an outage', async () => {
    const run = scriptRun({ turns: [stale, completion()], maxAttempts: 1 });
    let failures = 0;
    run.context.observer.onFailure = () => {
      failures += 1;
      return true;
    };
    await extractRecord(receipt, run.context);
    expect(run.waits).toEqual([0]);
    expect(failures).toBe(0);
    expect(run.log).toContain('release failed');
    expect(run.outcomes).toMatchObject([{ status: 'extracted', attempts: 2 }]);
  });

  test('is a failure like others when it goes on', async () => {
    const run = scriptRun({ turns: [stale, stale, stale, stale, stale], maxAttempts: 2 });
    await extractRecord(receipt, run.context);
    expect(run.waits).toEqual([0, 0, 0, 500]);
    expect(run.outcomes).toMatchObject([{ reason: { code: 'network_error' } }]);
  });
});

describe('an expired token', () => {
  test('is repeated once and at once', async () => {
    const run = scriptRun({ turns: [expired, completion()] });
    await extractRecord(receipt, run.context);
    expect(run.waits).toEqual([0]);
    expect(run.outcomes).toMatchObject([{ status: 'extracted', attempts: 2 }]);
  });

  test('that is refused again is for the run to judge: the record is not ended', async () => {
    const run = scriptRun({ turns: [expired, expired] });
    const end = await extractRecord(receipt, run.context);
    expect(end).toMatchObject({ kind: 'refused', outcome: { reason: { code: 'request_refused', status: 401 } } });
    expect(run.outcomes).toEqual([]);
    expect(run.settled).toHaveLength(2);
  });
});

test('a refusal names what the service said, without the record for logs and in full for the reject', async () => {
  const message = 'HTTP 400: no such thing as ACME  stationers,\\ntotal 12.50';
  const run = scriptRun({ turns: [new ApiError(message, { kind: 'status', status: 400 })] });
  const end = await extractRecord(receipt, run.context);
  expect(end).toMatchObject({
    kind: 'refused',
    safeMessage: 'HTTP 400: no such thing as […]',
    outcome: { reason: { message } },
  });
  expect(run.events).toContainEqual(
    expect.objectContaining({ type: 'call-end', message: 'HTTP 400: no such thing as […]' }),
  );
});

describe('an invalid answer', () => {
  test('is sent back with what is wrong, and the second answer counts; both are paid', async () => {
    const run = scriptRun({ turns: [completion({ content: '{"company":"Acme"}' }), completion()] });
    await extractRecord(receipt, run.context);
    expect(ledger(run)).toEqual(['first invalid schema_violation', 're-ask extracted']);
    expect(run.requests[1]?.messages).toEqual([
      ...receipt.messages,
      { role: 'assistant', content: '{"company":"Acme"}' },
      { role: 'user', content: expect.stringContaining('/total: Invalid input') },
    ]);
    expect(run.outcomes).toMatchObject([{ attempts: 2, usage: { prompt: 60, completion: 24, total: 84 } }]);
  });

  test('is rejected with the last answer once the re-asks are used up; each re-ask begins with the record', async () => {
    const wrong = ['{"company":1}', '{"company":2}', '{"company":3}'].map((content) => completion({ content }));
    const run = scriptRun({ turns: wrong, maxReasks: 2 });
    await extractRecord(receipt, run.context);
    expect(run.requests.map(({ messages }) => messages.length)).toEqual([2, 4, 4]);
    expect(run.outcomes).toMatchObject([
      { status: 'rejected', answer: '{"company":3}', reason: { code: 'schema_violation', issues: [{}, {}] } },
    ]);
  });

  test.each([
    ['that was cut off', { content: '{"company":"A', finishReason: 'length' }, 'truncated_answer'],
    ['that was refused', { refusal: 'no' }, 'refusal'],
    ['that was filtered', { content: undefined, finishReason: 'SAFETY' }, 'content_filter'],
    [
      'with digits that cannot be kept',
      { content: '{"company":"A","total":12345678901234567890}' },
      'schema_violation',
    ],
  ])('%s is not asked for again', async (_name, given, code) => {
    const run = scriptRun({ turns: [completion(given)] });
    await extractRecord(receipt, run.context);
    expect(run.outcomes).toMatchObject([{ status: 'rejected', attempts: 1, reason: { code } }]);
  });

  test('of another notation is mended, and result and ledger say so', async () => {
    const run = scriptRun({ turns: [completion({ content: "{'company': 'Acme', 'total': 3,}" })] });
    await extractRecord(receipt, run.context);
    expect(run.outcomes).toMatchObject([
      { status: 'extracted', data: { company: 'Acme', total: 3 }, repaired: 'notation' },
    ]);
    expect(run.settled).toMatchObject([{ outcome: 'extracted', repaired: 'notation' }]);
  });
});

describe('an end that passes', () => {
  const odd = completion({ content: undefined, finishReason: 'MALFORMED_FUNCTION_CALL' });
  const empty = completion({ content: undefined, finishReason: undefined, usage: undefined, raw: {} });

  test('gets one more try, which is a retry in the ledger and counts as an attempt', async () => {
    const run = scriptRun({ turns: [odd, completion()] });
    await extractRecord(receipt, run.context);
    expect(ledger(run)).toEqual(['first invalid unexpected_finish', 'retry extracted']);
    expect(run.waits).toEqual([500]);
    expect(run.outcomes).toMatchObject([{ attempts: 2, usage: { total: 84 } }]);
  });

  test('is not paid for a third time; the reject says what to do', async () => {
    const run = scriptRun({ turns: [odd, odd] });
    await extractRecord(receipt, run.context);
    expect(run.outcomes).toMatchObject([
      { status: 'rejected', reason: { code: 'unexpected_finish', message: expect.stringContaining('gleaner retry') } },
    ]);
  });

  test('with nothing in it costs nothing, and is tried twice more', async () => {
    const run = scriptRun({ turns: [empty, empty, empty] });
    await extractRecord(receipt, run.context);
    expect(run.waits).toEqual([500, 1000]);
    expect(run.outcomes).toMatchObject([{ attempts: 3, reason: { code: 'unexpected_finish' } }]);
  });

  test('stays within the attempts of the run', async () => {
    const run = scriptRun({ turns: [odd], maxAttempts: 1 });
    await extractRecord(receipt, run.context);
    expect(run.outcomes).toMatchObject([{ attempts: 1 }]);
  });
});

describe('a run that stops', () => {
  test('before the call sends nothing', async () => {
    const run = scriptRun({ turns: [] });
    run.stopping.abort(new Error('Ctrl-C'));
    expect(await extractRecord(receipt, run.context)).toEqual({ kind: 'unfinished' });
    expect(run.opened).toEqual([]);
  });

  test('while a record waits for its retry leaves it, its failed call settled', async () => {
    const run: ScriptedRun = scriptRun({
      turns: [
        () => {
          queueMicrotask(() => run.stopping.abort(new Error('Ctrl-C')));
          throw down;
        },
      ],
    });
    expect(await extractRecord(receipt, run.context)).toEqual({ kind: 'unfinished' });
    expect(ledger(run)).toEqual(['first failed status']);
    expect(run.log.at(-1)).toBe('wait end');
  });

  test('lets the call in flight end, and its good answer count', async () => {
    const run: ScriptedRun = scriptRun({
      turns: [
        () => {
          run.stopping.abort(new Error('Ctrl-C'));
          return completion();
        },
      ],
    });
    expect(await extractRecord(receipt, run.context)).toMatchObject({ kind: 'settled' });
    expect(run.outcomes).toMatchObject([{ status: 'extracted' }]);
  });

  test('at once gives the call in flight up: it may be billed, and the ledger says that nobody knows', async () => {
    const run: ScriptedRun = scriptRun({
      turns: [
        (_request, signal) => {
          run.stopping.abort(new Error('second Ctrl-C'));
          run.aborting.abort(new Error('second Ctrl-C'));
          signal.throwIfAborted();
          return completion();
        },
      ],
    });
    expect(await extractRecord(receipt, run.context)).toEqual({ kind: 'unfinished' });
    expect(ledger(run)).toEqual(['first unsettled aborted']);
  });
});

describe('a budget', () => {
  const capped = (maxTokens: number): Budget =>
    new Budget({ maxTokens, prices: { worstCost: () => 0, costOf: () => 0 } });

  test('without room for a call sends nothing and stops the run', async () => {
    const run = scriptRun({ turns: [], budget: capped(10) });
    expect(await extractRecord(receipt, run.context)).toEqual({ kind: 'unfinished' });
    expect(run.log).toEqual(['budget exhausted']);
  });

  test('notes the worst case before the call, and drops it when the service has told the tokens', async () => {
    const run = scriptRun({ turns: [completion()], budget: capped(100_000) });
    await extractRecord(receipt, run.context);
    expect(run.opened[0]?.mayCost?.tokens).toBeGreaterThan(100);
    expect(run.settled[0]).not.toHaveProperty('mayCost');
  });

  test('keeps the worst case of an answer without usage, and of a call that was lost', async () => {
    const lost = new ApiError('reset', { kind: 'network', code: 'ECONNRESET' });
    const run = scriptRun({ turns: [lost, completion({ usage: undefined })], budget: capped(100_000) });
    await extractRecord(receipt, run.context);
    expect(run.settled.map(({ mayCost }) => mayCost)).toEqual([run.opened[0]?.mayCost, run.opened[1]?.mayCost]);
  });

  test('counts nothing for what was refused or never left', async () => {
    const turns = [down, new ApiError('refused', { kind: 'network', code: 'ECONNREFUSED' }), completion()];
    const run = scriptRun({ turns, budget: capped(100_000) });
    await extractRecord(receipt, run.context);
    expect(run.settled.map(({ mayCost }) => mayCost)).toEqual([undefined, undefined, undefined]);
  });
});

describe('a client', () => {
  test('that refuses the request has sent nothing: the run learns of it, and no cost is noted', async () => {
    const refusal = new GleanerError('request-invalid', 'Cannot send the request: temperature');
    const run = scriptRun({ turns: [refusal] });
    await expect(extractRecord(receipt, run.context)).rejects.toBe(refusal);
    expect(ledger(run)).toEqual(['first failed refused_by_client']);
  });

  test('with a defect may have sent it: the ledger says that nobody knows', async () => {
    const run = scriptRun({ turns: [new TypeError('x is undefined')] });
    await expect(extractRecord(receipt, run.context)).rejects.toThrow('x is undefined');
    expect(ledger(run)).toEqual(['first unsettled client_error']);
  });
});

test('answers stand in the ledger only where they may be logged', async () => {
  const answer = completion({ thoughts: 'It says Acme' });
  const silent = scriptRun({ turns: [answer] });
  await extractRecord(receipt, silent.context);
  expect(silent.settled[0]).not.toHaveProperty('content');
  const logged = scriptRun({ turns: [answer], logContent: true });
  await extractRecord(receipt, logged.context);
  expect(logged.settled).toMatchObject([{ content: goodText, thoughts: 'It says Acme' }]);
});

describe('a strategy of several stages', () => {
  /** Asks a cheap model first and a strong one where its answer is no JSON. */
  const cascade: Strategy = {
    begin: ({ messages }): Ask => ({ stage: 'cheap', messages, kind: 'first', changes: { model: 'google/small' } }),
    async next({ messages }, exchanges): Promise<Step> {
      const { ask, completion: answer } = exchanges.at(-1) ?? { ask: undefined, completion: completion() };
      if (answer.content === goodText) {
        const json = JSON.parse(goodText);
        const valid = { status: 'valid' as const, data: json, json };
        const verdict = { kind: 'extracted' as const, valid, ...(ask?.stage ? { stage: ask.stage } : {}) };
        return { use: { outcome: 'extracted' }, next: { verdict } };
      }
      return {
        use: { outcome: 'invalid', code: 'invalid_json' },
        next: { ask: { stage: 'strong', messages, kind: 'first', changes: { model: 'google/large' } } },
      };
    },
  };

  test('names its stages in the ledger and in the result, and asks the model it wants', async () => {
    const run = scriptRun({ turns: [completion({ content: 'no idea' }), down, completion()] });
    await extractRecord(receipt, { ...run.context, strategy: cascade });
    expect(run.settled.map(({ stage, kind, outcome }) => [stage, kind, outcome])).toEqual([
      ['cheap', 'first', 'invalid'],
      ['strong', 'first', 'failed'],
      ['strong', 'retry', 'extracted'],
    ]);
    expect(run.requests.map(({ model }) => model)).toEqual(['google/small', 'google/large', 'google/large']);
    expect(run.outcomes).toMatchObject([{ stage: 'strong' }]);
  });

  test('the plain one names none', async () => {
    const run = scriptRun({ turns: [completion()] });
    await extractRecord(receipt, run.context);
    expect(run.settled[0]).not.toHaveProperty('stage');
    expect(run.outcomes[0]).not.toHaveProperty('stage');
  });
});
