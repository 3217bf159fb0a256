import { parseJson } from '../json/parse-json.ts';
import { ApiError, type ApiAdvice } from '../completion/api-error.ts';
import { isJsonObject, type JsonObject } from '../json/value.ts';
import { readUsage } from '../completion/usage.ts';
import { describeBody, isEncoded } from './body-description.ts';
import { readErrorDetails, type ErrorDetails } from './error-details.ts';
import type { HttpAnswer } from './http-answer.ts';
import { plainText } from '../text/plain-text.ts';
import { retryAfterMs } from './retry-after.ts';

export interface ErrorBodyOptions {
  /** The time, in milliseconds since the epoch, that a Retry-After date counts from. Default now. */
  now?: number | undefined;
  /** Credentials in use, never to be repeated in a message. */
  secrets?: readonly string[] | undefined;
  /** What helps against an error status at this service. */
  adviceFor?: ((status: number) => ApiAdvice | undefined) | undefined;
}

/** Of a body in an unknown shape. */
const MAX_QUOTE = 200;

/**
 * Reads an answer with an error status, whatever its body: JSON in any of the shapes that are known, other JSON, HTML, a text,
 * nothing.
 */
export function readErrorBody(answer: HttpAnswer, options: ErrorBodyOptions = {}): ApiError {
  const { status, text } = answer;
  const value = parseJson(text);
  const details = readErrorDetails(value);
  if (details !== undefined) return withCharge(toApiError(status, details, answer, options), value);
  const location = status >= 300 && status < 400 ? redirectTarget(answer, options) : '';
  const error = new ApiError(`HTTP ${status}${location}${describeError(answer, value, options)}`, {
    kind: 'status',
    status,
    retryAfterMs: retryAfterMs(answer.headers, [], options.now),
    advice: options.adviceFor?.(status),
  });
  return withCharge(error, value);
}

/** What a service charges for an error, it may say beside it; only then is an error status billed. */
function withCharge(error: ApiError, body: unknown): ApiError {
  const usage = isJsonObject(body) ? readUsage(body['usage']) : undefined;
  return usage === undefined || usage.total === 0 ? error : error.withUsage(usage, { isFinal: true });
}

/**
 * Reads the error in the JSON of an answer that came with a success status. Undefined when there is none, or none
 * that says which status it stands for.
 */
export function readErrorValue(
  value: unknown,
  answer: HttpAnswer,
  options: ErrorBodyOptions = {},
): ApiError | undefined {
  const details = readErrorDetails(value);
  if (details === undefined) return undefined;
  const code = Number(details.status);
  const status =
    Number.isInteger(code) && code >= 400 && code <= 599 ? code : HTTP_STATUSES.get(String(details.status));
  if (status === undefined) return undefined;
  return withCharge(toApiError(status, details, answer, { ...options, mayBeBilled: true }), value);
}

/** For a body that is no error of a known shape. */
function describeError(answer: HttpAnswer, value: unknown, options: ErrorBodyOptions): string {
  const quote = (): string => plainText(answer.text, { ...options, limit: MAX_QUOTE });
  // An answer, which holds what the record says, is not quoted.
  if (isJsonObject(value) && 'choices' in value) return ' with a completion';
  if (value !== undefined) return `, JSON without a message: ${quote()}`;
  const start = answer.text.trimStart();
  const isText = start !== '' && !/^[<[{]/.test(start) && !isEncoded(answer);
  return isText ? `: ${quote()}` : ` with ${describeBody(answer, options)}`;
}

/** HTTP mapping of google.rpc.Code, as google/rpc/code.proto documents it. */
const HTTP_STATUSES: ReadonlyMap<string, number> = new Map([
  ['INVALID_ARGUMENT', 400],
  ['FAILED_PRECONDITION', 400],
  ['OUT_OF_RANGE', 400],
  ['UNAUTHENTICATED', 401],
  ['PERMISSION_DENIED', 403],
  ['NOT_FOUND', 404],
  ['ABORTED', 409],
  ['ALREADY_EXISTS', 409],
  ['RESOURCE_EXHAUSTED', 429],
  ['CANCELLED', 499],
  ['UNKNOWN', 500],
  ['INTERNAL', 500],
  ['DATA_LOSS', 500],
  ['UNIMPLEMENTED', 501],
  ['UNAVAILABLE', 503],
  ['DEADLINE_EXCEEDED', 504],
]);

function toApiError(
  status: number,
  { message, codes, details }: ErrorDetails,
  answer: HttpAnswer,
  options: ErrorBodyOptions & { mayBeBilled?: boolean },
): ApiError {
  const { now, secrets = [], mayBeBilled } = options;
  const code = firstName(codes, secrets);
  const reason = firstName(
    details.map((detail) => detail['reason']),
    secrets,
  );
  const label = [`HTTP ${status}`, code, reason === undefined || reason === code ? undefined : `(${reason})`];
  const text = plainText([message || 'no message', ...fieldViolations(details)].join('; '), { secrets });
  return new ApiError(`${label.filter((part) => part !== undefined).join(' ')}: ${text}`, {
    kind: 'status',
    status,
    code,
    retryAfterMs: retryAfterMs(answer.headers, details, now),
    quotas: quotaNames(details, secrets),
    advice: options.adviceFor?.(status),
    mayBeBilled,
  });
}

/** `BadRequest.fieldViolations`: for some schema errors the only place that says what is wrong. */
function fieldViolations(details: readonly JsonObject[]): string[] {
  return objects(details, 'fieldViolations').map((violation) => {
    const parts = [violation['field'], violation['description']];
    return parts.filter((part) => typeof part === 'string' && part !== '').join(': ');
  });
}

/** Names from `QuotaFailure.violations` and `ErrorInfo.metadata`. */
function quotaNames(details: readonly JsonObject[], secrets: readonly string[]): string[] {
  const violations = objects(details, 'violations');
  const metadata = details.map((detail) => detail['metadata']).filter(isJsonObject);
  const names = [
    ...violations.flatMap((violation) => [violation['quotaId'], violation['quotaMetric'], violation['subject']]),
    ...metadata.flatMap((entry) => [entry['quota_limit'], entry['quota_id'], entry['quota_metric']]),
  ].filter((name) => typeof name === 'string' && name !== '');
  return [...new Set(names.slice(0, 20).map((name) => plainText(String(name), { limit: 200, secrets })))];
}

function objects(details: readonly JsonObject[], key: string): JsonObject[] {
  return details.flatMap((detail) => {
    const list = detail[key];
    return Array.isArray(list) ? list.slice(0, 20).filter(isJsonObject) : [];
  });
}

/** The first value that looks like a code: `RESOURCE_EXHAUSTED`, `rate_limit_exceeded`. A number only repeats the status. */
function firstName(values: readonly unknown[], secrets: readonly string[]): string | undefined {
  for (const value of values) {
    if (typeof value !== 'string') continue;
    const name = plainText(value, { limit: 64, secrets });
    if (/^[\w.-]+$/.test(name) && !/^\d+$/.test(name)) return name;
  }
  return undefined;
}

/** Only the host, and not one that a credential was written into. */
function redirectTarget({ headers }: HttpAnswer, { secrets = [] }: ErrorBodyOptions): string {
  const location = String(headers['location'] ?? '');
  const target = URL.canParse(location) ? new URL(location).origin : 'another path';
  return ` redirect to ${plainText(target, { limit: 100, secrets })} (not followed: check the base URL)`;
}
