import { ApiError } from '../completion/api-error.ts';
import { isJsonObject, type JsonObject } from '../json/value.ts';
import { describeBody } from './body-description.ts';
import type { HttpAnswer } from './http-answer.ts';
import { plainText } from '../text/plain-text.ts';
import { retryAfterMs } from './retry-after.ts';

export interface ErrorBodyOptions {
  /** The time, in milliseconds since the epoch, that a Retry-After date counts from. Default now. */
  now?: number;
  /** Credentials in use, never to be repeated in a message. */
  secrets?: readonly string[];
}

/**
 * Reads an answer with an error status, whatever its body: google.rpc.Status as an object or, as the Chat Completions
 * route sends it, wrapped in an array; OpenAI's shape; HTML; nothing.
 */
export function readErrorBody(answer: HttpAnswer, options: ErrorBodyOptions = {}): ApiError {
  const { status, text } = answer;
  const details = errorObject(parseJson(text));
  if (details !== undefined) return toApiError(status, details, answer, options);
  const location = status >= 300 && status < 400 ? redirectTarget(answer, options) : '';
  return new ApiError(`HTTP ${status}${location} with ${describeBody(answer, options)}`, {
    kind: 'status',
    status,
    retryAfterMs: retryAfterMs(answer.headers, [], options.now),
  });
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
  const details = errorObject(value);
  if (details === undefined) return undefined;
  const code = details['code'];
  const status =
    typeof code === 'number' && Number.isInteger(code) && code >= 400 && code <= 599
      ? code
      : httpStatuses.get(String(details['status']));
  return status === undefined ? undefined : toApiError(status, details, answer, options);
}

/** HTTP mapping of google.rpc.Code, as google/rpc/code.proto documents it. */
const httpStatuses: ReadonlyMap<string, number> = new Map([
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

function toApiError(status: number, error: JsonObject, answer: HttpAnswer, options: ErrorBodyOptions): ApiError {
  const { now, secrets = [] } = options;
  const details = Array.isArray(error['details']) ? error['details'].filter(isJsonObject) : [];
  const code = firstName([error['status'], error['code'], error['type']], secrets);
  const reason = firstName(
    details.map((detail) => detail['reason']),
    secrets,
  );
  const label = [`HTTP ${status}`, code, reason === undefined || reason === code ? undefined : `(${reason})`];
  const message = typeof error['message'] === 'string' ? error['message'] : '';
  const text = plainText([message.trim() || 'no message', ...fieldViolations(details)].join('; '), { secrets });
  return new ApiError(`${label.filter((part) => part !== undefined).join(' ')}: ${text}`, {
    kind: 'status',
    status,
    code,
    retryAfterMs: retryAfterMs(answer.headers, details, now),
    quotas: quotaNames(details, secrets),
  });
}

/** The object that holds message and code, from any of the shapes. */
function errorObject(value: unknown): JsonObject | undefined {
  const outer: unknown = Array.isArray(value) ? value.find(isJsonObject) : value;
  if (!isJsonObject(outer)) return undefined;
  const error = outer['error'];
  if (typeof error === 'string') return { message: outer['error_description'] ?? error, code: error };
  if (isJsonObject(error)) return error;
  return undefined;
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

/** The first value that looks like a code: `RESOURCE_EXHAUSTED`, `rate_limit_exceeded`. */
function firstName(values: readonly unknown[], secrets: readonly string[]): string | undefined {
  for (const value of values) {
    if (typeof value !== 'string') continue;
    const name = plainText(value, { limit: 64, secrets });
    if (/^[\w.-]+$/.test(name)) return name;
  }
  return undefined;
}

/** Only the host, and not one that a credential was written into. */
function redirectTarget({ headers }: HttpAnswer, { secrets = [] }: ErrorBodyOptions): string {
  const location = String(headers['location'] ?? '');
  const target = URL.canParse(location) ? new URL(location).origin : 'another path';
  // A host name ends at the first character that it cannot have.
  const pieces = secrets.flatMap((secret) => [secret, ...secret.split(/[^\w.-]/).filter(({ length }) => length >= 8)]);
  return ` redirect to ${plainText(target, { limit: 100, secrets: pieces })} (not followed: check the base URL)`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
