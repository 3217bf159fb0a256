import { isSameJson } from '../json/same-json.ts';
import { toPlainJson } from '../json/to-plain-json.ts';
import type { JsonObject, JsonValue } from '../json/value.ts';
import type { ValidationResult, ZodSchema } from '../schema/zod-schema.ts';
import { findDroppedMember } from './find-dropped-member.ts';
import { parseAnswer, type ParsedAnswer } from './parse-answer.ts';
import { reject, rejectDropped, rejectIssues, rejectThrown, rejectUnread, rejectUnwritable } from './reject-answer.ts';
import { validate } from './validate.ts';
import type { AnswerShape, AnswerVerdict, ValidAnswer } from './verdict.ts';

/** Judges the text of an answer that ended as it should. */
export async function judgeText<Output>(
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

/**
 * Judges a value as it is; and, where that is refused and one other reading of it loses nothing, that. Most answers are judged at once, by
 * schemas that wait for nothing.
 */
export function judgeParsed<Output>(
  parsed: ParsedAnswer,
  text: string,
  schema: ZodSchema<Output>,
  shape: AnswerShape,
): AnswerVerdict<Output> | Promise<AnswerVerdict<Output>> {
  if (!parsed.ok) return rejectUnread(parsed, text);
  const asWritten = judgeRead(parsed, text, schema, shape.schema);
  if ('status' in asWritten && asWritten.status === 'valid') return asWritten;
  return judgeOtherwise(asWritten, { parsed, text, schema, shape });
}

async function judgeOtherwise<Output>(
  read: AnswerVerdict<Output> | Promise<AnswerVerdict<Output>>,
  {
    parsed,
    text,
    schema,
    shape,
  }: { parsed: ParsedAnswer & { ok: true }; text: string; schema: ZodSchema<Output>; shape: AnswerShape },
): Promise<AnswerVerdict<Output>> {
  const asWritten = await read;
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

function judgeRead<Output>(
  parsed: ParsedAnswer & { ok: true },
  text: string,
  schema: ZodSchema<Output>,
  shape: JsonObject | undefined,
): AnswerVerdict<Output> | Promise<AnswerVerdict<Output>> {
  const judgeResult = (result: ValidationResult<Output>): AnswerVerdict<Output> => {
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
  };
  try {
    const result = validate(schema, parsed.value);
    if (!('then' in result)) return judgeResult(result);
    return result.then(judgeResult).catch((error: unknown) => rejectThrown(error, text));
  } catch (error) {
    return rejectThrown(error, text);
  }
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
