import type { Completion } from '../completion/response.ts';
import type { ValidationIssue, ValidationResult, ZodSchema } from '../schema/zod-schema.ts';
import { pointerToken } from '../json/pointer.ts';
import { isSameJson } from '../json/same-json.ts';
import { toPlainJson, type NotJson } from '../json/to-plain-json.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../json/value.ts';
import type { Coercion } from './coerce/coercion.ts';
import { findDroppedMember, type DroppedMember } from './find-dropped-member.ts';
import { hasChoices, readFinish } from './finish.ts';
import { parseAnswer, type AnswerRepair, type ParsedAnswer } from './parse-answer.ts';
import { PROBLEM_TABLE, type AnswerProblemCode } from './problem.ts';
import { diagnoseTruncation } from './truncation.ts';

/** One thing that is wrong with an answer. */
export interface AnswerIssue {
  /** JSON pointer into the answer, such as `/items/0/price`; empty for the whole answer. */
  path: string;
  /** As the schema words it; may quote the answer. */
  message: string;
}

export interface ValidAnswer<Output> {
  status: 'valid';
  /** What the schema made of the answer, after its transforms and defaults. */
  data: Output;
  /** `data` as it is written: plain JSON, taken from it once. */
  json: JsonValue;
  /** What the model answered, where that is not what `json` says. */
  answer?: JsonValue;
  /** How the answer had to be mended before its JSON could be read, where it had to. */
  repaired?: AnswerRepair;
  /** Where the answer was read in another form than it was written in, and by which rules. */
  coerced?: readonly Coercion[];
}

export interface InvalidAnswer {
  status: 'invalid';
  code: AnswerProblemCode;
  /** For people: what is wrong, with paths and expected types, and what to do; bounded, quotes no values. */
  message: string;
  /** The message's particulars alone, without meaning and advice. */
  reason: string;
  /** What the schema refused, at most 100 issues; empty for every other code. */
  issues: readonly AnswerIssue[];
  /** The answer as it came; undefined when the service sent no text. */
  text: string | undefined;
  /** Set where asking again would be paid for nothing, though it may help with other problems of this code. */
  isFinal?: true;
}

export type AnswerVerdict<Output> = ValidAnswer<Output> | InvalidAnswer;

/** What an answer is held against beside the zod schema. */
export interface AnswerShape {
  /** JSON Schema of what the model should write. Without one nothing is coerced, and unknown keys are dropped in silence. */
  schema?: JsonObject | undefined;
  /** Whether a value may be read in another form that says the same. Default true. */
  coerce?: boolean | undefined;
}

export interface JudgeAnswerOptions extends AnswerShape {
  /** The request's limit on output tokens, for the diagnosis of a cut-off answer; the tokens spent when absent. */
  maxTokens?: number | undefined;
}

const MAX_ISSUES = 100;
const MAX_NAMED_ISSUES = 3;
const MAX_PATH_LENGTH = 200;
const MAX_ISSUE_LENGTH = 300;

/**
 * Decides whether a completion holds a usable answer, and names the reason if it does not. Never rejects, whatever the
 * completion is and the schema's own checks do.
 */
export async function judgeAnswer<Output>(
  completion: Completion,
  schema: ZodSchema<Output>,
  options: JudgeAnswerOptions = {},
): Promise<AnswerVerdict<Output>> {
  const { content: text, refusal, finishReason, hasBrokenText } = completion;
  if (hasBrokenText === true) return reject('invalid_json', 'bytes of the answer are no UTF-8', text);
  if (refusal !== undefined) return reject('refusal', 'the model declined to answer', text);
  const finish = readFinish(finishReason);
  switch (finish) {
    case 'refusal':
    case 'content_filter':
    case 'unexpected':
      return reject(
        finish === 'unexpected' ? 'unexpected_finish' : finish,
        `the finish reason is ${quoteReason(finishReason)}`,
        text,
      );
    case 'length':
      return judgeCutOff(completion, schema, options);
    case 'stop':
    case 'tool_calls':
      break;
    default:
      return finish satisfies never;
  }
  const answer = text === undefined || text.trim() === '' ? answerInThoughts(completion) : text;
  if (answer !== undefined) return judgeText(answer, schema, options);
  return finish === 'stop'
    ? judgeBlank(completion)
    : reject('unexpected_finish', `the finish reason is ${quoteReason(finishReason)}, and there is no text`, text);
}

/** Servers that part thoughts from the answer may take an answer for one. A draft among thoughts is none. */
function answerInThoughts({ thoughts = '' }: Completion): string | undefined {
  const text = thoughts.trim();
  if (!text.startsWith('{')) return undefined;
  return parseAnswer(text).ok ? text : undefined;
}

/** An object that is complete was not cut off: the model ended at the very limit, or went on with white space. */
async function judgeCutOff<Output>(
  { content: text, usage }: Completion,
  schema: ZodSchema<Output>,
  options: JudgeAnswerOptions,
): Promise<AnswerVerdict<Output>> {
  const parsed = text === undefined ? undefined : parseAnswer(text, { repair: false, schema: options.schema });
  if (text !== undefined && parsed !== undefined && isWhole(parsed, text)) {
    return judgeParsed(parsed, text, schema, options);
  }
  if (text !== undefined && parsed?.ok === true && isJsonObject(parsed.value) && !/[[{]/.test(textAfter(text))) {
    return reject('invalid_json', 'words after the object were cut off, which may take it back', text);
  }
  const { code, evidence } = diagnoseTruncation(text ?? '', usage, options);
  return reject(code, evidence, text);
}

/** Words after a closed fence may be cut off as they like; those after a bare object may take it back. */
function isWhole(parsed: ParsedAnswer, text: string): boolean {
  if (!parsed.ok) return parsed.loss !== undefined;
  if (!isJsonObject(parsed.value)) return false;
  return parsed.repaired !== 'prose' || /^\s*(?:```|~~~)[^[{]*$/.test(textAfter(text));
}

function textAfter(text: string): string {
  return text.slice(text.lastIndexOf('}') + 1);
}

function judgeBlank(completion: Completion): InvalidAnswer {
  const { content, usage } = completion;
  if (content === undefined && !hasChoices(completion)) {
    // Vertex answers a blocked prompt with status 200, usage and no choices; asking again would be blocked again.
    return usage === undefined
      ? reject('unexpected_finish', 'the response holds neither choices nor usage', content)
      : reject('content_filter', 'the prompt was blocked: the response holds no choices', content);
  }
  return reject('empty_answer', 'the model ended normally without any text', content);
}

/** Judges the text of an answer that ended as it should. */
export function judgeText<Output>(
  text: string,
  schema: ZodSchema<Output>,
  shape: AnswerShape = {},
): Promise<AnswerVerdict<Output>> {
  return judgeParsed(parseAnswer(text, { schema: shape.schema }), text, schema, shape);
}

/** Judges a value that is made of an answer, such as one that holds pictures; `text` is what the model wrote. */
export async function judgeValue<Output>(
  value: unknown,
  text: string,
  schema: ZodSchema<Output>,
  shape: AnswerShape = {},
): Promise<AnswerVerdict<Output>> {
  return judgeParsed({ ok: true, value, repaired: undefined }, text, schema, shape);
}

/** Judges a value as it is; and, where that is refused and one other reading of it loses nothing, that. */
async function judgeParsed<Output>(
  parsed: ParsedAnswer,
  text: string,
  schema: ZodSchema<Output>,
  shape: AnswerShape,
): Promise<AnswerVerdict<Output>> {
  if (!parsed.ok) return rejectUnread(parsed, text);
  const asWritten = await judgeRead(parsed, text, schema, shape.schema);
  if (asWritten.status === 'valid' || asWritten.isFinal === true) return asWritten;
  if (shape.schema === undefined || shape.coerce === false) return asWritten;
  // Loaded here, because most answers fit.
  const { coerceAnswer } = await import('./coerce/coerce-answer.ts');
  const coerced = coerceAnswer(parsed.value as JsonValue, shape.schema);
  if (coerced === undefined) return asWritten;
  const verdict = await judgeRead({ ...parsed, value: coerced.value }, text, schema, shape.schema);
  if (verdict.status === 'invalid') return asWritten;
  // The model's own words, so that the same is made of them on another day.
  return { ...verdict, answer: parsed.value as JsonValue, coerced: coerced.coercions };
}

async function judgeRead<Output>(
  parsed: ParsedAnswer & { ok: true },
  text: string,
  schema: ZodSchema<Output>,
  shape: JsonObject | undefined,
): Promise<AnswerVerdict<Output>> {
  try {
    const result = await validate(schema, parsed.value);
    if (result.issues === undefined) return conclude(result.value, parsed, text, shape);
    // What the schema refuses was mended wrongly: the fault to name, to people and to the model, is the text's.
    if (parsed.repaired === 'notation') {
      return reject(
        'invalid_json',
        'the text is not valid JSON, and mending it gave nothing that fits the schema',
        text,
      );
    }
    return rejectIssues(result.issues, text);
  } catch (error) {
    return rejectThrown(error, text);
  }
}

/** Digits that cannot be kept are no mistake of the model: asked again, it could only round them. */
function rejectUnread({ message, loss }: ParsedAnswer & { ok: false }, text: string): InvalidAnswer {
  if (loss?.kind !== 'inexact-number') {
    const issues = loss === undefined ? [] : [{ path: cut(loss.path, MAX_PATH_LENGTH), message }];
    return reject('invalid_json', issues.map(nameIssue)[0] ?? message, text, issues);
  }
  const issue: AnswerIssue = { path: cut(loss.path, MAX_PATH_LENGTH), message };
  const reason = nameIssue(issue);
  return {
    ...reject('schema_violation', reason, text, [issue]),
    message: `The answer cannot be kept as it is: ${reason}; make it a string in the schema`,
    isFinal: true,
  };
}

/**
 * zod's Standard Schema `validate` first tries without waiting. For an asynchronous check it then drops the promise and
 * starts over, and if the dropped one rejects, the process ends with an unhandled rejection. Its `safeParseAsync`, which
 * zod 3, zod 4 and zod/mini share, runs every check once; it costs a few microseconds more.
 */
async function validate<Output>(schema: ZodSchema<Output>, value: unknown): Promise<ValidationResult<Output>> {
  if (!hasSafeParseAsync(schema)) return schema['~standard'].validate(value);
  const result = await schema.safeParseAsync(value);
  return result.success ? { value: result.data } : { issues: result.error.issues };
}

interface AsyncParser<Output> {
  safeParseAsync(
    value: unknown,
  ): Promise<{ success: true; data: Output } | { success: false; error: { issues: readonly ValidationIssue[] } }>;
}

function hasSafeParseAsync<Output>(schema: ZodSchema<Output>): schema is ZodSchema<Output> & AsyncParser<Output> {
  return 'safeParseAsync' in schema && typeof schema.safeParseAsync === 'function';
}

function conclude<Output>(
  data: Output,
  { value, repaired }: ParsedAnswer & { ok: true },
  text: string,
  shape: JsonObject | undefined,
): AnswerVerdict<Output> {
  const answer = value as JsonValue;
  let verdict: ValidAnswer<Output>;
  if (isSameJson(data, answer)) {
    // The usual case: without transforms, the answer itself is the data, and cannot change its mind.
    verdict = { status: 'valid', data, json: answer };
  } else {
    // What the schema made of it may lack what it did not know.
    const dropped = shape && findDroppedMember(answer, data, shape);
    if (dropped !== undefined) return rejectDropped(dropped, text);
    const plain = toPlainJson(data);
    if ('problem' in plain) return rejectUnwritable(plain, text);
    verdict = { status: 'valid', data, json: plain.value };
    // Defaults aside, it may still say the same.
    if (!isSameJson(plain.value, answer)) verdict.answer = answer;
  }
  if (repaired !== undefined) verdict.repaired = repaired;
  return verdict;
}

/** Dropping it may drop what was asked for, under another name. */
function rejectDropped({ path, missing }: DroppedMember, text: string): InvalidAnswer {
  const message = `there is a key that the schema does not have, while "${missing}" is missing; write every key as the schema names it`;
  return rejectIssues([{ path, message }], text);
}

/** The schema's own transforms made it of an answer that is valid, and would make it of every other. */
function rejectUnwritable({ path, problem }: NotJson, text: string): InvalidAnswer {
  const issue: AnswerIssue = { path, message: `the schema made ${problem}, which JSON cannot hold` };
  const reason = nameIssue(issue);
  return {
    ...reject('schema_violation', reason, text, [issue]),
    message: `The answer is valid, but cannot be written: ${reason}; have the schema's transforms make texts, numbers, lists or plain objects, or refuse such an answer`,
    isFinal: true,
  };
}

function rejectIssues(given: readonly ValidationIssue[], text: string): InvalidAnswer {
  const issues = given.slice(0, MAX_ISSUES).map(readIssue);
  const named = issues.slice(0, MAX_NAMED_ISSUES).map(nameIssue);
  const rest = given.length - named.length;
  if (rest > 0) named.push(`${rest} more`);
  return reject('schema_violation', named.join('; '), text, issues);
}

/** A check that throws says nothing about the run: only this answer is refused. */
function rejectThrown(error: unknown, text: string): InvalidAnswer {
  if (error instanceof RangeError && error.message.includes('call stack')) {
    return reject('invalid_json', 'brackets are nested too deeply for the schema', text);
  }
  const name = error instanceof Error ? cut(error.name, 50) : typeof error;
  const detail = error instanceof Error ? `: ${error.message}` : '';
  const message = cut(`the schema's own check threw: ${name}${detail}`, MAX_ISSUE_LENGTH);
  // The error's own words may quote the answer, so the message for people leaves them to the issue.
  return reject('schema_violation', `the schema's own check threw: ${name}`, text, [{ path: '', message }]);
}

function reject(
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
    return `/${pointerToken(cut(String(key), MAX_PATH_LENGTH))}`;
  });
  return { path: cut(pointer.join(''), MAX_PATH_LENGTH), message: cut(String(message), MAX_ISSUE_LENGTH) };
}

/** zod 3 quotes the value after "received" for enums and literals; type names stand there without quotes. */
function nameIssue({ path, message }: AnswerIssue): string {
  const withoutValue = message.replace(/, received ['"].*$/s, '');
  return path === '' ? withoutValue : `${path}: ${withoutValue}`;
}

function quoteReason(reason: string | undefined): string {
  return JSON.stringify(cut(reason ?? '', 100));
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}
