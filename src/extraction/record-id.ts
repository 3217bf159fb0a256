import type { RecordFields } from '../records/record.ts';
import type { Extraction } from './definition.ts';
import { kindOfValue } from './option-checks.ts';
import { reasonOf } from '../text/thrown-message.ts';
import { suggestColumn } from './suggest-column.ts';

type RecordId =
  | { readonly ok: true; readonly id: string }
  | {
      readonly ok: false;
      readonly message: string;
      /** Whether the definition's own function is at fault, and not the record. */
      readonly isOfDefinition?: true;
    };

/** Gives a record its id. `index` is 0-based. */
export type CompiledRecordId = (fields: RecordFields, index: number) => RecordId;

/** Ids stand in every line about a record and are held in memory during a run. */
const LONGEST_ID = 1000;

/**
 * Where ids come from: the given column, else the definition's `id`, else the row's 1-based number among the records
 * as text, which a spreadsheet's reader counts the same way.
 */
export function compileRecordId(extraction: Extraction, idField?: string): CompiledRecordId {
  const source = idField ?? extraction.id;
  if (source === undefined) return (_fields, index) => ({ ok: true, id: String(index + 1) });
  if (typeof source === 'string') {
    const place = `column "${source}"`;
    return (fields) => readId(Object.hasOwn(fields, source) ? fields[source] : undefined, place);
  }
  return (fields) => {
    try {
      const id: unknown = source(fields);
      if (id instanceof Promise) {
        // It is not waited for, and what it fails with is nobody else's matter.
        id.catch(() => undefined);
        const message = `Cannot take an id: the definition's "id" function returned a promise, it must return the id`;
        return { ok: false, message, isOfDefinition: true };
      }
      return readId(id, 'what the "id" function returned');
    } catch (error) {
      const message = `Cannot take an id: the definition's "id" function failed: ${reasonOf(error)}`;
      return { ok: false, message, isOfDefinition: true };
    }
  };
}

/**
 * Says that the column of the ids is none of the input's, before anything is sent; undefined when it is, or when ids come from
 * elsewhere. For inputs whose rows all have the same columns.
 */
export function checkIdColumn(
  extraction: Extraction,
  idField: string | undefined,
  columns: readonly string[],
): string | undefined {
  const source = idField ?? extraction.id;
  if (typeof source !== 'string' || columns.includes(source)) return undefined;
  const whose = idField === undefined ? `the definition's "id"` : 'the id field';
  return `Cannot take ids: ${whose} is "${source}", but the input has no such column; ${suggestColumn(source, columns)}`;
}

function readId(value: unknown, place: string): RecordId {
  if (typeof value === 'string' ? value.trim() !== '' : typeof value === 'number' && Number.isFinite(value)) {
    const id = String(value);
    if (id.length <= LONGEST_ID) return { ok: true, id };
    return { ok: false, message: `No usable id in ${place}: ${id.length} characters, at most ${LONGEST_ID} are taken` };
  }
  const found = typeof value === 'string' ? 'it is empty' : `expected text or a number, found ${kindOfValue(value)}`;
  return { ok: false, message: `No id in ${place}: ${found}` };
}
