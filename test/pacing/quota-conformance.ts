import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Quota } from '../../src/pacing/quota.ts';
import { listenerCount } from './listeners.ts';
import { simulateTime, type SimulatedTime } from './simulated-time.ts';
import { worstMinute, type Sent } from './windows.ts';

export interface QuotaSubject {
  create(perMinute: number): Quota;
  /** A quota to try, of the size that the implementation is made for. */
  perMinute: number;
  /** The most that one call takes of it. */
  most: number;
}

/** What every implementation of `Quota` must do, in simulated time. */
export function describeQuota(name: string, { create, perMinute, most }: QuotaSubject): void {
  describe(`${name} is a quota`, () => {
    let time: SimulatedTime;
    let quota: Quota;
    let stop: AbortController;
    beforeEach(() => {
      time = simulateTime();
      quota = create(perMinute);
      stop = new AbortController();
    });
    afterEach(async () => {
      stop.abort('test over');
      const closing = quota.close();
      await time.advance(100);
      await closing;
      time.restore();
    });

    /** Callers that take again as soon as they have been let go, and say afterwards what they used. */
    function keepTaking(callers: number, used: (taken: number) => number): Sent[] {
      const sent: Sent[] = [];
      const call = async (): Promise<void> => {
        for (;;) {
          await quota.take(most, stop.signal);
          const amount = used(most);
          sent.push({ at: time.now(), amount });
          await new Promise((resolve) => setTimeout(resolve, 5));
          quota.settle(most, amount);
        }
      };
      for (let count = 0; count < callers; count += 1) call().catch(() => undefined);
      return sent;
    }

    test('keeps every minute below it, after an idle spell too, and leaves little of it unused', async () => {
      await time.advance(90_000);
      const sent = keepTaking(16, (taken) => taken);
      await time.advance(150_000);
      expect(worstMinute(sent)).toBeLessThanOrEqual(perMinute);
      expect(worstMinute(sent)).toBeGreaterThan(0.9 * perMinute);
    });

    test('keeps every minute below it when calls end with less than they took', async () => {
      const sent = keepTaking(16, (taken) => Math.ceil(taken / 2));
      await time.advance(150_000);
      expect(worstMinute(sent)).toBeLessThanOrEqual(perMinute);
    });

    test('serves those who wait in the order in which they came', async () => {
      const order: number[] = [];
      for (let number = 0; number < 20; number += 1)
        void quota.take(most, stop.signal).then(
          () => order.push(number),
          () => undefined,
        );
      await time.advance(60_000);
      expect(order).toEqual(Array.from({ length: 20 }, (_, number) => number));
    });

    test('takes nothing for a signal that has aborted, and says its reason', async () => {
      await expect(quota.take(most, AbortSignal.abort('stopped'))).rejects.toBe('stopped');
    });

    test('lets a waiting call leave with the reason of its signal, keeps no listener, and serves the next', async () => {
      const leaver = new AbortController();
      const used = keepTaking(8, (taken) => taken);
      await time.advance(1000);
      const leaving = quota.take(most, leaver.signal);
      const reason = leaving.catch((error: unknown) => error);
      leaver.abort('left');
      expect(await reason).toBe('left');
      expect(listenerCount(leaver.signal)).toBe(0);
      const before = used.length;
      await time.advance(10_000);
      expect(used.length).toBeGreaterThan(before);
    });

    test('keeps no listener on the signal of a call that was let go', async () => {
      const signal = new AbortController().signal;
      await Promise.all([quota.take(most, signal), time.advance(5000)]);
      expect(listenerCount(signal)).toBe(0);
    });

    test('holds no timer before anything is taken, and none once it is closed', async () => {
      expect(time.pending).toBe(0);
      keepTaking(8, (taken) => taken);
      await time.advance(3000);
      stop.abort('stopped');
      const closing = quota.close();
      await time.advance(5000);
      await closing;
      expect(time.pending).toBe(0);
      // For the end of the test to close.
      quota = create(perMinute);
    });
  });
}
