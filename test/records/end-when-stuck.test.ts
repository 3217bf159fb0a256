import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { endWhenStuck } from '../../src/records/end-when-stuck.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Rows that come when they are given. */
function pipe() {
  const waiting: ((step: IteratorResult<number>) => void)[] = [];
  const rows: AsyncIterator<number> = { next: () => new Promise((resolve) => waiting.push(resolve)) };
  return { rows, give: (value: number) => waiting.shift()?.({ done: false, value }) };
}

test('endWhenStuck ends a read that waits when the signal aborts, and all after it', async () => {
  const aborting = new AbortController();
  const { rows, give } = pipe();
  const patient = endWhenStuck(rows, aborting.signal);
  const first = patient.next();
  give(1);
  await expect(first).resolves.toEqual({ done: false, value: 1 });
  const second = patient.next();
  await vi.advanceTimersByTimeAsync(60_000);
  aborting.abort();
  await vi.advanceTimersByTimeAsync(1000);
  await expect(second).resolves.toEqual({ done: true, value: undefined });
  await expect(patient.next()).resolves.toEqual({ done: true, value: undefined });
});

test('endWhenStuck goes on after the signal while rows come', async () => {
  const aborting = new AbortController();
  aborting.abort();
  const { rows, give } = pipe();
  const patient = endWhenStuck(rows, aborting.signal);
  for (const value of [1, 2, 3]) {
    const step = patient.next();
    await vi.advanceTimersByTimeAsync(900);
    give(value);
    await expect(step).resolves.toEqual({ done: false, value });
  }
  expect(vi.getTimerCount()).toBe(0);
});
