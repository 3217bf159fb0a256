import { pointerToken } from '../json/pointer.ts';
import type { NotJson } from '../json/to-plain-json.ts';
import type { ValidationIssue } from '../schema/zod-schema.ts';
import { clip } from './clip.ts';
import type { DroppedMember } from './find-dropped-member.ts';
import type { ParsedAnswer } from './parse-answer.ts';
import { PROBLEM_TABLE, type AnswerProblemCode } from './problem.ts';
import type { AnswerIssue, InvalidAnswer } from './verdict.ts';

const MAX_ISSUES = 100;
const MAX_NAMED_ISSUES = 3;
const MAX_PATH_LENGTH = 200;
const MAX_ISSUE_LENGTH = 300;

/** Digits that cannot be kept are no mistake of the model: asked again, it could only round them. */
export function rejectUnread({ message, loss }: ParsedAnswer & { ok: false }, text: string): InvalidAnswer {
  if (loss?.kind !== 'inexact-number') {
    const issues = loss === undefined ? [] : [{ path: clip(loss.path, MAX_PATH_LENGTH), message }];
    return reject('invalid_json', issues.map(nameIssue)[0] ?? message, text, issues);
  }
  const issue: AnswerIssue = { path: clip(loss.path, MAX_PATH_LENGTH), message };
  const reason = nameIssue(issue);
  return {
    ...reject('schema_violation', reason, text, [issue]),
    message: `The answer cannot be kept as it is: ${reason}; make it a string in the schema`,
    isFinal: true,
  };
}

/** Dropping it may drop what was asked for, under another name. */
export function rejectDropped({ path, missing }: DroppedMember, text: string): InvalidAnswer {
  const message = `there is a key that the schema does not have, while "${missing}" is missing; write every key as the schema names it`;
  return rejectIssues([{ path, message }], text);
}

/** The schema's own transforms made it of an answer that is valid, and would make it of every other. */
export function rejectUnwritable({ path, problem }: NotJson, text: string): InvalidAnswer {
  const issue: AnswerIssue = { path, message: `the schema made ${problem}, which JSON cannot hold` };
  const reason = nameIssue(issue);
  return {
    ...reject('schema_violation', reason, text, [issue]),
    message: `The answer is valid, but cannot be written: ${reason}; have the schema's transforms make texts, numbers, lists or plain objects, or refuse such an answer`,
    isFinal: true,
  };
}

export function rejectIssues(given: readonly ValidationIssue[], text: string): InvalidAnswer {
  const issues = given.slice(0, MAX_ISSUES).map(readIssue);
  const named = issues.slice(0, MAX_NAMED_ISSUES).map(nameIssue);
  const rest = given.length - named.length;
  if (rest > 0) named.push(`${rest} more`);
  return reject('schema_violation', named.join('; '), text, issues);
}

/** A check that throws says nothing about the run: only this answer is refused. */
export function rejectThrown(error: unknown, text: string): InvalidAnswer {
  if (error instanceof RangeError && error.message.includes('call stack')) {
    return reject('invalid_json', 'brackets are nested too deeply for the schema', text);
  }
  const name = error instanceof Error ? clip(error.name, 50) : typeof error;
  const detail = error instanceof Error ? `: ${error.message}` : '';
  const message = clip(`the schema's own check threw: ${name}${detail}`, MAX_ISSUE_LENGTH);
  // The error's own words may quote the answer, so the message for people leaves them to the issue.
  return reject('schema_violation', `the schema's own check threw: ${name}`, text, [{ path: '', message }]);
}

/** An answer that cannot be used, with the words for it. */
export function reject(
  code: AnswerProblemCode,
  reason: string,
  text: string | undefined,
  issues: readonly AnswerIssue[] = [],
): InvalidAnswer {
  const { meaning, advice } = PROBLEM_TABLE[code];
  return { status: 'invalid', code, message: `${meaning}: ${reason}; ${advice}`, reason, issues, text };
}

function readIssue({ path = [], message }: ValidationIssue): AnswerIssue {
  const pointer = path.map((segment) => {
    const key = typeof segment === 'object' ? segment.key : segment;
    return `/${pointerToken(clip(String(key), MAX_PATH_LENGTH))}`;
  });
  return { path: clip(pointer.join(''), MAX_PATH_LENGTH), message: clip(String(message), MAX_ISSUE_LENGTH) };
}

/** zod 3 quotes the value after "received" for enums and literals; type names stand there without quotes. */
function nameIssue({ path, message }: AnswerIssue): string {
  const withoutValue = message.replace(/, received ['"].*$/s, '');
  return path === '' ? withoutValue : `${path}: ${withoutValue}`;
}
