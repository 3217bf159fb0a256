import { JSON_CONTENT_TYPE } from '../../service/google-error.ts';
import type { CloudReply } from '../cloud-reply.ts';

/** An error as BigQuery words it. */
export interface BigQueryError {
  code: number;
  reason: string;
  message: string;
}

const STATUS: Readonly<Record<number, string>> = {
  400: 'INVALID_ARGUMENT',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  409: 'ALREADY_EXISTS',
  503: 'UNAVAILABLE',
};

/** Its bodies name a reason beside the status that all of Google's services name. */
export function refused({ code, reason, message }: BigQueryError): CloudReply {
  const error = { code, message, errors: [{ message, domain: 'global', reason }], status: STATUS[code] ?? 'UNKNOWN' };
  return { status: code, headers: { 'content-type': JSON_CONTENT_TYPE }, body: JSON.stringify({ error }, null, 2) };
}

export function noSuch(what: string): BigQueryError {
  return { code: 404, reason: 'notFound', message: `Not found: ${what}` };
}

export function alreadyThere(what: string): BigQueryError {
  return { code: 409, reason: 'duplicate', message: `Already Exists: ${what}` };
}

export function invalid(message: string): BigQueryError {
  return { code: 400, reason: 'invalid', message };
}

export function invalidQuery(message: string): BigQueryError {
  return { code: 400, reason: 'invalidQuery', message };
}

/** What a job or a call ends with. */
export class BigQueryFailure extends Error {
  readonly error: BigQueryError;

  constructor(error: BigQueryError) {
    super(error.message);
    this.error = error;
  }
}
