import type { ChatMessage } from '../completion/request.ts';
import { valueAt, withValueAt } from '../json/at-pointer.ts';
import { isSameJson } from '../json/same-json.ts';
import type { JsonObject, JsonValue } from '../json/value.ts';
import type { Conflict, Merged } from './merge-parts.ts';

/** The instructions again, and what the parts say with the lines in which it stands. */
export function decisionMessages(
  messages: readonly ChatMessage[],
  merged: Merged,
  texts: readonly string[],
): ChatMessage[] {
  const system = messages.filter(({ role }) => role === 'system');
  const questions = merged.conflicts.map(({ path, values }) => {
    const candidates = values.map(({ value, chunks: where }) => {
      const lines = where.flatMap((chunk) => linesWith(value, texts[chunk - 1] ?? ''));
      const shown = lines.length === 0 ? 'stands in no line as it is' : lines.slice(0, 3).join('\n    ');
      return `  - ${JSON.stringify(value)}\n    ${shown}`;
    });
    return `${path}:\n${candidates.join('\n')}`;
  });
  const content = [
    'The record was read in parts, and they differ in some fields. Here is what each of them said, with the lines in which it stands:',
    ...questions,
    'Answer with the complete JSON object below. Give each of these fields the value that is right for the record as a whole, one of those above; leave everything else as it is.',
    JSON.stringify(merged.value),
  ].join('\n\n');
  return [...system, { role: 'user', content }];
}

const MOST_OF_A_LINE = 300;

function linesWith(value: JsonValue, text: string): string[] {
  const wanted = typeof value === 'string' ? value : JSON.stringify(value);
  return text
    .split('\n')
    .filter((line) => line.includes(wanted))
    .map((line) => line.trim().slice(0, MOST_OF_A_LINE));
}

/** The merged answer with what the model has chosen among the values on record. */
export function decided(merged: Merged, answer: JsonValue): Merged {
  let value: JsonValue = merged.value;
  const confidence = merged.confidence && { ...merged.confidence };
  const logprobs = merged.logprobs && { ...merged.logprobs };
  const conflicts = merged.conflicts.map((conflict): Conflict => {
    const chosen = valueAt(answer, conflict.path);
    const wanted = conflict.values.find((one) => chosen !== undefined && isSameJson(one.value, chosen));
    const changed = wanted && withValueAt(value, conflict.path, wanted.value);
    if (wanted === undefined || changed === undefined) return conflict;
    value = changed;
    // It was said of the value that stood here.
    delete confidence?.[conflict.path];
    delete logprobs?.[conflict.path];
    return { ...conflict, decided: wanted.value };
  });
  return {
    value: value as JsonObject,
    conflicts,
    ...(confidence === undefined ? {} : { confidence }),
    ...(logprobs === undefined ? {} : { logprobs }),
  };
}
