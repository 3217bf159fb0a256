import type { Completion } from '../completion/response.ts';
import { isJsonObject } from '../json/value.ts';
import type { ZodSchema } from '../schema/zod-schema.ts';
import { clip } from './clip.ts';
import { hasChoices, readFinish } from './finish.ts';
import { judgeParsed } from './judge-text.ts';
import { parseAnswer, type ParsedAnswer } from './parse-answer.ts';
import { reject } from './reject-answer.ts';
import { diagnoseTruncation } from './truncation.ts';
import type { AnswerShape, AnswerVerdict, InvalidAnswer } from './verdict.ts';

// The door of the room: whoever judges answers imports from here.
export { judgeText, judgeValue } from './judge-text.ts';
export type { AnswerIssue, AnswerVerdict, InvalidAnswer, ValidAnswer } from './verdict.ts';

export interface JudgeAnswerOptions extends AnswerShape {
  /** The request's limit on output tokens, for the diagnosis of a cut-off answer; the tokens spent when absent. */
  maxTokens?: number | undefined;
}

/**
 * Decides whether a completion holds a usable answer, and names the reason if it does not. Most are judged at once. Never throws or rejects,
 * whatever the completion is and the schema's own checks do.
 */
export function judgeAnswer<Output>(
  completion: Completion,
  schema: ZodSchema<Output>,
  options: JudgeAnswerOptions = {},
): AnswerVerdict<Output> | Promise<AnswerVerdict<Output>> {
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
  if (answer !== undefined) {
    return judgeParsed(parseAnswer(answer, { schema: options.schema }), answer, schema, options);
  }
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
function judgeCutOff<Output>(
  { content: text, usage }: Completion,
  schema: ZodSchema<Output>,
  options: JudgeAnswerOptions,
): AnswerVerdict<Output> | Promise<AnswerVerdict<Output>> {
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

function quoteReason(reason: string | undefined): string {
  return JSON.stringify(clip(reason ?? '', 100));
}
