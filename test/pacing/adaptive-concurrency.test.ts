import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AdaptiveConcurrency } from '../../src/pacing/adaptive-concurrency.ts';
import type { CallSignal } from '../../src/pacing/capacity.ts';
import { listenerCount } from './listeners.ts';
import { simulateTime } from './simulated-time.ts';

async function take(concurrency: AdaptiveConcurrency, count: number): Promise<number[]> {
  return Promise.all(Array.from({ length: count }, () => concurrency.acquire()));
}

/** Lets calls run one after the other. */
async function runCalls(concurrency: AdaptiveConcurrency, count: number, signal: CallSignal): Promise<void> {
  for (let call = 0; call < count; call += 1) concurrency.release(await concurrency.acquire(), signal);
}

test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])(
  'AdaptiveConcurrency refuses a bound of %d',
  (maximum) => {
    expect(() => new AdaptiveConcurrency(maximum)).toThrow(
      `Cannot bound the calls in flight: concurrency must be a whole number from 1, got ${maximum}`,
    );
  },
);

test('AdaptiveConcurrency tells every new bound, and nothing that leaves it as it is', async () => {
  const told: number[] = [];
  const concurrency = new AdaptiveConcurrency(4, { onChange: (limit) => told.push(limit), now: () => 0 });
  await runCalls(concurrency, 9, 'ok');
  for (const slot of await take(concurrency, 4)) concurrency.release(slot, 'throttled');
  expect(told).toEqual([3, 2, 1]);
  expect(concurrency.limit).toBe(1);
  await runCalls(concurrency, 2, 'ok');
  expect(told.at(-1)).toBe(concurrency.limit);
});

test('AdaptiveConcurrency says how long to hold where one call after the other is refused', async () => {
  const concurrency = new AdaptiveConcurrency(2);
  const holds: number[] = [];
  for (let call = 0; call < 5; call += 1) holds.push(concurrency.release(await concurrency.acquire(), 'throttled'));
  expect(holds).toEqual([0, 0, 50, 100, 200]);
  expect(concurrency.release(await concurrency.acquire(), 'ok')).toBe(0);
});

test('AdaptiveConcurrency lets as many go for one answer as the bound rises by, beside the one whose slot is free', async () => {
  const concurrency = new AdaptiveConcurrency(64);
  const [slot = 0] = await take(concurrency, 32);
  const four = take(concurrency, 4);
  concurrency.release(slot, 'ok');
  expect(await four).toEqual([33, 34, 35, 36]);
  expect([concurrency.limit, concurrency.inFlight]).toEqual([35, 35]);
});

test('AdaptiveConcurrency lets more go while the first calls are neither answered nor refused', async () => {
  const time = simulateTime();
  try {
    const told: number[] = [];
    const concurrency = new AdaptiveConcurrency(100, { onChange: (limit) => told.push(limit) });
    const all = take(concurrency, 90);
    await time.advance(999);
    expect(concurrency.inFlight).toBe(32);
    await time.advance(1);
    expect(concurrency.inFlight).toBe(64);
    await time.advance(1000);
    expect([concurrency.inFlight, told]).toEqual([90, [64, 100]]);
    // Nobody waits any more, and nothing is left that would wake.
    expect(time.pending).toBe(0);
    for (const slot of await all) concurrency.release(slot, 'ok');
  } finally {
    time.restore();
  }
});

test('AdaptiveConcurrency hears nothing in a silence after the first call has ended', async () => {
  const time = simulateTime();
  try {
    const concurrency = new AdaptiveConcurrency(100);
    void take(concurrency, 90);
    await time.advance(500);
    concurrency.release(1, 'failed');
    await time.advance(10_000);
    expect([concurrency.limit, concurrency.inFlight, time.pending]).toEqual([32, 32, 0]);
  } finally {
    time.restore();
  }
});

test('AdaptiveConcurrency lets calls in flight end after a cut before it admits others', async () => {
  const concurrency = new AdaptiveConcurrency(4);
  const [first = 0, ...others] = await take(concurrency, 4);
  let isIn = false;
  const waiting = concurrency.acquire().then((slot) => {
    isIn = true;
    return slot;
  });
  concurrency.release(first, 'throttled');
  // Refused with the first, so that two were accepted.
  concurrency.release(others[0] ?? 0, 'throttled');
  await Promise.resolve();
  expect([concurrency.limit, concurrency.inFlight, isIn]).toEqual([2, 2, false]);
  concurrency.release(others[1] ?? 0, 'failed');
  await waiting;
  expect(concurrency.inFlight).toBe(2);
});

test('AdaptiveConcurrency serves those who wait in order, before whoever comes later', async () => {
  const concurrency = new AdaptiveConcurrency(2);
  const [first = 0, second = 0] = await take(concurrency, 2);
  const served: string[] = [];
  const calls = ['a', 'b'].map((name) => concurrency.acquire().then(() => served.push(name)));
  concurrency.release(first, 'ok');
  concurrency.release(second, 'ok');
  // Both slots are promised already, although nobody has woken to take them.
  const late = concurrency.acquire().then((slot) => {
    served.push('late');
    return slot;
  });
  await Promise.all(calls);
  expect(served).toEqual(['a', 'b']);
  concurrency.release(3, 'ok');
  await late;
});

test('AdaptiveConcurrency gives no slot to one who left the line, and leaves no listener', async () => {
  const concurrency = new AdaptiveConcurrency(1);
  const [slot = 0] = await take(concurrency, 1);
  const controller = new AbortController();
  const leaving = concurrency.acquire(controller.signal);
  controller.abort('stopped');
  await expect(leaving).rejects.toBe('stopped');
  expect(listenerCount(controller.signal)).toBe(0);
  concurrency.release(slot, 'ok');
  expect(concurrency.inFlight).toBe(0);
});

test('AdaptiveConcurrency keeps its bounds and wakes everybody, whatever happens in whatever order', async () => {
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.record({ do: fc.constant('acquire' as const), abortable: fc.boolean() }) },
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant('release' as const),
        which: fc.nat(),
        signal: fc.constantFrom<CallSignal>('ok', 'ok', 'throttled', 'failed'),
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('abort' as const), which: fc.nat() }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('settle' as const) }) },
  );
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 12 }), fc.array(step, { maxLength: 120 }), async (maximum, steps) => {
      const concurrency = new AdaptiveConcurrency(maximum);
      const holding: number[] = [];
      let waiting: { abort: AbortController | undefined }[] = [];
      let asked = 0;
      let served = 0;
      let left = 0;

      const acquire = (abortable: boolean): void => {
        asked += 1;
        const abort = abortable ? new AbortController() : undefined;
        const waiter = { abort };
        waiting.push(waiter);
        const leave = (): void => void (waiting = waiting.filter((other) => other !== waiter));
        concurrency.acquire(abort?.signal).then(
          (slot) => {
            leave();
            served += 1;
            holding.push(slot);
          },
          () => {
            leave();
            left += 1;
          },
        );
      };
      const release = (which: number, signal: CallSignal): void => {
        const [slot] = holding.splice(which % Math.max(1, holding.length), 1);
        if (slot === undefined) return;
        const [limitBefore, inFlightBefore] = [concurrency.limit, concurrency.inFlight];
        concurrency.release(slot, signal);
        expect(concurrency.limit).toBeGreaterThanOrEqual(signal === 'throttled' ? 1 : limitBefore);
        expect(concurrency.limit).toBeLessThanOrEqual(Math.min(maximum, limitBefore + (signal === 'ok' ? 3 : 0)));
        // Only what was in flight before a cut may exceed the new bound.
        expect(concurrency.inFlight).toBeLessThanOrEqual(Math.max(concurrency.limit, inFlightBefore - 1));
      };
      const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

      for (const each of steps) {
        if (each.do === 'acquire') acquire(each.abortable);
        else if (each.do === 'release') release(each.which, each.signal);
        else if (each.do === 'abort') waiting[each.which % Math.max(1, waiting.length)]?.abort?.abort('left');
        else {
          await settle();
          expect(concurrency.inFlight).toBe(holding.length);
          // Nobody waits while there is room.
          if (waiting.length > 0) expect(concurrency.inFlight).toBeGreaterThanOrEqual(concurrency.limit);
        }
      }
      await settle();
      while (holding.length > 0) {
        release(0, 'failed');
        await settle();
      }
      expect(served + left).toBe(asked);
      expect(concurrency.inFlight).toBe(0);
    }),
    { numRuns: 300 },
  );
});
