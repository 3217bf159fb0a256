import { setMaxListeners } from 'node:events';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { RequestRate } from '../../src/pacing/request-rate.ts';
import { listenerCount } from './listeners.ts';
import { describeQuota } from './quota-conformance.ts';
import { seededRandom } from './seeded-random.ts';
import { simulateTime, type SimulatedTime } from './simulated-time.ts';
import { perMinute, worstMinute, type Sent } from './windows.ts';

setMaxListeners(0);

describeQuota('RequestRate', { create: (perMinute) => new RequestRate(perMinute), perMinute: 600, most: 1 });

test.each([0, -1, Number.NaN])('RequestRate refuses a quota of %d', (quota) => {
  expect(() => new RequestRate(quota)).toThrow(
    `Cannot limit the request rate: requests per minute must be above 0, got ${quota}`,
  );
});

let time: SimulatedTime;

/** Callers who take again as soon as they may, for a while; notes when they were let go. */
function keepTaking(rate: RequestRate, callers: number, signal: AbortSignal, callMs = 1): Sent[] {
  const sent: Sent[] = [];
  const caller = async (): Promise<void> => {
    for (;;) {
      await rate.take(1, signal);
      sent.push({ at: time.now(), amount: 1 });
      await new Promise((resolve) => setTimeout(resolve, callMs));
    }
  };
  for (let count = 0; count < callers; count += 1) caller().catch(() => undefined);
  return sent;
}

async function close(rate: RequestRate): Promise<void> {
  const closing = rate.close();
  await time.advance(1000);
  await closing;
}

describe('in simulated time', () => {
  beforeEach(() => void (time = simulateTime()));
  afterEach(() => time.restore());

  test.each([
    { quota: 1, callers: 4, minutes: 6 },
    { quota: 7, callers: 4, minutes: 4 },
    { quota: 60, callers: 16, minutes: 3 },
    { quota: 600, callers: 16, minutes: 3 },
    { quota: 1500, callers: 32, minutes: 2 },
    { quota: 6000, callers: 64, minutes: 2 },
    { quota: 30_000, callers: 256, minutes: 1.5 },
  ])('RequestRate keeps every minute below $quota and nearly uses it up', async ({ quota, callers, minutes }) => {
    const rate = new RequestRate(quota);
    const stop = new AbortController();
    const sent = keepTaking(rate, callers, stop.signal);
    await time.advance(minutes * 60_000);
    expect(worstMinute(sent)).toBeLessThanOrEqual(quota);
    expect(perMinute(sent, 0, minutes * 60_000)).toBeGreaterThan(0.975 * quota);
    stop.abort();
    await close(rate);
  });

  test('RequestRate saves up a third of a second at most while nobody calls', async () => {
    const rate = new RequestRate(6000);
    const early = new AbortController();
    const sent = keepTaking(rate, 1, early.signal);
    await time.advance(5000);
    early.abort();
    await time.advance(50_000);
    const before = sent.length;
    const stop = new AbortController();
    const late = keepTaking(rate, 128, stop.signal);
    await time.advance(1000);
    expect(late.length).toBeLessThanOrEqual(99 + 33);
    expect(before).toBeGreaterThan(0);
    stop.abort();
    await close(rate);
  });

  test('RequestRate spaces calls evenly within the minute', async () => {
    const rate = new RequestRate(600);
    const stop = new AbortController();
    const sent = keepTaking(rate, 16, stop.signal);
    await time.advance(10_000);
    const gaps = sent.slice(1).map(({ at }, index) => at - (sent[index]?.at ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(100);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(106);
    stop.abort();
    await close(rate);
  });

  test('RequestRate lets a fast quota go in groups, some twenty times a second, because every turn costs CPU time', async () => {
    const rate = new RequestRate(6000);
    const stop = new AbortController();
    const sent = keepTaking(rate, 64, stop.signal);
    await time.advance(10_000);
    expect(new Set(sent.map(({ at }) => at)).size).toBeLessThanOrEqual(201);
    expect(sent.length).toBeGreaterThan(970);
    stop.abort();
    await close(rate);
  });

  test.each([600, 6000])('RequestRate at %i lets callers go in the order they came', async (quota) => {
    const rate = new RequestRate(quota);
    const order: number[] = [];
    for (let number = 0; number < 50; number += 1) void rate.take(1).then(() => order.push(number));
    await time.advance(10_000);
    expect(order).toEqual(Array.from({ length: 50 }, (_, number) => number));
    await close(rate);
  });

  test('RequestRate wastes no turn on callers who left, and keeps no listener of theirs', async () => {
    const rate = new RequestRate(60);
    await Promise.all([rate.take(1), time.advance(100)]);
    const leaver = new AbortController();
    const leaving = [rate.take(1, leaver.signal), rate.take(1, leaver.signal)];
    let isThrough = false;
    void rate.take(1).then(() => (isThrough = true));
    await time.advance(500);
    leaver.abort('stopped');
    expect(await Promise.allSettled(leaving)).toEqual([
      { status: 'rejected', reason: 'stopped' },
      { status: 'rejected', reason: 'stopped' },
    ]);
    expect(listenerCount(leaver.signal)).toBe(0);
    await time.advance(600);
    expect(isThrough).toBe(true);
    await close(rate);
  });

  test('RequestRate closes with callers in line, and its timers end', async () => {
    const rate = new RequestRate(60);
    const stop = new AbortController();
    const sent = keepTaking(rate, 8, stop.signal);
    await time.advance(2500);
    stop.abort('stopped');
    await close(rate);
    await time.advance(2000);
    expect(sent).toHaveLength(3);
    expect(time.pending).toBe(0);
  });
});

describe('where timers fire late', () => {
  afterEach(() => time.restore());

  /** Late by up to `usualMs`, and now and then by as much as a stall of the event loop takes. */
  function lateness(seed: number, { usualMs, stallMs }: { usualMs: number; stallMs: number }): () => number {
    const random = seededRandom(seed);
    return () => (random() < 0.01 ? stallMs * random() : usualMs * random());
  }

  test.each([
    { quota: 7, callers: 1, usualMs: 40, stallMs: 250, minutes: 3 },
    { quota: 60, callers: 1, usualMs: 40, stallMs: 250, minutes: 3 },
    { quota: 600, callers: 3, usualMs: 20, stallMs: 250, minutes: 2 },
    { quota: 6000, callers: 26, usualMs: 15, stallMs: 150, minutes: 1.5 },
    { quota: 30_000, callers: 125, usualMs: 10, stallMs: 100, minutes: 1.2 },
  ])(
    'RequestRate makes up at $quota for what that cost, with just enough calls in flight, and exceeds it in no minute',
    async (service) => {
      const { quota, callers, minutes } = service;
      time = simulateTime({ late: lateness(quota, service) });
      const rate = new RequestRate(quota);
      const stop = new AbortController();
      const sent = keepTaking(rate, callers, stop.signal, 200);
      await time.advance(minutes * 60_000);
      expect(worstMinute(sent)).toBeLessThanOrEqual(quota);
      expect(perMinute(sent, 0, minutes * 60_000)).toBeGreaterThan(0.975 * quota);
      stop.abort();
      await close(rate);
    },
  );

  test('RequestRate exceeds the quota in no minute of the service either, where calls take up to 0.3 s more or less to get there', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 3000 }),
        fc.integer({ min: 0, max: 400 }),
        fc.integer(),
        fc.array(fc.integer({ min: 1, max: 20_000 }), { minLength: 1, maxLength: 4 }),
        async (quota, stallMs, seed, pauses) => {
          time = simulateTime({ late: lateness(seed, { usualMs: 30, stallMs }) });
          const random = seededRandom(seed);
          const rate = new RequestRate(quota);
          const sent: Sent[] = [];
          // Bursts of callers with nobody between them: what was saved up meanwhile comes on top.
          for (const pauseMs of pauses) {
            const stop = new AbortController();
            const burst = keepTaking(rate, 16, stop.signal, 10);
            await time.advance(20_000);
            stop.abort();
            sent.push(...burst);
            await time.advance(pauseMs);
          }
          const arrived = sent.map(({ at, amount }) => ({ at: at + 300 * random(), amount }));
          expect(worstMinute(arrived.sort((left, right) => left.at - right.at))).toBeLessThanOrEqual(quota);
          await close(rate);
          time.restore();
        },
      ),
      { numRuns: 8 },
    );
  });
});

test('RequestRate keeps its pace under the fake timers of vitest as well', async () => {
  vi.useFakeTimers();
  try {
    const rate = new RequestRate(60);
    let count = 0;
    for (let call = 0; call < 5; call += 1) void rate.take(1).then(() => (count += 1));
    await vi.advanceTimersByTimeAsync(3200);
    expect(count).toBe(4);
    const closing = rate.close();
    await vi.advanceTimersByTimeAsync(10);
    await closing;
  } finally {
    vi.useRealTimers();
  }
});
