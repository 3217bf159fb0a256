import type { ChatMessage } from '../completion/request.ts';
import { parseTemplate } from '../extraction/template.ts';
import type { Extraction } from '../extraction/definition.ts';
import type { JsonValue } from '../json/value.ts';
import type { RecordFields } from '../records/record.ts';
import type { RecordText } from './evidence.ts';

/** What a record was asked with, as far as it can be searched. */
export interface AskedTexts {
  texts: readonly RecordText[];
  /** Whether it was asked with pictures or other files as well, in which values may stand unseen. */
  hasMedia: boolean;
}

/** Gives the texts of a record in which its values may stand. */
export type CompiledRecordTexts = (fields: RecordFields, messages: readonly ChatMessage[]) => AskedTexts;

/** A field that is shorter stands in many a message by chance. */
const SHORTEST_FIELD = 4;

/**
 * Prepares the texts of an extraction's records: of a template the columns that it names, in its order. What a function made of a
 * record can be known from the message only: the fields that stand in it as they are, and then the message itself. Instructions, and the
 * words of a template, are no evidence of anything.
 */
export function compileRecordTexts({ prompt }: Pick<Extraction, 'prompt'>): CompiledRecordTexts {
  if (typeof prompt === 'function') return textsOfMessage;
  const columns = new Set<string>();
  for (const { name, optionalColumn } of parseTemplate(prompt).placeholders) {
    columns.add(name);
    if (optionalColumn !== undefined) columns.add(optionalColumn);
  }
  return (fields) => ({ texts: textsOf(fields, [...columns]), hasMedia: false });
}

function textsOf(fields: RecordFields, columns: readonly string[]): RecordText[] {
  return columns.flatMap((field) => {
    const text = Object.hasOwn(fields, field) ? writtenForm(fields[field]) : '';
    return text.trim() === '' ? [] : [{ field, text }];
  });
}

/** A field as a template writes it. */
function writtenForm(value: JsonValue | undefined): string {
  if (typeof value === 'string') return value;
  return value === undefined || value === null ? '' : JSON.stringify(value);
}

function textsOfMessage(fields: RecordFields, messages: readonly ChatMessage[]): AskedTexts {
  const { text, hasMedia } = readUserMessage(messages);
  const shown = textsOf(fields, Object.keys(fields)).filter(
    (field) => field.text.length >= SHORTEST_FIELD && text.includes(field.text),
  );
  const texts = text.trim() === '' ? shown : [...shown, { field: undefined, text }];
  return { texts, hasMedia };
}

/** The text of the last user message, its parts joined by line feeds: those before it are examples. */
function readUserMessage(messages: readonly ChatMessage[]): { text: string; hasMedia: boolean } {
  const content = messages.findLast(({ role }) => role === 'user')?.content ?? '';
  if (typeof content === 'string') return { text: content, hasMedia: false };
  const texts = content.flatMap((part) => (part.type === 'text' && 'text' in part ? [String(part.text)] : []));
  return { text: texts.join('\n'), hasMedia: texts.length < content.length };
}
