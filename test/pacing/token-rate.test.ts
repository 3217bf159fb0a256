import { setMaxListeners } from 'node:events';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { TokenRate } from '../../src/pacing/token-rate.ts';
import { listenerCount } from './listeners.ts';
import { describeQuota } from './quota-conformance.ts';
import { seededRandom } from './seeded-random.ts';
import { simulateTime, type SimulatedTime } from './simulated-time.ts';
import { perMinute, worstMinute, type Sent } from './windows.ts';

setMaxListeners(0);

describeQuota('TokenRate', { create: (perMinute) => new TokenRate(perMinute), perMinute: 60_000, most: 1000 });

let time: SimulatedTime;
beforeEach(() => void (time = simulateTime()));
afterEach(() => time.restore());

interface Traffic {
  callers: number;
  callMs: number;
  /** What a call really takes, and by which factor the estimate is off. */
  tokens(): number;
  error(): number;
}

/** Callers who take, call and settle over and over; notes the real tokens at the time of sending. */
function keepCalling(rate: TokenRate, traffic: Traffic, signal: AbortSignal): Sent[] {
  const sent: Sent[] = [];
  const caller = async (): Promise<void> => {
    for (;;) {
      const tokens = Math.round(traffic.tokens());
      const estimated = Math.ceil(tokens * traffic.error());
      await rate.take(estimated, signal);
      sent.push({ at: time.now(), amount: tokens });
      await new Promise((resolve) => setTimeout(resolve, traffic.callMs));
      rate.settle(estimated, tokens);
    }
  };
  for (let count = 0; count < traffic.callers; count += 1) caller().catch(() => undefined);
  return sent;
}

async function close(rate: TokenRate): Promise<void> {
  const closing = rate.close();
  await time.advance(10);
  await closing;
}

test.each([0, -5, Number.NaN])('TokenRate refuses a quota of %d', (quota) => {
  expect(() => new TokenRate(quota)).toThrow(
    `Cannot limit the token rate: tokens per minute must be above 0, got ${quota}`,
  );
});

test.each([
  { name: 'exact estimates', quota: 50_000, size: 650, callMs: 500, off: 0 },
  { name: 'estimates 40 % off either way', quota: 50_000, size: 650, callMs: 500, off: 0.4 },
  { name: 'slow calls', quota: 50_000, size: 650, callMs: 4000, off: 0.4 },
  { name: 'calls as large as the bucket', quota: 50_000, size: 1400, callMs: 500, off: 0 },
  { name: 'a large quota', quota: 4_000_000, size: 3000, callMs: 1000, off: 0.4 },
  { name: 'a small quota', quota: 600, size: 10, callMs: 100, off: 0.4 },
])('TokenRate keeps every minute below the quota and nearly uses it up: $name', async (traffic) => {
  const { quota, size, callMs, off } = traffic;
  const random = seededRandom(5);
  const rate = new TokenRate(quota);
  const stop = new AbortController();
  // After an idle spell the bucket is full: that is the worst minute.
  await time.advance(30_000);
  const sent = keepCalling(
    rate,
    {
      callers: 64,
      callMs,
      tokens: () => (off === 0 ? size : size * (0.5 + random())),
      error: () => 1 - off + 2 * off * random(),
    },
    stop.signal,
  );
  await time.advance(180_000);
  expect(worstMinute(sent)).toBeLessThanOrEqual(quota);
  expect(perMinute(sent, 30_000, 210_000)).toBeGreaterThan(0.94 * quota);
  stop.abort();
  await close(rate);
});

test('TokenRate lets a call larger than the bucket go, and exceeds the quota by no more than such a call', async () => {
  const random = seededRandom(3);
  const rate = new TokenRate(50_000);
  const stop = new AbortController();
  const sent = keepCalling(
    rate,
    { callers: 16, callMs: 500, tokens: () => (random() < 0.1 ? 15_000 : 300), error: () => 1 },
    stop.signal,
  );
  await time.advance(240_000);
  expect(sent.some(({ amount }) => amount === 15_000)).toBe(true);
  expect(worstMinute(sent)).toBeLessThanOrEqual(50_000 + 15_000 - 1500);
  expect(perMinute(sent, 0, 240_000)).toBeGreaterThan(0.93 * 50_000);
  stop.abort();
  await close(rate);
});

test('TokenRate makes the next call wait until a large one is paid off', async () => {
  const rate = new TokenRate(60_000);
  const sentAt: number[] = [];
  for (const tokens of [20_000, 100]) void rate.take(tokens).then(() => sentAt.push(time.now()));
  await time.advance(18_000);
  expect(sentAt).toHaveLength(1);
  await time.advance(3000);
  expect(sentAt).toHaveLength(2);
  await close(rate);
});

test('TokenRate lets a large call be paid off while nobody waits', async () => {
  const rate = new TokenRate(60_000);
  await Promise.all([rate.take(20_000), time.advance(25_000)]);
  let isThrough = false;
  void rate.take(100).then(() => (isThrough = true));
  await time.advance(300);
  expect(isThrough).toBe(true);
  await close(rate);
});

test('TokenRate lets nobody overtake a large call', async () => {
  const rate = new TokenRate(60_000);
  const order: string[] = [];
  for (const [name, tokens] of [
    ['first', 1700],
    ['large', 9000],
    ['small', 1],
  ] as const)
    void rate.take(tokens).then(() => order.push(name));
  await time.advance(30_000);
  expect(order).toEqual(['first', 'large', 'small']);
  await close(rate);
});

test('TokenRate lends what an estimate had too much, and only what the bucket can hold', async () => {
  const rate = new TokenRate(60_000);
  const stop = new AbortController();
  await Promise.all([rate.take(1600), time.advance(1000)]);
  let isThrough = false;
  void rate.take(1600).then(() => (isThrough = true));
  await time.advance(10);
  expect(isThrough).toBe(false);
  rate.settle(1600, 0);
  await time.advance(10);
  expect(isThrough).toBe(true);

  await time.advance(60_000);
  rate.settle(1_000_000, 0);
  const sent = keepCalling(rate, { callers: 64, callMs: 10, tokens: () => 100, error: () => 1 }, stop.signal);
  await time.advance(1000);
  expect(sent.length * 100).toBeLessThanOrEqual(1800 + 1000);
  stop.abort();
  await close(rate);
});

test('TokenRate saves up no more than one bucket while nobody calls, in whichever place the tokens are', async () => {
  const rate = new TokenRate(60_000);
  await Promise.all([rate.take(1600), time.advance(50)]);
  rate.settle(1600, 0);
  await time.advance(10_000);
  let taken = 0;
  for (let call = 0; call < 50; call += 1) void rate.take(100).then(() => (taken += 100));
  await time.advance(100);
  expect(taken).toBeGreaterThan(1000);
  expect(taken).toBeLessThanOrEqual(1800);
  await close(rate);
});

test('TokenRate takes back what an estimate had too little', async () => {
  const rate = new TokenRate(60_000);
  await Promise.all([rate.take(100), time.advance(100)]);
  rate.settle(100, 10_000);
  let isThrough = false;
  void rate.take(100).then(() => (isThrough = true));
  await time.advance(7000);
  expect(isThrough).toBe(false);
  await time.advance(2500);
  expect(isThrough).toBe(true);
  await close(rate);
});

test('TokenRate lets a waiting call leave with the reason of its signal, and serves the next', async () => {
  const rate = new TokenRate(60_000);
  await Promise.all([rate.take(10_000), time.advance(100)]);
  const leaver = new AbortController();
  const leaving = rate.take(50_000, leaver.signal);
  let isThrough = false;
  void rate.take(10).then(() => (isThrough = true));
  leaver.abort('stopped');
  await expect(leaving).rejects.toBe('stopped');
  await expect(rate.take(1, leaver.signal)).rejects.toBe('stopped');
  expect(listenerCount(leaver.signal)).toBe(0);
  await time.advance(10_000);
  expect(isThrough).toBe(true);
  await close(rate);
});

test('TokenRate holds no timer before its first call and none once it is closed', async () => {
  const rate = new TokenRate(60_000);
  expect(time.pending).toBe(0);
  const stop = new AbortController();
  keepCalling(rate, { callers: 8, callMs: 10, tokens: () => 900, error: () => 1 }, stop.signal);
  await time.advance(5000);
  expect(time.pending).toBeGreaterThan(0);
  stop.abort();
  await close(rate);
  await expect(rate.take(1, stop.signal)).rejects.toThrow();
  expect(time.pending).toBe(0);
});

test('TokenRate serves every call in its order, whatever the quota and the sizes', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 100_000 }),
      fc.array(fc.tuple(fc.double({ min: 0, max: 0.2, noNaN: true }), fc.double({ min: 0, max: 0.2, noNaN: true })), {
        maxLength: 12,
      }),
      async (quota, calls) => {
        const rate = new TokenRate(quota);
        const order: number[] = [];
        for (const [number, [estimate, actual]] of calls.entries())
          void rate.take(Math.ceil(estimate * quota)).then(() => {
            order.push(number);
            rate.settle(Math.ceil(estimate * quota), Math.ceil(actual * quota));
          });
        // Each call takes at most two fifths of a minute, and one more token each time for a quota that is tiny.
        await time.advance(60_000 * (1 + calls.length * (0.5 + 2.5 / quota)));
        expect(order).toEqual(calls.map((_, number) => number));
        await close(rate);
      },
    ),
    { numRuns: 25 },
  );
});
