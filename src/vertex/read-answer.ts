import { parseJson } from '../json/parse-json.ts';
import { ApiError } from '../completion/api-error.ts';
import { readCompletion, type Completion, type ReadCompletionOptions } from '../completion/response.ts';
import { readUsage } from '../completion/usage.ts';
import { isJsonObject } from '../json/value.ts';
import { describeBody } from './body-description.ts';
import { readErrorValue, type ErrorBodyOptions } from './error-body.ts';
import type { HttpAnswer } from './http-answer.ts';
import { plainName } from '../text/plain-text.ts';

/**
 * Reads the answer to a call that the service says went well.
 *
 * @throws {ApiError} for a body that is no completion, and for an error that came as a success
 */
export function readAnswer(answer: HttpAnswer, options: ErrorBodyOptions & ReadCompletionOptions = {}): Completion {
  const value = parseJson(withoutMark(answer.text));
  const { secrets, thoughtTagMarker } = options;
  const completion = readCompletion(value, { thoughtTagMarker, cleanName: (name) => plainName(name, secrets) });
  if (completion !== undefined) return answer.isBroken === true ? { ...completion, hasBrokenText: true } : completion;
  const error = value === undefined ? undefined : readErrorValue(value, answer, options);
  if (error !== undefined) throw error;
  const what = value === undefined ? describeBody(answer, options) : 'JSON that is no completion';
  const unreadable = new ApiError(`HTTP ${answer.status} with ${what}`, { kind: 'unreadable', status: answer.status });
  const usage = isJsonObject(value) ? readUsage(value['usage']) : undefined;
  throw usage === undefined ? unreadable : unreadable.withUsage(usage, { isFinal: true });
}

function withoutMark(text: string): string {
  return text.charCodeAt(0) === 0xfe_ff ? text.slice(1) : text;
}
