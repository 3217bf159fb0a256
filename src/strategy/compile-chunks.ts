import { mergeParts } from '../chunks/merge-parts.ts';
import { splitText } from '../chunks/split-text.ts';
import { comparatorsOver } from '../eval/comparators-for.ts';
import type { ChunkOption } from '../extraction/definition.ts';
import { columnsOf, parseTemplate } from '../extraction/template.ts';
import { GleanerError } from '../gleaner-error.ts';
import type { RecordTask, Strategy } from '../run/ports.ts';
import type { PreparedExtraction, ReadingPlan } from '../run/prepare-extraction.ts';
import type { SingleStageOptions } from '../run/record/single-stage.ts';
import { chunked, type ChunkQuestion } from './chunks.ts';

/**
 * Prepares how an extraction reads long records.
 *
 * @throws {GleanerError} where it is not clear which field is the long one
 */
export function compileChunks(
  prepared: PreparedExtraction,
  chunk: ChunkOption,
  { judge, reading }: { judge: SingleStageOptions['judge']; reading: Strategy },
): Strategy {
  const { reading: plan, derived, judgeAgain } = prepared;
  const field = chunk.field ?? onlyFieldOf(plan);
  const comparators = comparatorsOver(derived.outputSchema, plan.evaluate);
  return chunked({
    judge,
    reading,
    split: (task) => questionsOf(task, field, chunk, prepared),
    passes: chunk.passes ?? 1,
    askForConflicts: chunk.merge === 'ask',
    merge: (parts) => mergeParts(parts, comparators),
    judgeAgain: (answer, { fields, messages }) => judgeAgain(answer, { fields, messages }),
  });
}

function onlyFieldOf({ name, prompt }: ReadingPlan): string {
  const columns = typeof prompt === 'string' ? columnsOf(parseTemplate(prompt)) : [];
  const [only] = columns;
  if (only !== undefined && columns.length === 1) return only;
  const why = columns.length === 0 ? 'its prompt names none' : `its prompt names ${columns.join(', ')}`;
  throw new GleanerError(
    'definition-invalid',
    `Cannot read the records of ${name} in parts: say which field holds the long text as chunk.field; ${why}`,
  );
}

function questionsOf(
  task: RecordTask,
  field: string,
  { chars, at = 'paragraph', overlap = 0, context = 0 }: ChunkOption,
  { name, prompt }: PreparedExtraction,
): ChunkQuestion[] {
  const { fields, messages } = task;
  const whole = Object.hasOwn(fields, field) ? fields[field] : undefined;
  // What is no text, or short enough, is asked for as it is.
  if (typeof whole !== 'string' || whole.length <= chars)
    return [{ messages, text: typeof whole === 'string' ? whole : '', start: 0 }];
  const chunks = splitText(whole, { chars, at, overlap }).filter(({ own, end }) => whole.slice(own, end).trim() !== '');
  return chunks.map(({ start, end }) => {
    const text = whole.slice(start, end);
    const shown = withContext(whole.slice(Math.max(0, start - context), start), text);
    const rendered = prompt.render({ ...fields, [field]: shown });
    if (!rendered.ok) throw unusable(name, rendered.message);
    if (rendered.messages.some(({ content }) => Array.isArray(content)))
      throw unusable(name, 'its prompt gives content parts, and only a text can be read in parts');
    return { messages: rendered.messages, text, start };
  });
}

function withContext(before: string, text: string): string {
  if (before.trim() === '') return text;
  return `[What stands before, for context only; take nothing from it:]\n${before.trim()}\n\n[The part to read:]\n${text}`;
}

function unusable(name: string, why: string): GleanerError {
  return new GleanerError('definition-invalid', `Cannot read the records of ${name} in parts: ${why}`);
}
