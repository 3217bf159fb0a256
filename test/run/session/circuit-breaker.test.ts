import { expect, test } from 'vitest';
import { ApiError } from '../../../src/completion/api-error.ts';
import { CircuitBreaker } from '../../../src/run/session/circuit-breaker.ts';

const down = new ApiError('down', { kind: 'status', status: 503 });

function watchAt(): { watch: CircuitBreaker; at: (seconds: number) => void } {
  let now = 0;
  return { watch: new CircuitBreaker(() => now), at: (seconds) => (now = seconds * 1000) };
}

test('a service that never answered is given up after half a minute of failures', () => {
  const { watch, at } = watchAt();
  for (let second = 0; second < 30; second += 5) {
    at(second);
    expect(watch.noteFailure(down, 'down').kind).not.toBe('stop');
  }
  at(31);
  expect(watch.noteFailure(down, 'down')).toMatchObject({ kind: 'stop', reason: expect.stringContaining('31 s') });
});

test('time in which nothing was asked is no silence of the service', () => {
  const { watch, at } = watchAt();
  watch.noteAnswer();
  at(200);
  for (let call = 0; call < 10; call += 1) expect(watch.noteFailure(down, 'down').kind).toBe('go-on');
});

test('when it is given up is known beforehand, as a call that waits cannot tell', () => {
  const { watch, at } = watchAt();
  const limited = new ApiError('wait', { kind: 'status', status: 429, retryAfterMs: 600_000 });
  watch.noteAnswer();
  at(10);
  for (let call = 0; call < 4; call += 1) watch.noteFailure(limited, 'wait');
  expect(watch.givesUpAt).toBeUndefined();
  watch.noteFailure(limited, 'wait');
  expect(watch.givesUpAt).toBe(160_000);
  at(160);
  expect(watch.describeSilence()).toMatch(/has not answered for 150 s; 5 calls failed in a row, the last with: wait/);
  watch.noteAnswer();
  expect(watch.givesUpAt).toBeUndefined();
});

test('an answer now and then keeps a run going through an outage', () => {
  const { watch, at } = watchAt();
  for (let second = 0; second < 1000; second += 1) {
    at(second);
    if (second % 20 === 0) watch.noteAnswer();
    else expect(watch.noteFailure(down, 'down').kind).not.toBe('stop');
  }
});

test('after twenty failures in a row single calls probe, at growing intervals', () => {
  const { watch, at } = watchAt();
  watch.noteAnswer();
  const pauses: number[] = [];
  for (let tenth = 0; tenth < 700; tenth += 1) {
    at(tenth / 10);
    const verdict = watch.noteFailure(down, 'down');
    if (verdict.kind === 'probe') pauses.push(verdict.pauseMs);
  }
  expect(pauses).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000]);
});

test('a spent quota of the day stops at once', () => {
  const quota = new ApiError('Quota exceeded', {
    kind: 'status',
    status: 429,
    quotas: ['GenerateRequestsPerDayPerProject'],
  });
  expect(watchAt().watch.noteFailure(quota, 'Quota exceeded')).toMatchObject({
    kind: 'stop',
    reason: expect.stringContaining('day'),
  });
});

test('an account that has used up its quota stops the run at once, and waiting is not advised', () => {
  const { watch } = watchAt();
  watch.noteAnswer();
  const broke = new ApiError('pay', { kind: 'status', status: 429, code: 'insufficient_quota' });
  expect(watch.noteFailure(broke, 'pay')).toEqual({ kind: 'stop', reason: "the account's quota is used up: pay" });
});
