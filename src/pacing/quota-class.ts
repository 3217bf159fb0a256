import type { ApiError } from '../completion/api-error.ts';

/**
 * What a 429 is about, and so what helps:
 * - `rate`: too much at the moment; waiting helps;
 * - `day`: the quota of a day is spent; nothing helps before tomorrow;
 * - `account`: what the account has paid for is spent; nothing helps before somebody pays;
 * - `request`: this one request is larger than the quota ever allows; it will be refused each time.
 */
export type QuotaClass = 'rate' | 'day' | 'account' | 'request';

/** Reads it from the names of the violated quotas, else from the message, as Google's services word them. */
export function quotaClassOf(error: ApiError): QuotaClass {
  if (error.code !== undefined && ACCOUNT_CODES.has(error.code)) return 'account';
  const texts = error.quotas.length > 0 ? error.quotas : [error.message];
  if (texts.some((text) => /per[ _-]?day|daily/i.test(text))) return 'day';
  if (/request (?:is )?too large|larger than the (?:quota|limit)|single request exceeds/i.test(error.message))
    return 'request';
  return 'rate';
}

/** OpenAI's, which gateways and others with its API repeat. */
const ACCOUNT_CODES: ReadonlySet<string> = new Set([
  'insufficient_quota',
  'billing_hard_limit_reached',
  'exceeded_current_quota_error',
]);
