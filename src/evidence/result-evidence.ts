import type { Extraction } from '../extraction/definition.ts';
import { compilePrompt, type CompiledPrompt } from '../extraction/prompt.ts';
import type { JsonObject } from '../json/value.ts';
import type { SourceRecord } from '../records/record.ts';
import { deriveSchema } from '../schema/derive.ts';
import type { ResultEntry } from '../store/entries.ts';
import type { Evidence } from './evidence.ts';
import { findEvidence } from './find-evidence.ts';
import { compileRecordTexts } from './record-texts.ts';

/** Finds the evidence for one result in its record. */
export type ResultEvidence = (
  result: Pick<ResultEntry, 'data' | 'answer'>,
  row: Pick<SourceRecord, 'fields'>,
) => Evidence[];

export async function compileResultEvidence(extraction: Extraction): Promise<ResultEvidence> {
  const { outputSchema } = await deriveSchema(extraction.schema);
  return resultEvidence(outputSchema, extraction.prompt, () => compilePrompt(extraction));
}

/** The same of a definition whose schema is derived already. `compiled` is asked for where the prompt is a function. */
export function resultEvidence(
  schema: JsonObject,
  prompt: Extraction['prompt'],
  compiled: () => Pick<CompiledPrompt, 'render'>,
): ResultEvidence {
  const textsOf = compileRecordTexts({ prompt });
  // A template needs no message: its columns are the texts.
  const messagesOf = typeof prompt === 'function' ? compiled() : undefined;
  return ({ data, answer }, { fields }) => {
    const rendered = messagesOf?.render(fields);
    const { texts, hasMedia } = textsOf(fields, rendered?.ok === true ? rendered.messages : []);
    const evidence = findEvidence(data, texts, { schema, answer });
    // What stands in no text may stand in a picture.
    return hasMedia ? evidence.filter(({ match }) => match !== 'none') : evidence;
  };
}
