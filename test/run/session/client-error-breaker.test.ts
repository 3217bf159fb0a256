import { describe, expect, test } from 'vitest';
import { ApiError } from '../../../src/completion/api-error.ts';
import { ClientErrorBreaker, isAccessRefusal, refusalText } from '../../../src/run/session/client-error-breaker.ts';

const refused = (status: number): ApiError => new ApiError(`HTTP ${status}`, { kind: 'status', status });
const judgeAll = (breaker: ClientErrorBreaker, ...statuses: number[]): string[] =>
  statuses.map((status) => breaker.judge(refused(status)));

describe('ClientErrorBreaker', () => {
  test.each([301, 307, 401, 402, 403, 404, 405, 407, 410])('ends a run that only ever met %i', (status) => {
    const verdicts = judgeAll(new ClientErrorBreaker(), status, status, status);
    expect(verdicts).toEqual(['hold-record', 'hold-record', 'stop-run']);
  });

  test('takes more refusals of the request itself before it believes that all are refused', () => {
    const verdicts = judgeAll(new ClientErrorBreaker(), ...Array.from({ length: 10 }, () => 400));
    expect(verdicts).toEqual([...Array.from({ length: 9 }, () => 'hold-record'), 'stop-run']);
  });

  test('rejects odd records once the service has answered, and ends when access was taken away', () => {
    const breaker = new ClientErrorBreaker();
    breaker.noteAnswer();
    expect(judgeAll(breaker, ...Array.from({ length: 20 }, () => 400))).not.toContain('stop-run');
    const taken = judgeAll(breaker, ...Array.from({ length: 10 }, () => 402));
    expect(taken.indexOf('stop-run')).toBe(9);
  });

  test('counts refusals of access in a row: an answer between them begins anew', () => {
    const breaker = new ClientErrorBreaker();
    for (let round = 0; round < 3; round += 1) {
      breaker.noteAnswer();
      expect(judgeAll(breaker, ...Array.from({ length: 9 }, () => 403))).not.toContain('stop-run');
    }
  });

  test('ends at once where nothing can be sent, or another service answered', () => {
    for (const kind of ['credentials', 'service'] as const)
      expect(new ClientErrorBreaker().judge(new ApiError('no', { kind }))).toBe('stop-run');
  });
});

test.each([400, 409, 413, 422, 429, 500])('%i says nothing of access', (status) => {
  expect(isAccessRefusal(refused(status))).toBe(false);
});

test('a refusal is told with its own advice, or with what may be wrong with every request', () => {
  const advised = new ApiError('HTTP 402: no credit.', { kind: 'status', status: 402, advice: { text: 'Add some' } });
  expect(refusalText(advised, advised.message)).toBe('HTTP 402: no credit. Add some');
  expect(refusalText(refused(400), 'HTTP 400')).toMatch(/^HTTP 400\. Every request so far was refused/);
});
