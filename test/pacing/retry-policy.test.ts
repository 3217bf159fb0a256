import { expect, test } from 'vitest';
import { ApiError, type ApiErrorFacts } from '../../src/completion/api-error.ts';
import { decideRetry } from '../../src/pacing/retry-policy.ts';

const half = { random: () => 0.5 };
const first = { failures: 1, maxAttempts: 5, tokenRefreshed: false };
const error = (facts: ApiErrorFacts): ApiError => new ApiError('failed', facts);

test.each([408, 429, 500, 501, 502, 503, 504, 529, 599])('decideRetry repeats a call after status %i', (status) => {
  expect(decideRetry(error({ kind: 'status', status }), first, half)).toEqual({ retry: true, delayMs: 500 });
});

test.each([301, 400, 402, 403, 404, 405, 409, 410, 413, 415, 418, 422, 499])(
  'decideRetry does not repeat a call after status %i',
  (status) => {
    expect(decideRetry(error({ kind: 'status', status }), first, half)).toEqual({ retry: false });
  },
);

test.each([
  { kind: 'network', decision: { retry: true, delayMs: 500 } },
  { kind: 'timeout', decision: { retry: true, delayMs: 500 } },
  { kind: 'unreadable', decision: { retry: true, delayMs: 500 } },
  { kind: 'credentials', decision: { retry: false } },
] as const)('decideRetry on a failure of kind $kind: $decision.retry', ({ kind, decision }) => {
  expect(decideRetry(error({ kind }), first, half)).toEqual(decision);
});

test('decideRetry repeats a 401 once, at once, with the fresh token', () => {
  const unauthorized = error({ kind: 'status', status: 401 });
  expect(decideRetry(unauthorized, first, half)).toEqual({ retry: true, delayMs: 0 });
  expect(decideRetry(unauthorized, { ...first, failures: 2, tokenRefreshed: true }, half)).toEqual({ retry: false });
});

test('decideRetry backs off further with every failure, and ends after maxAttempts', () => {
  const unavailable = error({ kind: 'status', status: 503 });
  const decisions = [1, 2, 3, 4].map((failures) =>
    decideRetry(unavailable, { ...first, failures, maxAttempts: 4 }, half),
  );
  expect(decisions).toEqual([
    { retry: true, delayMs: 500 },
    { retry: true, delayMs: 1000 },
    { retry: true, delayMs: 2000 },
    { retry: false },
  ]);
});

test('decideRetry does not repeat even a 401 beyond maxAttempts', () => {
  const state = { ...first, maxAttempts: 1 };
  expect(decideRetry(error({ kind: 'status', status: 401 }), state, half)).toEqual({ retry: false });
});

test.each([
  { failures: 1, retryAfterMs: 0, delayMs: 500 },
  { failures: 1, retryAfterMs: 30_000, delayMs: 30_500 },
  { failures: 8, retryAfterMs: 30_000, delayMs: 31_000 },
])(
  'decideRetry keeps a wait of $retryAfterMs ms, with at most a second of jitter on top',
  ({ failures, retryAfterMs, delayMs }) => {
    const throttled = error({ kind: 'status', status: 429, retryAfterMs });
    expect(decideRetry(throttled, { ...first, failures, maxAttempts: 9 }, half)).toEqual({ retry: true, delayMs });
  },
);
