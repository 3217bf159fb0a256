import type { JsonValue } from '../../json/value.ts';
import type { Field, FieldType } from '../fields/field-type.ts';
import { guessType } from './guess-type.ts';
import type { ColumnRoles } from './guess-columns.ts';
import type { InputSurvey } from './survey-input.ts';

/** Where guessed fields come from. */
export type FieldOrigin = 'columns' | 'labels' | 'none';

export interface GuessedFields {
  readonly fields: readonly Field[];
  readonly origin: FieldOrigin;
}

const MOST_FIELDS = 20;
/** A label counts as a field where at least this share of the records has it. */
const LABELLED_SHARE = 0.3;

/**
 * Guesses what may be extracted: what other columns hold beside the texts, such as values that people filled in; else what stands
 * behind labels in the texts, as in `Total: 12.50`; else a summary. All of it is a beginning that is edited.
 */
export function guessFields({ columns, records }: InputSurvey, { id, texts }: ColumnRoles): GuessedFields {
  const others = columns.filter(({ name, values }) => name !== id && !texts.includes(name) && values.length > 0);
  const fromColumns = others.map(({ name, values }) => nullableField(name, guessType(values)));
  if (fromColumns.length > 0) return { fields: tidy(fromColumns), origin: 'columns' };
  const labels = [...labelsIn(columns.filter(({ name }) => texts.includes(name)).flatMap(({ values }) => values))]
    .filter(([, values]) => values.length > 1 || records === 1)
    .filter(([, values]) => values.length >= records * LABELLED_SHARE);
  if (labels.length > 0)
    return { fields: tidy(labels.map(([label, values]) => nullableField(label, guessType(values)))), origin: 'labels' };
  return {
    fields: [{ name: 'summary', type: NULLABLE_TEXT, description: 'What the record is about, in one sentence' }],
    origin: 'none',
  };
}

const NULLABLE_TEXT: FieldType = { kind: 'nullable', of: { kind: 'string' } };
const LABEL = /^[ \t]*(\p{L}[\p{L}\p{N} _-]{0,30}?)[ \t]*:[ \t]+(\S[^\n\r]*)$/gmu;

/** The values behind each label at the beginning of a line; the first one a text. */
function labelsIn(texts: readonly JsonValue[]): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const text of texts) {
    if (typeof text !== 'string') continue;
    const here = new Map<string, string>();
    for (const [, label = '', value = ''] of text.matchAll(LABEL)) {
      const name = fieldName(label);
      if (name !== '' && !here.has(name)) here.set(name, value.trim());
    }
    for (const [name, value] of here) found.set(name, [...(found.get(name) ?? []), value]);
  }
  return found;
}

function nullableField(name: string, of: FieldType): Field {
  return { name: fieldName(name), type: { kind: 'nullable', of } };
}

/** The name as code has it: `Order number` becomes `order_number`. */
function fieldName(name: string): string {
  return name
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, '_')
    .replaceAll(/^_+|_+$/g, '');
}

/** Two columns may come to one name. */
function tidy(fields: readonly Field[]): Field[] {
  const names = new Set<string>();
  return fields.filter(({ name }) => name !== '' && !names.has(name) && names.add(name)).slice(0, MOST_FIELDS);
}
