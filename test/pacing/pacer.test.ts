import { setMaxListeners } from 'node:events';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { TokenUsage } from '../../src/completion/usage.ts';
import { AdaptivePacer, type PacerOptions, type Permit } from '../../src/pacing/pacer.ts';
import { listenerCount } from './listeners.ts';
import { describePacer } from './pacer-conformance.ts';
import { simulateTime, type SimulatedTime } from './simulated-time.ts';
import { perMinute, worstMinute, type Sent } from './windows.ts';

setMaxListeners(0);
let time: SimulatedTime;
beforeEach(() => void (time = simulateTime()));
afterEach(() => time.restore());

const ask = (text: string): [{ role: 'user'; content: string }] => [{ role: 'user', content: text }];
/** A message of so many rough tokens: digits are one each. */
const tokens = (count: number): ReturnType<typeof ask> => ask('7'.repeat(count));

function used(prompt: number, completion: number): TokenUsage {
  return { prompt, cached: 0, completion, reasoning: 0, total: prompt + completion };
}

/** Begins to acquire and says whether, and when, it came through. */
function acquiring(
  pacer: AdaptivePacer,
  count = 10,
  signal?: AbortSignal,
): { permit?: Permit; at?: number; reason?: unknown } {
  const state: ReturnType<typeof acquiring> = {};
  pacer.acquire(tokens(count), signal).then(
    (permit) => Object.assign(state, { permit, at: time.now() }),
    (reason: unknown) => Object.assign(state, { reason }),
  );
  return state;
}

async function close(pacer: AdaptivePacer): Promise<void> {
  const closing = pacer.close();
  await time.advance(10);
  await closing;
}

interface Traffic extends PacerOptions {
  callMs: number;
  /** Prompt tokens of a call that is begun at this time; its answer has 50. */
  prompt(at: number): number;
}

/** Twice as many callers as slots, calling for ever; what they sent, by requests and by tokens. */
function keepCalling(pacer: AdaptivePacer, traffic: Traffic, signal: AbortSignal): { requests: Sent[]; spent: Sent[] } {
  const requests: Sent[] = [];
  const spent: Sent[] = [];
  const caller = async (): Promise<void> => {
    for (;;) {
      const prompt = traffic.prompt(time.now());
      const permit = await pacer.acquire(tokens(prompt), signal);
      requests.push({ at: time.now(), amount: 1 });
      spent.push({ at: time.now(), amount: prompt + 50 });
      await new Promise((resolve) => setTimeout(resolve, traffic.callMs));
      pacer.release(permit, 'ok', used(prompt, 50));
    }
  };
  for (let count = 0; count < 2 * traffic.concurrency; count += 1) caller().catch(() => undefined);
  return { requests, spent };
}

test('Pacer without quotas lets calls go at once, up to its concurrency, and asks for no timer', async () => {
  const pacer = new AdaptivePacer({ concurrency: 2 });
  const calls = [acquiring(pacer), acquiring(pacer), acquiring(pacer)];
  await time.advance(0);
  expect(calls.map(({ at }) => at)).toEqual([0, 0, undefined]);
  expect(calls[0]?.permit).toEqual({ slot: 1, roughPrompt: 0, estimatedTokens: 0 });
  expect(time.pending).toBe(0);
  if (calls[0]?.permit) pacer.release(calls[0].permit, 'ok');
  await time.advance(0);
  expect(calls[2]?.at).toBe(0);
});

test('Pacer lowers its concurrency after a throttled call, and holds back while each one is refused', async () => {
  const pacer = new AdaptivePacer({ concurrency: 8 });
  const permits = await Promise.all(Array.from({ length: 8 }, () => pacer.acquire(tokens(1))));
  for (const permit of permits) pacer.release(permit, permits.indexOf(permit) === 0 ? 'throttled' : 'ok');
  expect(pacer.concurrencyLimit).toBe(7);
  for (let call = 0; call < 12; call += 1) {
    const permit = pacer.acquire(tokens(1));
    await time.advance(2000);
    pacer.release(await permit, 'throttled');
  }
  expect(pacer.concurrencyLimit).toBe(1);
  let isOut = false;
  void pacer.acquire(tokens(1)).then(() => (isOut = true));
  await time.advance(1990);
  expect(isOut).toBe(false);
  await time.advance(10);
  expect(isOut).toBe(true);
});

test('Pacer holds new calls back while the service asks for a pause', async () => {
  const pacer = new AdaptivePacer({ concurrency: 4 });
  pacer.pause(5000);
  const call = acquiring(pacer);
  await time.advance(4999);
  expect(call.at).toBeUndefined();
  await time.advance(10);
  expect(call.at).toBe(5000);
});

test('Pacer asks for a slot first, so that no more calls wait in the limiters than may be in flight', async () => {
  const pacer = new AdaptivePacer({ concurrency: 2, requestsPerMinute: 60 });
  const held = [acquiring(pacer), acquiring(pacer)];
  await time.advance(1100);
  const third = acquiring(pacer);
  await time.advance(10_000);
  expect(held.map(({ permit }) => permit?.slot)).toEqual([1, 2]);
  expect(third.at).toBeUndefined();
  if (held[0]?.permit) pacer.release(held[0].permit, 'ok');
  await time.advance(10);
  expect(third.permit?.slot).toBe(3);
  await close(pacer);
});

test.each([
  { name: 'a slot', options: { concurrency: 1 }, pauseMs: 0 },
  { name: 'the end of a pause', options: { concurrency: 2 }, pauseMs: 60_000 },
  { name: 'the request quota', options: { concurrency: 2, requestsPerMinute: 1 }, pauseMs: 0 },
  { name: 'the token quota', options: { concurrency: 2, tokensPerMinute: 100 }, pauseMs: 0 },
  { name: 'both quotas', options: { concurrency: 2, requestsPerMinute: 1, tokensPerMinute: 1000 }, pauseMs: 0 },
])('Pacer gives the slot back when a call that waits for $name is stopped', async ({ options, pauseMs }) => {
  const pacer = new AdaptivePacer(options);
  const holder = acquiring(pacer, 1000);
  await time.advance(60_000);
  expect(holder.permit).toBeDefined();
  if (pauseMs > 0) pacer.pause(pauseMs);
  const stop = new AbortController();
  const waiting = acquiring(pacer, 1000, stop.signal);
  await time.advance(10);
  expect(waiting).toEqual({});
  const reason = new Error('stopped');
  stop.abort(reason);
  await time.advance(0);
  expect(waiting.reason).toBe(reason);
  expect(listenerCount(stop.signal)).toBe(0);

  if (holder.permit) pacer.release(holder.permit, 'failed');
  const after = Array.from({ length: options.concurrency }, () => acquiring(pacer, 1));
  await time.advance(60 * 60_000);
  expect(after.every(({ permit }) => permit !== undefined)).toBe(true);
  await close(pacer);
});

test('Pacer gives no permit to a call that was stopped before it asked', async () => {
  const pacer = new AdaptivePacer({ concurrency: 1 });
  const stopped = acquiring(pacer, 1, AbortSignal.abort('stopped'));
  await time.advance(0);
  expect(stopped.reason).toBe('stopped');
  expect((await pacer.acquire(tokens(1))).slot).toBe(1);
});

test('Pacer charges an estimate and learns from what the service reports', async () => {
  const pacer = new AdaptivePacer({ concurrency: 1, tokensPerMinute: 1_000_000 });
  const first = acquiring(pacer, 100);
  await time.advance(1000);
  expect(first.permit).toEqual({ slot: 1, roughPrompt: 100, estimatedTokens: 356 });
  if (first.permit) pacer.release(first.permit, 'ok', used(150, 20));
  const second = acquiring(pacer, 100);
  await time.advance(1000);
  expect(second.permit?.estimatedTokens).toBe(170);
  await close(pacer);
});

test('Pacer gives back what a call was charged too much, and keeps the charge where no usage is known', async () => {
  const pacer = new AdaptivePacer({ concurrency: 1, tokensPerMinute: 60_000 });
  const first = acquiring(pacer, 6000);
  await time.advance(3000);
  if (first.permit) pacer.release(first.permit, 'ok', used(1, 1));
  const second = acquiring(pacer, 1);
  await time.advance(300);
  expect(second.permit).toBeDefined();
  if (second.permit) pacer.release(second.permit, 'failed');

  const large = new AdaptivePacer({ concurrency: 1, tokensPerMinute: 60_000 });
  const charged = acquiring(large, 6000);
  await time.advance(3000);
  if (charged.permit) large.release(charged.permit, 'failed');
  const next = acquiring(large, 1);
  await time.advance(1000);
  expect(next.permit).toBeUndefined();
  await close(pacer);
  await close(large);
});

test.each([
  { name: 'the request quota', requestsPerMinute: 60, tokensPerMinute: 100_000, bound: 'requests' },
  { name: 'the token quota', requestsPerMinute: 600, tokensPerMinute: 40_000, bound: 'tokens' },
  { name: 'a fast request quota', requestsPerMinute: 6000, tokensPerMinute: 10_000_000, bound: 'requests' },
] as const)('Pacer keeps both quotas and nearly uses up the one that binds: $name', async (quotas) => {
  const { requestsPerMinute, tokensPerMinute, bound } = quotas;
  const traffic: Traffic = {
    concurrency: 64,
    requestsPerMinute,
    tokensPerMinute,
    callMs: 400,
    prompt: (at) => 300 + ((at * 7) % 400),
  };
  const pacer = new AdaptivePacer(traffic);
  const stop = new AbortController();
  const { requests, spent } = keepCalling(pacer, traffic, stop.signal);
  await time.advance(150_000);
  expect(worstMinute(requests)).toBeLessThanOrEqual(requestsPerMinute);
  expect(worstMinute(spent)).toBeLessThanOrEqual(tokensPerMinute);
  const share =
    bound === 'requests'
      ? perMinute(requests, 0, 150_000) / requestsPerMinute
      : perMinute(spent, 0, 150_000) / tokensPerMinute;
  expect(share).toBeGreaterThan(0.93);
  stop.abort();
  await close(pacer);
});

test.each([
  { name: 'small calls, then large ones', prompt: (at: number) => (at < 90_000 ? 650 : 1700) },
  { name: 'large calls, then small ones', prompt: (at: number) => (at < 90_000 ? 1700 : 10) },
])('Pacer keeps both quotas over $name', async ({ prompt }) => {
  const quotas = { requestsPerMinute: 60, tokensPerMinute: 60_000 };
  const traffic: Traffic = { concurrency: 64, ...quotas, callMs: 400, prompt };
  const pacer = new AdaptivePacer(traffic);
  const stop = new AbortController();
  const { requests, spent } = keepCalling(pacer, traffic, stop.signal);
  await time.advance(240_000);
  expect(worstMinute(requests)).toBeLessThanOrEqual(quotas.requestsPerMinute);
  expect(worstMinute(spent)).toBeLessThanOrEqual(quotas.tokensPerMinute);
  stop.abort();
  await close(pacer);
});

test.each([
  { name: 'requests', quotas: { requestsPerMinute: 600 } },
  { name: 'tokens', quotas: { tokensPerMinute: 60_000 } },
  { name: 'both', quotas: { requestsPerMinute: 100, tokensPerMinute: 60_000 } },
])('Pacer sends nothing during a pause and keeps the quota of $name after it', async ({ quotas }) => {
  const traffic: Traffic = { concurrency: 64, ...quotas, callMs: 400, prompt: () => 500 };
  const pacer = new AdaptivePacer(traffic);
  const stop = new AbortController();
  const { requests, spent } = keepCalling(pacer, traffic, stop.signal);
  await time.advance(60_000);
  pacer.pause(30_000);
  await time.advance(100_000);
  expect(requests.filter(({ at }) => at > 60_000 && at < 90_000)).toEqual([]);
  expect(requests.filter(({ at }) => at >= 90_000).length).toBeGreaterThan(50);
  expect(worstMinute(requests)).toBeLessThanOrEqual(quotas.requestsPerMinute ?? Number.POSITIVE_INFINITY);
  expect(worstMinute(spent)).toBeLessThanOrEqual(quotas.tokensPerMinute ?? Number.POSITIVE_INFINITY);
  stop.abort();
  await close(pacer);
});

test('Pacer charges a call once that meets a pause on its way between the limiters', async () => {
  const pacer = new AdaptivePacer({ concurrency: 1, requestsPerMinute: 60, tokensPerMinute: 60_000 });
  const first = acquiring(pacer, 10);
  await time.advance(100);
  if (first.permit) pacer.release(first.permit, 'ok', used(10, 5));
  // It has its tokens at once and waits for its turn, a second after the first, when a pause begins.
  const second = acquiring(pacer, 6000);
  await time.advance(500);
  pacer.pause(1000);
  await time.advance(2500);
  expect(second.at).toBeGreaterThan(1600);
  await close(pacer);
});

test('Pacer holds no timer once it is closed', async () => {
  const traffic: Traffic = {
    concurrency: 8,
    requestsPerMinute: 100,
    tokensPerMinute: 10_000,
    callMs: 100,
    prompt: () => 100,
  };
  const pacer = new AdaptivePacer(traffic);
  const stop = new AbortController();
  keepCalling(pacer, traffic, stop.signal);
  await time.advance(10_000);
  stop.abort();
  await close(pacer);
  await time.advance(1000);
  expect(time.pending).toBe(0);
});

describePacer('AdaptivePacer', () => new AdaptivePacer({ concurrency: 4 }));

test('a rate that is given is believed: calls begin as it lets them, not with a few', async () => {
  expect(new AdaptivePacer({ concurrency: 500 }).concurrencyLimit).toBe(32);
  const paced = new AdaptivePacer({ concurrency: 500, requestsPerMinute: 120_000 });
  expect(paced.concurrencyLimit).toBe(500);
  const slow = new AdaptivePacer({ concurrency: 500, requestsPerMinute: 600 });
  expect(slow.concurrencyLimit).toBe(32);
  await close(paced);
  await close(slow);
});
