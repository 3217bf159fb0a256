import { setMaxListeners } from 'node:events';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { RequestRate } from '../../src/pacing/request-rate.ts';
import { listenerCount } from './listeners.ts';
import { describeQuota } from './quota-conformance.ts';
import { simulateTime, type SimulatedTime } from './simulated-time.ts';
import { perMinute, worstMinute, type Sent } from './windows.ts';

setMaxListeners(0);

describeQuota('RequestRate', { create: (perMinute) => new RequestRate(perMinute), perMinute: 600, most: 1 });

test.each([0, -1, Number.NaN])('RequestRate refuses a quota of %d', (quota) => {
  expect(() => new RequestRate(quota)).toThrow(
    `Cannot limit the request rate: requests per minute must be above 0, got ${quota}`,
  );
});

describe('in simulated time', () => {
  let time: SimulatedTime;
  beforeEach(() => void (time = simulateTime()));
  afterEach(() => time.restore());

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
    await time.advance(10);
    await closing;
  }

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
    expect(perMinute(sent, 0, minutes * 60_000)).toBeGreaterThan(0.97 * quota);
    stop.abort();
    await close(rate);
  });

  test('RequestRate saves nothing up while nobody calls', async () => {
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
    expect(late.length).toBeLessThanOrEqual(105);
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
