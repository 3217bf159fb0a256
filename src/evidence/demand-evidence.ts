import type { AnswerIssue, AnswerVerdict, InvalidAnswer } from '../answer/judge-answer.ts';
import { PROBLEM_TABLE } from '../answer/problem.ts';
import type { ChatMessage } from '../completion/request.ts';
import type { Extraction } from '../extraction/definition.ts';
import { valueAt } from '../json/at-pointer.ts';
import type { JsonObject, JsonValue } from '../json/value.ts';
import type { RecordFields } from '../records/record.ts';
import { fieldOfPointer } from '../json/pointer.ts';
import { findEvidence } from './find-evidence.ts';
import { compileRecordTexts } from './record-texts.ts';

/** A record as it was asked for. */
export interface AskedRecord {
  fields: RecordFields;
  messages: readonly ChatMessage[];
}

/** Turns a valid answer whose values do not stand in the record into an invalid one; `text` is the answer as it came. */
export type EvidenceDemand = (
  verdict: AnswerVerdict<unknown>,
  record: AskedRecord,
  text: string,
) => AnswerVerdict<unknown>;

const MAX_ISSUES = 20;
const MAX_QUOTED = 200;

/**
 * Prepares what `requireEvidence` of a definition demands. A value that is null demands nothing, and neither does one that no text can
 * show: a choice of a closed set, or anything of a record with pictures.
 */
export function compileEvidenceDemand(
  extraction: Pick<Extraction, 'prompt'> & { requireEvidence: readonly string[] },
  schema: JsonObject,
): EvidenceDemand {
  const { requireEvidence: required } = extraction;
  const textsOf = compileRecordTexts(extraction);
  const isRequired = (field: string): boolean =>
    required.some((name) => field === name || field.startsWith(`${name}.`) || field.startsWith(`${name}[`));
  return (verdict, { fields, messages }, text) => {
    if (verdict.status === 'invalid') return verdict;
    const { texts, hasMedia } = textsOf(fields, messages);
    if (hasMedia) return verdict;
    const missing = findEvidence(verdict.json, texts, { schema, answer: verdict.answer }).filter(
      ({ path, match }) => match === 'none' && isRequired(fieldOfPointer(path)),
    );
    if (missing.length === 0) return verdict;
    return notGrounded(
      missing.map(({ path }) => ({ path, value: valueAt(verdict.json, path) })),
      text,
    );
  };
}

function notGrounded(missing: readonly { path: string; value: JsonValue | undefined }[], text: string): InvalidAnswer {
  const { meaning, advice } = PROBLEM_TABLE.not_grounded;
  const issues: AnswerIssue[] = missing.slice(0, MAX_ISSUES).map(({ path, value }) => ({
    path,
    message: `${quote(value)} does not stand in the record; give what stands there, or null where the schema allows it`,
  }));
  const reason = missing
    .slice(0, MAX_ISSUES)
    .map(({ path }) => path)
    .join(', ');
  return { status: 'invalid', code: 'not_grounded', message: `${meaning}: ${reason}; ${advice}`, reason, issues, text };
}

function quote(value: JsonValue | undefined): string {
  const text = JSON.stringify(value ?? null);
  return text.length <= MAX_QUOTED ? text : `${text.slice(0, MAX_QUOTED - 1)}…`;
}
