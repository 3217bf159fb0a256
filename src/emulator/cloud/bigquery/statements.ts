import { canonicalJson } from '../../../json/canonical.ts';
import type { JsonValue } from '../../../json/value.ts';
import { BigQueryFailure, invalidQuery } from './bigquery-error.ts';
import { typeOf, type Field, type StoredRow } from './cells.ts';
import type { TableName, TableStore } from './table-store.ts';

/** What a query found; of a MERGE, how many rows it changed. */
export interface QueryResult {
  fields: readonly Field[];
  rows: readonly StoredRow[];
  changedRows: number;
}

const SELECT =
  /^SELECT \* FROM \(SELECT \* FROM `([^`]+)` FOR SYSTEM_TIME AS OF TIMESTAMP_MILLIS\((\d+)\)\) AS gleaner_row ORDER BY gleaner_row\.`([^`]+)`, TO_JSON_STRING\(gleaner_row\)$/;
/** All of a table, as it is. */
const ALL = /^SELECT \* FROM `([^`]+)`$/;
const MERGE =
  /^MERGE `([^`]+)` AS gleaner_target USING `([^`]+)` AS gleaner_source ON gleaner_target\.`([^`]+)` = gleaner_source\.`\3`(?: WHEN MATCHED THEN UPDATE SET (.+?))? WHEN NOT MATCHED THEN INSERT \((.+?)\) VALUES \((.+?)\)$/;

/** The tables that a statement names, to look where they are. */
export function tablesIn(sql: string): TableName[] {
  const [, select] = SELECT.exec(sql) ?? ALL.exec(sql) ?? [];
  if (select !== undefined) return [tableOf(select)];
  const [, target, source] = MERGE.exec(sql) ?? [];
  return target === undefined || source === undefined ? [] : [tableOf(target), tableOf(source)];
}

/**
 * The statements that are understood here: a table, as it is or as of a time in the order of a column, and one table merged into another.
 *
 * @throws {BigQueryFailure} for any other
 */
export function execute(sql: string, store: TableStore, nowMs: number): QueryResult {
  const [, table, asOf, column] = SELECT.exec(sql) ?? [];
  if (table !== undefined && column !== undefined) {
    const { fields, rows } = store.read(tableOf(table), nowMs, Number(asOf));
    return { fields, rows: ordered(rows, fieldOf(fields, column)), changedRows: 0 };
  }
  const [, whole] = ALL.exec(sql) ?? [];
  if (whole !== undefined) return { ...store.read(tableOf(whole), nowMs), changedRows: 0 };
  const merge = MERGE.exec(sql);
  if (merge === null)
    throw new BigQueryFailure(invalidQuery('Syntax error: the emulator does not know this statement.'));
  return { fields: [], rows: [], changedRows: mergeInto(merge, store, nowMs) };
}

function ordered(rows: readonly StoredRow[], field: Field): readonly StoredRow[] {
  const isNumber = typeOf(field) === 'INT64';
  const keyed = rows.map((row) => ({ row, key: row[field.name] ?? null, rest: canonicalJson(row) }));
  keyed.sort((one, other) => compare(one.key, other.key, isNumber) || compare(one.rest, other.rest, false));
  return keyed.map(({ row }) => row);
}

function compare(one: JsonValue, other: JsonValue, isNumber: boolean): number {
  if (one === null || other === null) return Number(other === null) - Number(one === null);
  if (!isNumber) return Buffer.compare(Buffer.from(String(one)), Buffer.from(String(other)));
  const difference = BigInt(String(one)) - BigInt(String(other));
  return difference < 0n ? -1 : Number(difference > 0n);
}

function mergeInto(
  [, into = '', from = '', key = '', updates = '', names = '', values = '']: RegExpExecArray,
  store: TableStore,
  nowMs: number,
): number {
  const name = tableOf(into);
  const target = store.read(name, nowMs);
  const source = store.read(tableOf(from), nowMs);
  const inserted = columnsIn(names);
  const set = updates === '' ? [] : updates.split(', ').map(assignedColumn);
  if (values !== inserted.map((column) => `gleaner_source.\`${column}\``).join(', ')) {
    throw new BigQueryFailure(invalidQuery('The emulator takes values of the columns that they are inserted into.'));
  }
  for (const column of new Set([key, ...set, ...inserted])) {
    const [ours, theirs] = [fieldOf(target.fields, column), fieldOf(source.fields, column)];
    if (typeOf(ours) === typeOf(theirs)) continue;
    throw new BigQueryFailure(
      invalidQuery(`Value of type ${typeOf(theirs)} cannot be assigned to ${column}, which has type ${typeOf(ours)}`),
    );
  }
  const missing = target.fields.find(({ name: column, mode }) => mode === 'REQUIRED' && !inserted.includes(column));
  if (missing !== undefined) {
    throw new BigQueryFailure(invalidQuery(`Required field ${missing.name} cannot be null`));
  }
  const rows = [...target.rows];
  const places = new Map<string, number[]>();
  rows.forEach((row, place) => {
    const id = String(row[key]);
    places.set(id, [...(places.get(id) ?? []), place]);
  });
  const matched = new Set<number>();
  let changed = 0;
  for (const row of source.rows) {
    const at = row[key] === null ? undefined : places.get(String(row[key]));
    if (at === undefined) {
      rows.push(Object.fromEntries(target.fields.map((field) => [field.name, pick(row, field, inserted)])));
      changed += 1;
      continue;
    }
    for (const place of at) {
      if (matched.has(place)) {
        throw new BigQueryFailure(invalidQuery('UPDATE/MERGE must match at most one source row for each target row'));
      }
      matched.add(place);
      const before = rows[place] ?? {};
      rows[place] = { ...before, ...Object.fromEntries(set.map((column) => [column, row[column] ?? null])) };
      changed += 1;
    }
  }
  store.write(name, { fields: target.fields, rows }, nowMs);
  return changed;
}

function pick(row: StoredRow, { name, mode }: Field, inserted: readonly string[]): JsonValue {
  const value = inserted.includes(name) ? (row[name] ?? null) : null;
  return value === null && mode === 'REPEATED' ? [] : value;
}

function columnsIn(list: string): string[] {
  return list.split(', ').map((quoted) => quoted.slice(1, -1));
}

function assignedColumn(assignment: string): string {
  const [, column] = /^`([^`]+)` = gleaner_source\.`\1`$/.exec(assignment) ?? [];
  if (column === undefined) throw new BigQueryFailure(invalidQuery(`Syntax error at ${assignment}`));
  return column;
}

function fieldOf(fields: readonly Field[], name: string): Field {
  const field = fields.find((one) => one.name === name);
  if (field === undefined) throw new BigQueryFailure(invalidQuery(`Unrecognized name: ${name}`));
  return field;
}

function tableOf(name: string): TableName {
  const parts = name.split('.');
  const [dataset = '', table = ''] = parts.slice(-2);
  return { project: parts.slice(0, -2).join('.'), dataset, table };
}
