import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { delay } from '../../src/pacing/delay.ts';
import { Gate } from '../../src/pacing/gate.ts';
import { listenerCount } from './listeners.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Notes whether something has come through. */
function watch(passing: Promise<void>): { isThrough: boolean } {
  const watched = { isThrough: false };
  void passing.then(() => (watched.isThrough = true));
  return watched;
}

test('Gate is open until a pause and opens again by itself', async () => {
  const gate = new Gate();
  await gate.pass();
  gate.pause(1000);
  expect(gate.isOpen).toBe(false);
  const caller = watch(gate.pass());
  await vi.advanceTimersByTimeAsync(999);
  expect(caller.isThrough).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(caller.isThrough).toBe(true);
  expect(gate.isOpen).toBe(true);
});

test('Gate holds those already waiting when a pause is prolonged, and no shorter pause cuts it', async () => {
  const gate = new Gate();
  gate.pause(1000);
  const caller = watch(gate.pass());
  await vi.advanceTimersByTimeAsync(500);
  gate.pause(5000);
  gate.pause(10);
  await vi.advanceTimersByTimeAsync(4999);
  expect(caller.isThrough).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(caller.isThrough).toBe(true);
});

test('Gate is not held shut by a wall clock that is set back', async () => {
  const gate = new Gate();
  gate.pause(1000);
  vi.setSystemTime(Date.now() - 3_600_000);
  await vi.advanceTimersByTimeAsync(1000);
  expect(gate.isOpen).toBe(true);
});

test('Gate lets a caller leave with the reason of its signal, and leaves no listener and no timer', async () => {
  const gate = new Gate();
  gate.pause(60_000);
  const controller = new AbortController();
  const leaving = gate.pass(controller.signal);
  expect(listenerCount(controller.signal)).toBe(1);
  const reason = new Error('stopped');
  controller.abort(reason);
  await expect(leaving).rejects.toBe(reason);
  await expect(gate.pass(controller.signal)).rejects.toBe(reason);
  expect(listenerCount(controller.signal)).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
});

test('Gate leaves no listener behind when it is passed', async () => {
  const gate = new Gate();
  gate.pause(1000);
  const { signal } = new AbortController();
  const passing = gate.pass(signal);
  await vi.advanceTimersByTimeAsync(1000);
  await passing;
  expect(listenerCount(signal)).toBe(0);
});

test('delay does not begin for an aborted signal', async () => {
  await expect(delay(1000, AbortSignal.abort('stopped'))).rejects.toBe('stopped');
  expect(vi.getTimerCount()).toBe(0);
});
