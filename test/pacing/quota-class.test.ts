import { expect, test } from 'vitest';
import { ApiError } from '../../src/completion/api-error.ts';
import { quotaClassOf } from '../../src/pacing/quota-class.ts';

const exhausted = (message: string, code?: string): ApiError =>
  new ApiError(message, { kind: 'status', status: 429, code });

test.each([
  { message: 'Slow down', code: 'rate_limit_exceeded', quota: 'rate' },
  { message: 'Quota exceeded for requests per day', code: 'RESOURCE_EXHAUSTED', quota: 'day' },
  { message: 'You exceeded your current quota, check your plan', code: 'insufficient_quota', quota: 'account' },
  { message: 'The request is too large', code: undefined, quota: 'request' },
])('a 429 with $message is about the quota of the $quota', ({ message, code, quota }) => {
  expect(quotaClassOf(exhausted(message, code))).toBe(quota);
});
