import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import fc from 'fast-check';
import type { ChatRequest } from '../../src/completion/request.ts';
import type { Budget } from '../../src/run/ports.ts';
import type { AttemptEntry, Spending } from '../../src/store/entries.ts';
import { listenerCount } from '../pacing/listeners.ts';
import { simulateTime, type SimulatedTime } from '../pacing/simulated-time.ts';

/** What a request has beside its answer. */
const FRAME = 32;
/** Long enough for anything that a budget has to ask of others. */
const A_WHILE_MS = 5000;

export interface BudgetSubject {
  /** A budget with a cap on tokens, and one nano-dollar a token. */
  create(maxTokens: number): { budget: Budget; close(): Promise<void> };
}

/** What every implementation of `Budget` must do, in simulated time. */
export function describeBudget(name: string, { create }: BudgetSubject): void {
  describe(`${name} is a budget`, () => {
    let time: SimulatedTime;
    let closers: (() => Promise<void>)[];
    beforeEach(() => {
      time = simulateTime();
      closers = [];
    });
    afterEach(async () => {
      const closing = Promise.all(closers.map((close) => close()));
      await time.advance(A_WHILE_MS);
      await closing;
      time.restore();
    });
    const { signal } = new AbortController();

    function budgetOf(maxTokens: number): Budget {
      const { budget, close } = create(maxTokens);
      closers.push(close);
      return budget;
    }

    async function within<Value>(promise: Promise<Value>): Promise<Value | 'waits'> {
      let ended: { value: Value } | undefined;
      void promise.then(
        (value) => (ended = { value }),
        () => undefined,
      );
      await time.advance(A_WHILE_MS);
      return ended === undefined ? 'waits' : ended.value;
    }

    async function reserve(budget: Budget, tokens: number): Promise<Spending> {
      const reservation = await within(budget.reserve(ask(tokens), signal));
      if (reservation === undefined || reservation === 'waits') throw new Error('There was no room');
      return reservation;
    }

    test('notes the most that a call can take', async () => {
      expect(await reserve(budgetOf(1000), 100)).toEqual({ tokens: 100 + FRAME, nanoUsd: 100 + FRAME });
    });

    test('lets a call wait until another gives its room back', async () => {
      const budget = budgetOf(200);
      const first = await reserve(budget, 100);
      const second = budget.reserve(ask(100), signal);
      expect(await within(second)).toBe('waits');
      expect(budget.isWaiting).toBe(true);
      budget.settle(first, spent(10));
      expect(await within(second)).toEqual({ tokens: 132, nanoUsd: 132 });
      expect(budget.isWaiting).toBe(false);
    });

    test('gives room at once only where there is some', async () => {
      const budget = budgetOf(200);
      if (budget.tryReserve === undefined) return;
      const first = budget.tryReserve(ask(100));
      expect(first).toEqual({ tokens: 132, nanoUsd: 132 });
      expect(budget.tryReserve(ask(100))).toBeUndefined();
      if (first !== undefined) budget.settle(first, spent(10));
      expect(budget.tryReserve(ask(100))).toEqual({ tokens: 132, nanoUsd: 132 });
    });

    test('is used up when nothing is in flight and the next call does not fit, and says of what', async () => {
      const budget = budgetOf(200);
      budget.settle(await reserve(budget, 100), spent(120));
      expect(await within(budget.reserve(ask(100), signal))).toBeUndefined();
      expect(budget.describe()).toMatch(/120 of 200 tokens.* are spent, and one more call might need 132 tokens/);
      expect(budget.isBelowOneCall).toBe(false);
    });

    test('counts a call as it was reserved where nobody knows what it has cost', async () => {
      const budget = budgetOf(200);
      const reservation = await reserve(budget, 100);
      budget.settle(reservation, { ...spent(0), outcome: 'unsettled', status: null, mayCost: reservation });
      expect(await within(budget.reserve(ask(100), signal))).toBeUndefined();
    });

    test('has all of it back of a call that was not sent', async () => {
      const budget = budgetOf(200);
      budget.cancel(await reserve(budget, 160));
      await reserve(budget, 160);
    });

    test('reserves the calls of a record together, or none of them', async () => {
      const budget = budgetOf(300);
      const first = await reserve(budget, 100);
      const several = budget.reserveAll?.([ask(60), ask(60)], signal) ?? Promise.resolve(undefined);
      expect(await within(several)).toBe('waits');
      budget.settle(first, spent(50));
      const reservations = await within(several);
      if (!Array.isArray(reservations)) throw new Error('There was no room');
      expect(reservations).toHaveLength(2);
      for (const reservation of reservations) budget.cancel(reservation);
      await reserve(budget, 200);
    });

    test('lets a waiting call leave with the reason of its signal, and keeps no listener', async () => {
      const budget = budgetOf(200);
      const first = await reserve(budget, 100);
      const leaver = new AbortController();
      const leaving = budget.reserve(ask(100), leaver.signal).catch((error: unknown) => error);
      await time.advance(A_WHILE_MS);
      leaver.abort('left');
      expect(await within(leaving)).toBe('left');
      expect(listenerCount(leaver.signal)).toBe(0);
      budget.cancel(first);
      await reserve(budget, 150);
    });

    test('keeps the cap and has nobody wait for nothing, whatever calls take and in which order they end', async () => {
      const call = fc.record({
        most: fc.integer({ min: 1, max: 300 }),
        share: fc.double({ min: 0, max: 1, noNaN: true }),
        ms: fc.nat(2000),
      });
      await fc.assert(
        fc.asyncProperty(
          fc.integer({ min: 100, max: 2000 }),
          fc.array(call, { minLength: 1, maxLength: 12 }),
          async (cap, calls) => {
            const budget = budgetOf(cap);
            let bill = 0;
            let underWay = 0;
            let most = 0;
            const ends = Promise.all(
              calls.map(async ({ most: tokens, share, ms }) => {
                const reservation = await budget.reserve(ask(tokens), signal);
                if (reservation === undefined) return 'refused';
                underWay += reservation.tokens;
                most = Math.max(most, bill + underWay);
                await new Promise((resolve) => setTimeout(resolve, ms));
                const used = Math.floor(share * reservation.tokens);
                underWay -= reservation.tokens;
                bill += used;
                budget.settle(reservation, spent(used));
                return 'sent';
              }),
            );
            await time.advance(12 * 2500 + A_WHILE_MS);
            expect(await within(ends)).not.toBe('waits');
            expect(most).toBeLessThanOrEqual(cap);
          },
        ),
        { numRuns: 30 },
      );
    });
  });
}

const ask = (tokens: number): ChatRequest => ({ messages: [], max_tokens: tokens });

function spent(total: number): AttemptEntry {
  return {
    call: 7,
    id: 'a',
    index: 0,
    attempt: 1,
    kind: 'first',
    status: 200,
    outcome: 'extracted',
    tokens: { prompt: total, cached: 0, completion: 0, reasoning: 0, total },
    at: '2026-11-23T10:00:00.000Z',
  };
}
