import { ApiError } from '../completion/api-error.ts';
import { readCompletion, type Completion } from '../completion/response.ts';
import { isJsonObject, type JsonObject } from '../json/value.ts';
import { toCompletionBody } from '../native/from-native-response.ts';
import { plainText } from '../text/plain-text.ts';

/** What a line of a job's output says. */
export type LineAnswer = { completion: Completion } | { error: ApiError };

const WITH_ERROR = /^[^{]*(\{.*\})\s*$/s;

/** Reads the answer of a line: a completion, or why there is none. */
export function readLineAnswer(line: JsonObject): LineAnswer {
  const { status, response } = line;
  if (typeof status === 'string' && status !== '') return { error: readStatus(status) };
  const completion =
    isJsonObject(response) && Object.keys(response).length > 0 ? readCompletion(toCompletionBody(response)) : undefined;
  if (completion !== undefined) return { completion };
  return {
    error: new ApiError('The line of the batch job holds no answer', { kind: 'unreadable', mayBeBilled: true }),
  };
}

/** A phrase, and mostly an error of Google's in JSON behind it. */
function readStatus(text: string): ApiError {
  const found = WITH_ERROR.exec(text)?.[1];
  const value = found === undefined ? undefined : parse(found);
  const error = isJsonObject(value) && isJsonObject(value['error']) ? value['error'] : undefined;
  const code = Number(error?.['code']);
  const status = Number.isInteger(code) && code >= 400 && code <= 599 ? code : statusOfPhrase(text);
  const name = typeof error?.['status'] === 'string' ? error['status'] : undefined;
  const message = plainText(typeof error?.['message'] === 'string' ? error['message'] : text, { limit: 300 });
  return new ApiError(`The batch job answers ${status}${name === undefined ? '' : ` ${name}`}: ${message}`, {
    kind: 'status',
    status,
    code: name,
    mayBeBilled: false,
  });
}

const PHRASES: readonly (readonly [RegExp, number])[] = [
  [/bad request|invalid argument/i, 400],
  [/permission|forbidden/i, 403],
  [/not found/i, 404],
  [/too many requests|exhausted|quota/i, 429],
  [/deadline|timeout|timed out/i, 504],
  [/unavailable/i, 503],
];

/** Of a text without a code: what is not known may pass. */
function statusOfPhrase(text: string): number {
  return PHRASES.find(([pattern]) => pattern.test(text))?.[1] ?? 500;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
