import type { Field, FieldType } from '../fields/field-type.ts';
import { fieldName } from './field-name.ts';
import { guessMostType, guessType } from './guess-type.ts';
import { labelsIn } from './labels-in.ts';
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
const LABELLED_SHARE = 0.2;

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
    .filter(([, values]) => values.length >= records * LABELLED_SHARE)
    // The most usual first; of two that are as usual, the one that stands first in the texts.
    .toSorted(([, left], [, right]) => right.length - left.length);
  if (labels.length > 0)
    return {
      fields: tidy(labels.map(([label, values]) => nullableField(label, guessMostType(values)))),
      origin: 'labels',
    };
  return {
    fields: [{ name: 'summary', type: NULLABLE_TEXT, description: 'What the record is about, in one sentence' }],
    origin: 'none',
  };
}

const NULLABLE_TEXT: FieldType = { kind: 'nullable', of: { kind: 'string' } };
function nullableField(name: string, of: FieldType): Field {
  return { name: fieldName(name), type: { kind: 'nullable', of } };
}

/** Two columns may come to one name. */
function tidy(fields: readonly Field[]): Field[] {
  const names = new Set<string>();
  return fields.filter(({ name }) => name !== '' && !names.has(name) && names.add(name)).slice(0, MOST_FIELDS);
}
