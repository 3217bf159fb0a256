import type { Completion } from '../completion/response.ts';
import type { ValidationIssue, ValidationResult, ZodSchema } from '../schema/zod-schema.ts';
import { isJsonObject } from '../json/value.ts';
import { readFinish } from './finish.ts';
import { parseAnswer, type ParsedAnswer } from './parse-answer.ts';
import { problemTable, type AnswerProblemCode } from './problem.ts';
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
  /** Whether anything had to be taken off or mended before the JSON could be read. */
  repaired: boolean;
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
}

export type AnswerVerdict<Output> = ValidAnswer<Output> | InvalidAnswer;

export interface JudgeAnswerOptions {
  /** The request's limit on output tokens, for the diagnosis of a cut-off answer; the tokens spent when absent. */
  maxTokens?: number | undefined;
}

const maxIssues = 100;
const maxNamedIssues = 3;
const maxPathLength = 200;
const maxIssueLength = 300;

/**
 * Decides whether a completion holds a usable answer, and names the reason if it does not. Never rejects, whatever the
 * completion is and the schema's own checks do.
 */
export async function judgeAnswer<Output>(
  completion: Completion,
  schema: ZodSchema<Output>,
  options: JudgeAnswerOptions = {},
): Promise<AnswerVerdict<Output>> {
  const { content: text, refusal, finishReason } = completion;
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
      break;
    default:
      return finish satisfies never;
  }
  if (text === undefined || text.trim() === '') return judgeBlank(completion);
  return judgeParsed(parseAnswer(text), text, schema);
}

/** An object that is complete was not cut off: the model ended at the very limit, or went on with white space. */
async function judgeCutOff<Output>(
  { content: text, usage }: Completion,
  schema: ZodSchema<Output>,
  options: JudgeAnswerOptions,
): Promise<AnswerVerdict<Output>> {
  const parsed = text === undefined ? undefined : parseAnswer(text, { repair: false });
  const isComplete = parsed?.ok === true && parsed.repaired !== 'prose' && isJsonObject(parsed.value);
  if (text !== undefined && isComplete) return judgeParsed(parsed, text, schema);
  const { code, evidence } = diagnoseTruncation(text ?? '', usage, options);
  return reject(code, evidence, text);
}

function judgeBlank({ content, raw }: Completion): InvalidAnswer {
  const choices = raw['choices'];
  // Vertex answers a blocked prompt with status 200 and no choices; asking again would be blocked again.
  const isBlocked = content === undefined && !(Array.isArray(choices) && choices.length > 0);
  return isBlocked
    ? reject('content_filter', 'the prompt was blocked: the response holds no choices', content)
    : reject('empty_answer', 'the model ended normally without any text', content);
}

/** Judges a value that is made of an answer, such as one that holds pictures; `text` is what the model wrote. */
export async function judgeValue<Output>(
  value: unknown,
  text: string,
  schema: ZodSchema<Output>,
): Promise<AnswerVerdict<Output>> {
  return judgeParsed({ ok: true, value, repaired: 'none' } as ParsedAnswer, text, schema);
}

async function judgeParsed<Output>(
  parsed: ParsedAnswer,
  text: string,
  schema: ZodSchema<Output>,
): Promise<AnswerVerdict<Output>> {
  if (!parsed.ok) return reject('invalid_json', parsed.message, text);
  try {
    const result = await validate(schema, parsed.value);
    // What the schema refuses was mended wrongly: the fault to name, to people and to the model, is the text's.
    if (parsed.repaired === 'repair' && result.issues !== undefined) {
      return reject(
        'invalid_json',
        'the text is not valid JSON, and mending it gave nothing that fits the schema',
        text,
      );
    }
    return conclude(result, text, parsed.repaired !== 'none');
  } catch (error) {
    return rejectThrown(error, text);
  }
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

function conclude<Output>(result: ValidationResult<Output>, text: string, repaired: boolean): AnswerVerdict<Output> {
  if (result.issues === undefined) return { status: 'valid', data: result.value, repaired };
  const issues = result.issues.slice(0, maxIssues).map(readIssue);
  const named = issues.slice(0, maxNamedIssues).map(nameIssue);
  const rest = result.issues.length - named.length;
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
  const message = cut(`the schema's own check threw: ${name}${detail}`, maxIssueLength);
  // The error's own words may quote the answer, so the message for people leaves them to the issue.
  return reject('schema_violation', `the schema's own check threw: ${name}`, text, [{ path: '', message }]);
}

function reject(
  code: AnswerProblemCode,
  reason: string,
  text: string | undefined,
  issues: readonly AnswerIssue[] = [],
): InvalidAnswer {
  const { meaning, advice } = problemTable[code];
  return { status: 'invalid', code, message: `${meaning}: ${reason}; ${advice}`, reason, issues, text };
}

function readIssue({ path = [], message }: ValidationIssue): AnswerIssue {
  const pointer = path.map((segment) => {
    const key = typeof segment === 'object' ? segment.key : segment;
    return `/${cut(String(key), maxPathLength).replaceAll('~', '~0').replaceAll('/', '~1')}`;
  });
  return { path: cut(pointer.join(''), maxPathLength), message: cut(String(message), maxIssueLength) };
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
