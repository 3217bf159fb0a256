import type { ApiError } from '../completion/api-error.ts';
import { backoffDelayMs, type BackoffOptions } from './backoff.ts';
import { quotaClassOf } from './quota-class.ts';

export interface RetryState {
  /** Failed calls of this record so far, the one being decided on included. */
  failures: number;
  /** Most failed calls a record may have before it is rejected. */
  maxAttempts: number;
  /** Whether a 401 of this record was already answered with a fresh token. */
  tokenRefreshed: boolean;
}

export type RetryDecision = { retry: true; delayMs: number } | { retry: false };

/**
 * Whether, and after how long, a failed call is repeated. A wait the service asked for is kept, with the jitter on top,
 * so that the records told to wait the same time do not come back in one instant. A 401 is repeated once: the client has
 * dropped the expired token by then.
 */
export function decideRetry(error: ApiError, state: RetryState, options: BackoffOptions = {}): RetryDecision {
  if (state.failures >= state.maxAttempts) return { retry: false };
  if (error.status === 401) return state.tokenRefreshed ? { retry: false } : { retry: true, delayMs: 0 };
  if (!error.isRetryable || (error.status === 429 && quotaClassOf(error) === 'request')) return { retry: false };
  const jitterMs = backoffDelayMs(state.failures - 1, options);
  return {
    retry: true,
    delayMs: error.retryAfterMs === undefined ? jitterMs : error.retryAfterMs + Math.min(jitterMs, 1000),
  };
}
