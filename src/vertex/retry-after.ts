import { isJsonObject, type JsonObject, type JsonValue } from '../json/value.ts';
import type { HttpAnswer } from './http-answer.ts';

/** A longer wait is no pacing but an outage or nonsense. */
const LONGEST_MS = 3_600_000;

/**
 * How long the service asks us to wait, in milliseconds, at most an hour: the longest of the Retry-After headers and a
 * `RetryInfo` detail, undefined where there is neither.
 */
export function retryAfterMs(
  headers: HttpAnswer['headers'],
  details: readonly JsonObject[],
  now = Date.now(),
): number | undefined {
  const waits = [
    ...list(headers['retry-after-ms']).map((value) => number(value)),
    ...list(headers['retry-after']).map((value) => seconds(number(value)) ?? untilDate(value, now)),
    ...details.map((detail) => duration(detail['retryDelay'])),
  ].filter((wait) => wait !== undefined && Number.isFinite(wait) && wait >= 0);
  if (waits.length === 0) return undefined;
  return Math.ceil(Math.min(LONGEST_MS, Math.max(...waits.map(Number))));
}

function untilDate(value: string, now: number): number | undefined {
  // Date.parse takes nearly anything; an HTTP date names a weekday and a time.
  if (!/^[A-Za-z]{3,9},? .*\d\d:\d\d:\d\d/.test(value)) return undefined;
  return Math.max(0, Date.parse(value) - now);
}

/** google.protobuf.Duration: `"34.4s"` in JSON, or seconds and nanos. */
function duration(value: JsonValue | undefined): number | undefined {
  if (typeof value === 'string') return value.endsWith('s') ? seconds(number(value.slice(0, -1))) : undefined;
  if (!isJsonObject(value)) return undefined;
  const whole = number(String(value['seconds'] ?? 0));
  const nanos = number(String(value['nanos'] ?? 0));
  return whole === undefined || nanos === undefined ? undefined : whole * 1000 + nanos / 1_000_000;
}

function seconds(value: number | undefined): number | undefined {
  return value === undefined ? undefined : value * 1000;
}

function number(value: string): number | undefined {
  return /^\s*\d+(?:\.\d+)?\s*$/.test(value) ? Number(value) : undefined;
}

function list(value: string | string[] | undefined): string[] {
  return value === undefined ? [] : Array.isArray(value) ? value : [value];
}
