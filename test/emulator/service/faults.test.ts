import { request } from 'undici';
import { Ajv } from 'ajv';
import { afterEach, describe, expect, it } from 'vitest';
import {
  defaultFaultMix,
  faultKinds,
  startEmulator,
  type Emulator,
  type FaultKind,
} from '../../../src/emulator/index.ts';
import { readUsage } from '../../../src/completion/usage.ts';
import { contentOf, extractionRequest, receiptSchema, type ChatBody } from '../chat.ts';

interface Seen {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
}

/** What a client sees of one request: an answer, or the code of the error it ends in. */
async function see(emulator: Emulator, body: object = extractionRequest(), timeoutMs = 30_000): Promise<Seen | string> {
  try {
    const response = await request(`${emulator.baseUrl()}/chat/completions`, {
      method: 'POST',
      headers: { authorization: 'Bearer any' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(timeoutMs),
    });
    return { status: response.statusCode, headers: response.headers, text: await response.body.text() };
  } catch (error) {
    const { name, code } = error as { name: string; code?: string | number };
    return typeof code === 'string' ? code : name;
  }
}

let emulator: Emulator;

async function seeFault(fault: FaultKind, body?: object): Promise<Seen | string> {
  emulator = await startEmulator({ script: [{ fault }], dripMs: 2 });
  // A stall is seen by its not ending; everything else has as long as a busy machine takes.
  return see(emulator, body, fault.startsWith('stall') ? 1000 : undefined);
}

async function answerOf(fault: FaultKind, body?: object): Promise<ChatBody> {
  const seen = await seeFault(fault, body);
  if (typeof seen === 'string') throw new Error(`Expected an answer, got ${seen}`);
  expect(seen.status).toBe(200);
  return JSON.parse(seen.text) as ChatBody;
}

afterEach(() => emulator.close());

describe('status faults', () => {
  const statusFaults = faultKinds.filter((kind) => kind.startsWith('status-'));

  it.each(statusFaults)('%s', async (kind) => {
    const [, status, form] = kind.split('-');
    const seen = (await seeFault(kind)) as Seen;
    expect(seen.status).toBe(Number(status));
    expect(seen.headers['retry-after']).toBeUndefined();
    const error = `"error":{"code":${status},"message":".+","status":"[A-Z_]+".*}`;
    const texts = { array: `^\\[{${error}}\\]$`, object: `^{${error}}$`, html: `<title>Error ${status} `, empty: '^$' };
    const flat = seen.text.replace(/\n */g, '').replaceAll('": ', '":');
    expect(flat).toMatch(new RegExp(texts[form as keyof typeof texts]));
    expect(emulator.stats()).toMatchObject({
      byStatus: { [String(status)]: 1 },
      byFault: { [kind]: 1 },
      tokens: { calls: 0 },
      undelivered: { calls: 0 },
    });
    expect(((await see(emulator)) as Seen).status).toBe(200);
  });

  it('say how long to wait, in either form', async () => {
    emulator = await startEmulator({
      script: [
        { fault: 'retry-after', retryAfterSeconds: 7 },
        { fault: 'retry-info', retryAfterSeconds: 3 },
      ],
    });
    const header = (await see(emulator)) as Seen;
    expect(header).toMatchObject({ status: 429, headers: { 'retry-after': '7' } });
    const detail = (await see(emulator)) as Seen;
    expect(JSON.parse(detail.text)).toMatchObject([
      { error: { details: [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '3s' }] } },
    ]);
  });

  it('tell a daily quota', async () => {
    const seen = (await seeFault('daily-quota')) as Seen;
    expect(seen.status).toBe(429);
    expect(JSON.parse(seen.text)).toMatchObject([
      { error: { details: [{ violations: [{ quotaId: expect.stringContaining('PerDay') }] }] } },
    ]);
  });
});

describe('faults of the connection', () => {
  it.each([
    ['reset', ['UND_ERR_SOCKET', 'ECONNRESET'], 'none', 0],
    ['stall', ['TimeoutError'], 'none', 0],
    ['reset-mid-body', ['UND_ERR_SOCKET', 'ECONNRESET', 'UND_ERR_ABORTED'], '200', 1],
    ['stall-mid-body', ['TimeoutError'], '200', 1],
    ['wrong-content-length', ['UND_ERR_SOCKET', 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH', 'TypeError'], '200', 1],
  ] as const)('%s', async (fault, errors, status, undeliveredCalls) => {
    const seen = await seeFault(fault);
    expect(errors).toContain(seen);
    expect(emulator.stats()).toMatchObject({
      byStatus: { [status]: 1 },
      tokens: { calls: 0, total: 0 },
      undelivered: { calls: undeliveredCalls },
    });
    expect(((await see(emulator)) as Seen).status).toBe(200);
  });

  it('a stall ends by itself', async () => {
    emulator = await startEmulator({ script: [{ fault: 'stall' }, { fault: 'stall-mid-body' }], maxStallMs: 10 });
    expect(await see(emulator)).toMatch(/UND_ERR_SOCKET|ECONNRESET/);
    expect(await see(emulator)).toMatch(/UND_ERR_SOCKET|ECONNRESET|UND_ERR_ABORTED/);
  });

  it.each(['truncated-body', 'empty-body', 'html-body'] as const)('%s: a 200 that cannot be read', async (fault) => {
    const seen = (await seeFault(fault)) as Seen;
    expect(seen.status).toBe(200);
    expect(() => JSON.parse(seen.text)).toThrow(SyntaxError);
    expect(emulator.stats()).toMatchObject({ tokens: { calls: 0 }, undelivered: { calls: 1 } });
  });

  it('slow-drip arrives whole', async () => {
    const body = await answerOf('slow-drip');
    expect(JSON.parse(contentOf(body))).toMatchObject({ total: 13.25 });
    expect(emulator.stats().tokens.total).toBe(body.usage.total_tokens);
  });
});

describe('faults of the answer', () => {
  const validate = new Ajv().compile(receiptSchema);

  it('no-choices: the prompt was blocked, and only it is billed', async () => {
    const body = await answerOf('no-choices');
    expect(body).not.toHaveProperty('choices');
    expect(body.usage.total_tokens).toBe(body.usage.prompt_tokens);
  });

  it('no-message', async () => {
    expect((await answerOf('no-message')).choices).toEqual([{ finish_reason: 'stop', index: 0, logprobs: null }]);
  });

  it('empty-content', async () => {
    const { choices, usage } = await answerOf('empty-content');
    expect(choices[0]).toMatchObject({ finish_reason: 'stop', message: { content: '' } });
    expect(usage.completion_tokens).toBe(0);
  });

  it('array-content', async () => {
    const { choices } = await answerOf('array-content');
    expect(choices[0]?.message?.content).toEqual([{ type: 'text', text: expect.stringContaining('"total":13.25') }]);
  });

  it('invalid-json', async () => {
    const body = await answerOf('invalid-json');
    expect(body.choices[0]?.finish_reason).toBe('stop');
    expect(() => JSON.parse(contentOf(body))).toThrow(SyntaxError);
  });

  it.each([
    ['fenced-json', /^```json\n(.*)\n```$/s],
    ['json-in-prose', /^Here is the JSON.*?\n\n(.*)\n\nLet me know/s],
  ] as const)('%s holds a valid answer', async (fault, pattern) => {
    const inner = pattern.exec(contentOf(await answerOf(fault)))?.[1];
    expect(validate(JSON.parse(inner ?? ''))).toBe(true);
  });

  it('schema-violation: JSON, but not what the schema wants, whatever the record', async () => {
    emulator = await startEmulator({ script: [{ fault: 'schema-violation', times: Infinity }] });
    for (let index = 0; index < 20; index++) {
      const seen = (await see(emulator, extractionRequest(`record ${index}`))) as Seen;
      expect(validate(JSON.parse(contentOf(JSON.parse(seen.text) as ChatBody)))).toBe(false);
    }
  });

  it.each([
    ['length', /^\{"company"/],
    ['length-loop', /(?: and the same again){100}/],
    ['length-whitespace', /\n{1000}$/],
  ] as const)('%s ends at the cap', async (fault, pattern) => {
    const body = await answerOf(fault, extractionRequest(undefined, { max_tokens: 5000 }));
    expect(body.choices[0]?.finish_reason).toBe('length');
    expect(contentOf(body)).toMatch(pattern);
    expect(() => JSON.parse(contentOf(body))).toThrow(SyntaxError);
    expect(body.usage.completion_tokens).toBe(5000);
  });

  it('thinking-ate-cap', async () => {
    const body = await answerOf('thinking-ate-cap', extractionRequest(undefined, { max_tokens: 777 }));
    expect(body.choices).toEqual([{ finish_reason: 'length', index: 0, logprobs: null }]);
    expect(body.usage).not.toHaveProperty('completion_tokens');
    expect(body.usage.completion_tokens_details).toEqual({ reasoning_tokens: 777 });
  });

  it.each([
    ['content-filter', 'content_filter', null],
    ['content-filter-null-content', 'content_filter', { content: null, role: 'assistant' }],
    ['refusal', 'stop', { content: null, refusal: expect.any(String), role: 'assistant' }],
    ['odd-finish-reason', 'function_call_filter: MALFORMED_FUNCTION_CALL', { role: 'assistant' }],
  ] as const)('%s', async (fault, finishReason, message) => {
    const { choices } = await answerOf(fault);
    expect(choices[0]).toEqual({ finish_reason: finishReason, index: 0, logprobs: null, message });
  });

  it('missing-usage: paid, but not told', async () => {
    const body = await answerOf('missing-usage');
    expect(body).not.toHaveProperty('usage');
    expect(validate(JSON.parse(contentOf(body)))).toBe(true);
    expect(emulator.stats()).toMatchObject({ tokens: { calls: 0 }, undelivered: { calls: 1 } });
  });
});

describe('the script', () => {
  it('chooses by number, by text and by attempt, each for its times', async () => {
    emulator = await startEmulator({
      script: [
        { nth: 2, fault: 'status-500-array' },
        { contains: 'needle', attempt: 1, times: 2, fault: 'status-503-array' },
        { contains: 'fixed', content: '{"fixed":true}', finishReason: 'length', times: Infinity },
      ],
    });
    const statusOf = async (text: string) => ((await see(emulator, extractionRequest(text))) as Seen).status;
    expect(await statusOf('one')).toBe(200);
    expect(await statusOf('two')).toBe(500);
    expect(await statusOf('a needle')).toBe(503);
    expect(await statusOf('a needle')).toBe(200);
    expect(await statusOf('b needle')).toBe(503);
    expect(await statusOf('c needle')).toBe(200);
    for (let index = 0; index < 3; index++) {
      const seen = (await see(emulator, extractionRequest('fixed'))) as Seen;
      expect((JSON.parse(seen.text) as ChatBody).choices[0]).toMatchObject({
        finish_reason: 'length',
        message: { content: '{"fixed":true}' },
      });
    }
    emulator.reset();
    expect(await statusOf('one')).toBe(200);
    expect(await statusOf('two')).toBe(500);
  });
});

describe('faults by chance', () => {
  const quiet = defaultFaultMix.filter((kind) => kind !== 'slow-drip');

  /** What becomes of each of 80 prompts, each sent twice, so many at a time. */
  async function outcomes(seed: number, concurrency: number): Promise<string[]> {
    emulator = await startEmulator({ seed, faults: { rate: 0.5, kinds: quiet } });
    const results: string[] = Array.from({ length: 80 }, () => '');
    let next = 0;
    const work = async () => {
      for (let index = next++; index < results.length; index = next++) {
        for (let attempt = 0; attempt < 2; attempt++) {
          const seen = await see(emulator, extractionRequest(`record ${index}`));
          results[index] +=
            typeof seen === 'string' ? 'cut ' : `${seen.status} ${seen.text.replace(/"created":\d+/, '')}`;
        }
      }
    };
    await Promise.all(Array.from({ length: concurrency }, work));
    await emulator.close();
    return results;
  }

  it('are the same for the same seed, whatever the order of arrival', async () => {
    const alone = await outcomes(7, 1);
    expect(await outcomes(7, 16)).toEqual(alone);
    expect(await outcomes(8, 16)).not.toEqual(alone);
    const failed = alone.filter((outcome) => !outcome.startsWith('200')).length;
    expect(failed).toBeGreaterThan(5);
    expect(failed).toBeLessThan(60);
  });

  it('are drawn anew for each attempt', async () => {
    emulator = await startEmulator({ faults: { rate: 0.5, kinds: ['status-500-array'] } });
    const pairs = new Set<string>();
    for (let index = 0; index < 40; index++) {
      const body = extractionRequest(`record ${index}`);
      const statuses = [await see(emulator, body), await see(emulator, body)].map((seen) => (seen as Seen).status);
      pairs.add(statuses.join(' '));
    }
    expect([...pairs].sort()).toEqual(['200 200', '200 500', '500 200', '500 500']);
  });

  it('follow their weights', async () => {
    emulator = await startEmulator({
      faults: { rate: 1, kinds: ['status-500-array', 'status-503-array'], weights: { 'status-503-array': 0 } },
    });
    for (let index = 0; index < 10; index++) await see(emulator, extractionRequest(`record ${index}`));
    expect(emulator.stats().byFault).toEqual({ 'status-500-array': 10 });
  });

  it('leave a count that a client can reconcile to the token', async () => {
    emulator = await startEmulator({ faults: { rate: 0.7, kinds: quiet } });
    const sum = { prompt: 0, cached: 0, completion: 0, reasoning: 0, total: 0, calls: 0 };
    const statuses: Record<string, number> = {};
    for (let index = 0; index < 150; index++) {
      const text = `record ${index}`;
      const seen = await see(emulator, extractionRequest(text, { reasoning_effort: 'low' }));
      if (typeof seen === 'string') continue;
      statuses[seen.status] = (statuses[seen.status] ?? 0) + 1;
      const usage = readUsage(
        (() => {
          try {
            return (JSON.parse(seen.text) as { usage?: unknown }).usage;
          } catch {
            return undefined;
          }
        })(),
      );
      if (usage === undefined) continue;
      for (const key of ['prompt', 'cached', 'completion', 'reasoning', 'total'] as const) sum[key] += usage[key];
      sum.calls += 1;
    }
    const stats = emulator.stats();
    expect(stats.tokens).toEqual(sum);
    expect(stats.requests).toBe(150);
    expect(stats.byStatus['503']).toBe(statuses['503']);
    expect(stats.undelivered.calls).toBeGreaterThan(0);
    expect(Object.values(stats.byStatus).reduce((left, right) => left + right)).toBe(150);
  });
});
