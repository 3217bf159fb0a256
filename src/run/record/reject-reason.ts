import type { ApiError } from '../../completion/api-error.ts';
import { quotaClassOf } from '../../pacing/quota-class.ts';
import type { RejectCode, RejectReason } from './outcome.ts';

/** Why a record is rejected whose last call failed. */
export function reasonOfFailure(error: ApiError, failures: number): RejectReason {
  const code = rejectCodeOf(error);
  const message =
    failures > 1 && error.isRetryable ? `${error.message} (after ${failures} failed calls)` : error.message;
  return error.status === undefined ? { code, message } : { code, message, status: error.status };
}

/** Whether a record was rejected for what may be otherwise the next time that the same is asked. */
export function isPassingReject(code: RejectCode): boolean {
  return PASSING_CODES.has(code);
}

const PASSING_CODES: ReadonlySet<RejectCode> = new Set([
  'rate_limited',
  'service_error',
  'timeout',
  'network_error',
  'unreadable_response',
  'request_refused',
]);

/** A refusal of the credentials, the model or the request as such, which other records are likely to meet as well. */
export function isRefusalOfTheRun(error: ApiError): boolean {
  return error.kind === 'credentials' || error.kind === 'service' || (error.kind === 'status' && !error.isRetryable);
}

function rejectCodeOf(error: ApiError): RejectCode {
  switch (error.kind) {
    case 'network':
      return 'network_error';
    case 'timeout':
      return 'timeout';
    case 'unreadable':
      return 'unreadable_response';
    case 'credentials':
    case 'service':
      return 'request_refused';
    case 'status':
      if (error.status === 429) return quotaClassOf(error) === 'request' ? 'request_refused' : 'rate_limited';
      if (error.status === 408) return 'timeout';
      return error.isRetryable ? 'service_error' : 'request_refused';
    default:
      return error.kind satisfies never;
  }
}
