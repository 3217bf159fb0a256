import { expect, test } from 'vitest';
import { WaitQueue } from '../../src/pacing/wait-queue.ts';
import { listenerCount } from './listeners.ts';

test('WaitQueue lets waiters go first come, first served', async () => {
  const line = new WaitQueue();
  const gone: string[] = [];
  const all = ['a', 'b', 'c'].map(async (name) => {
    await line.wait();
    gone.push(name);
  });
  expect(line.length).toBe(3);
  expect([line.admitNext(), line.admitNext(), line.admitNext(), line.admitNext()]).toEqual([true, true, true, false]);
  await Promise.all(all);
  expect(gone).toEqual(['a', 'b', 'c']);
});

test('WaitQueue gives the place of one who left to the next', async () => {
  const line = new WaitQueue();
  const leaver = new AbortController();
  const leaving = line.wait(leaver.signal);
  const next = line.wait();
  leaver.abort('stopped');
  await expect(leaving).rejects.toBe('stopped');
  expect(line.length).toBe(1);
  expect(line.admitNext()).toBe(true);
  await next;
});

test('WaitQueue takes nobody whose signal has aborted', async () => {
  const line = new WaitQueue();
  await expect(line.wait(AbortSignal.abort('stopped'))).rejects.toBe('stopped');
  expect(line.length).toBe(0);
});

test('WaitQueue leaves no listener on the signal of those who went or left', async () => {
  const line = new WaitQueue();
  const controller = new AbortController();
  const going = line.wait(controller.signal);
  const leaving = line.wait(controller.signal);
  expect(listenerCount(controller.signal)).toBe(2);
  line.admitNext();
  await going;
  expect(listenerCount(controller.signal)).toBe(1);
  controller.abort('stopped');
  await expect(leaving).rejects.toBe('stopped');
  expect(listenerCount(controller.signal)).toBe(0);
});
