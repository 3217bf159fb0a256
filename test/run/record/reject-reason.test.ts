import { expect, test } from 'vitest';
import { ApiError, type ApiErrorFacts } from '../../../src/completion/api-error.ts';
import { isRefusalOfTheRun, reasonOfFailure } from '../../../src/run/record/reject-reason.ts';

const cases: { facts: ApiErrorFacts; code: string; isOfTheRun: boolean }[] = [
  { facts: { kind: 'network' }, code: 'network_error', isOfTheRun: false },
  { facts: { kind: 'timeout' }, code: 'timeout', isOfTheRun: false },
  { facts: { kind: 'unreadable', status: 200 }, code: 'unreadable_response', isOfTheRun: false },
  { facts: { kind: 'credentials' }, code: 'request_refused', isOfTheRun: true },
  { facts: { kind: 'status', status: 429 }, code: 'rate_limited', isOfTheRun: false },
  { facts: { kind: 'status', status: 408 }, code: 'timeout', isOfTheRun: false },
  { facts: { kind: 'status', status: 500 }, code: 'service_error', isOfTheRun: false },
  { facts: { kind: 'status', status: 503 }, code: 'service_error', isOfTheRun: false },
  { facts: { kind: 'status', status: 400 }, code: 'request_refused', isOfTheRun: true },
  { facts: { kind: 'status', status: 401 }, code: 'request_refused', isOfTheRun: true },
  { facts: { kind: 'status', status: 404 }, code: 'request_refused', isOfTheRun: true },
  { facts: { kind: 'status', status: 413 }, code: 'request_refused', isOfTheRun: true },
];

test.each(cases)('$facts.kind $facts.status is $code', ({ facts, code, isOfTheRun }) => {
  const error = new ApiError('what the service said', facts);
  const { status } = facts;
  expect(reasonOfFailure(error, 1)).toEqual({
    code,
    message: 'what the service said',
    ...(status === undefined ? {} : { status }),
  });
  expect(isRefusalOfTheRun(error)).toBe(isOfTheRun);
});

test('a reason says how often was tried, where trying again could have helped', () => {
  const down = new ApiError('down', { kind: 'status', status: 503 });
  expect(reasonOfFailure(down, 10).message).toBe('down (after 10 failed calls)');
  const refused = new ApiError('no', { kind: 'status', status: 403 });
  expect(reasonOfFailure(refused, 2).message).toBe('no');
});
