import { GleanerError } from '../gleaner-error.ts';
import { isJsonObject, type JsonObject } from '../json/value.ts';
import { isLabel } from '../review/label.ts';
import { openRecords } from '../records/open-records.ts';

/** What is known to be right, by the ids of records. */
export interface Gold {
  records: ReadonlyMap<string, JsonObject>;
  /** All fields that some record has, in the order in which they were met. */
  fields: readonly string[];
}

export interface ReadGoldOptions {
  /** The column with the ids. Default `id`. */
  by?: string;
  /** Fields that answers have, as far as they are known: where one of them is `data`, it tells such a field from the values of a result line. */
  fields?: readonly string[] | undefined;
}

/**
 * Reads gold records: a row of a table or of JSON lines for each, with the id in the column `by`; where a row has its values in `data`,
 * as a line of results.jsonl has, those count. All are held, so that results may come in any order.
 *
 * @throws {GleanerError} for a file that cannot be read, a row without an id, and an id that stands twice
 */
export async function readGold(
  path: string,
  { by = 'id', fields: answered = [] }: ReadGoldOptions = {},
): Promise<Gold> {
  const records = new Map<string, JsonObject>();
  const fields = new Set<string>();
  const source = await openRecords(path);
  if (source.columns !== undefined && !source.columns.includes(by)) {
    throw unusable(path, `it has no column "${by}"; its columns are ${source.columns.join(', ')}`, by);
  }
  for await (const row of source) {
    if (row.kind === 'unreadable') throw unusable(path, row.message, by);
    if (isLabel(row.fields)) {
      throw unusable(
        path,
        'its lines are labels of single values; export the reviewed records as gold, and name that file',
        by,
      );
    }
    const { [by]: id, ...rest } = row.fields;
    if ((typeof id !== 'string' || id.trim() === '') && typeof id !== 'number') {
      throw unusable(path, `the record on line ${row.line} has no "${by}" that names it`, by);
    }
    if (records.has(String(id))) throw unusable(path, `the id of line ${row.line} stands on an earlier line, too`, by);
    const values = valuesOf(rest, answered);
    records.set(String(id), values);
    for (const field of Object.keys(values)) fields.add(field);
  }
  if (records.size === 0) throw unusable(path, 'it holds no records', by);
  if (fields.size === 0)
    throw unusable(path, 'its records hold nothing but their ids; give what is right in columns of their own', by);
  return { records, fields: [...fields] };
}

/** The values of a row: those in its `data`, where that is the place for them and no field of its own. */
function valuesOf(row: JsonObject, answered: readonly string[]): JsonObject {
  const { data, ...rest } = row;
  if (!isJsonObject(data)) return row;
  if (!answered.includes('data')) return data;
  const isField = (name: string): boolean => answered.includes(name);
  return !Object.keys(rest).some(isField) && Object.keys(data).every(isField) ? data : row;
}

function unusable(path: string, reason: string, by: string): GleanerError {
  return new GleanerError('gold-unusable', `Cannot use ${path} as gold: ${reason}`, { facts: { by } });
}
