import type { JsonValue } from '../../json/value.ts';
import { errorBody, JSON_CONTENT_TYPE, type GoogleError } from '../service/google-error.ts';

/** An answer of the emulated storage or job service. */
export interface CloudReply {
  status: number;
  headers: Record<string, string>;
  body: Buffer | string;
  /** Whether the connection breaks in the middle of the body, or, without a body, before the answer. */
  isBroken?: boolean;
}

export function json(value: JsonValue, status = 200): CloudReply {
  return { status, headers: { 'content-type': JSON_CONTENT_TYPE }, body: JSON.stringify(value) };
}

export function empty(status: number, headers: Record<string, string> = {}): CloudReply {
  return { status, headers, body: '' };
}

export function failure(error: GoogleError): CloudReply {
  const { contentType, text } = errorBody(error, 'object');
  return { status: error.code, headers: contentType === undefined ? {} : { 'content-type': contentType }, body: text };
}

export function notFound(what: string): CloudReply {
  return failure({ code: 404, status: 'NOT_FOUND', message: `${what} was not found.` });
}
