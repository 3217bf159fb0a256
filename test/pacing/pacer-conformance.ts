import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Pacer } from '../../src/run/ports.ts';
import { listenerCount } from './listeners.ts';
import { simulateTime, type SimulatedTime } from './simulated-time.ts';

/** What every implementation of `Pacer` must do, in simulated time. `create` makes one that lets four calls go at once. */
export function describePacer(name: string, create: () => Pacer): void {
  describe(`${name} is a pacer`, () => {
    const messages = [{ role: 'user', content: 'Read.' }] as const;
    let time: SimulatedTime;
    let pacer: Pacer;
    beforeEach(() => {
      time = simulateTime();
      pacer = create();
    });
    afterEach(() => time.restore());

    test('lets a call go when another gives its permit back, whatever became of that', async () => {
      const permits = await Promise.all([1, 2, 3, 4].map(() => pacer.acquire(messages)));
      expect(pacer.concurrencyLimit).toBe(4);
      for (const signal of ['ok', 'failed'] as const) {
        let isGone = false;
        const next = pacer.acquire(messages).then((permit) => {
          isGone = true;
          return permit;
        });
        await time.advance(1000);
        expect(isGone).toBe(false);
        pacer.release(permits.pop() ?? {}, signal);
        await time.advance(1000);
        expect(isGone).toBe(true);
        permits.push(await next);
      }
    });

    test('holds all new calls back for a pause, and for the longest of several', async () => {
      pacer.pause(5000);
      pacer.pause(1000);
      let at: number | undefined;
      const start = time.now();
      void pacer.acquire(messages).then(() => (at = time.now()));
      await time.advance(4900);
      expect(at).toBeUndefined();
      await time.advance(1100);
      expect((at ?? 0) - start).toBeGreaterThanOrEqual(5000);
    });

    test('gives at once only a permit that nobody has to wait for', async () => {
      if (pacer.tryAcquire === undefined) return;
      const permits = [1, 2, 3, 4].map(() => pacer.tryAcquire?.());
      expect(permits).not.toContain(undefined);
      expect(pacer.tryAcquire()).toBeUndefined();
      const waiting = pacer.acquire(messages);
      pacer.release(permits[0] ?? {}, 'ok');
      // The slot is that of who waits.
      expect(pacer.tryAcquire()).toBeUndefined();
      pacer.release(await waiting, 'ok');
      pacer.pause(5000);
      expect(pacer.tryAcquire()).toBeUndefined();
      await time.advance(5100);
      expect(pacer.tryAcquire()).toBeDefined();
    });

    test('gives no permit for a signal that has aborted, and says its reason', async () => {
      await expect(pacer.acquire(messages, AbortSignal.abort('stopped'))).rejects.toBe('stopped');
    });

    test('lets a waiting call leave with the reason of its signal, keeps no listener, and loses no place', async () => {
      const leaver = new AbortController();
      pacer.pause(5000);
      const reason = pacer.acquire(messages, leaver.signal).catch((error: unknown) => error);
      await time.advance(10);
      leaver.abort('left');
      expect(await reason).toBe('left');
      expect(listenerCount(leaver.signal)).toBe(0);
      await time.advance(6000);
      expect(await Promise.all([1, 2, 3, 4].map(() => pacer.acquire(messages)))).toHaveLength(4);
    });
  });
}
