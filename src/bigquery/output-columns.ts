import type { Column, ColumnType } from '../export/column.ts';
import { GleanerError, type ErrorFacts } from '../gleaner-error.ts';
import { nameOfTable, quoteTable, type TableAddress } from './table-address.ts';
import type { TableFacts, TableField } from './table-facts.ts';

/** A column of an export as its table has it. */
export interface OutputColumn extends Column {
  /** As the table calls it. */
  field: string;
  /** As the table types it. */
  fieldType: string;
}

/** What a column is made as, and first of all; what else a column that is there may be. */
const TYPES: Readonly<Record<ColumnType, readonly [string, ...string[]]>> = {
  text: ['STRING'],
  json: ['JSON', 'STRING'],
  integer: ['INT64', 'NUMERIC', 'BIGNUMERIC', 'FLOAT64'],
  number: ['FLOAT64', 'NUMERIC', 'BIGNUMERIC'],
  boolean: ['BOOL'],
  date: ['DATE', 'STRING'],
  timestamp: ['TIMESTAMP', 'STRING'],
};
/** Ids are text; a table may have them as numbers. */
const ID_TYPES: readonly [string, ...string[]] = ['STRING', 'INT64'];
export const ID_COLUMN = 'id';
const LONGEST_NAME = 300;
const RESERVED = /^(?:_TABLE_|_FILE_|_PARTITION|_ROW_TIMESTAMP|__ROOT__|_COLIDENTIFIER|_CHANGE_)/i;

/** What an export has: the columns that were chosen, and all, among which each has its name in any table. */
export interface ExportColumns {
  columns: readonly Column[];
  allColumns: readonly Column[];
}

/** Columns for a table that is still to be made. */
export function newColumns({ columns, allColumns }: ExportColumns): OutputColumn[] {
  const names = nameFields(allColumns);
  return columns.map((column) => ({
    ...column,
    field: names.get(column) ?? column.name,
    fieldType: typesOf(column)[0],
  }));
}

/**
 * Columns for a table that is there, with the names and types that it has.
 *
 * @throws {GleanerError} naming the first column that it does not take
 */
export function fittingColumns(
  columns: ExportColumns,
  { fields, kind }: Pick<TableFacts, 'fields' | 'kind'>,
  address: TableAddress,
): OutputColumn[] {
  const name = nameOfTable(address);
  if (kind !== 'TABLE') throw unwritable(name, 'it is no table but a view, or of another system; name a table');
  const there = new Map(fields.map((field) => [field.name.toLowerCase(), field]));
  const wanted = newColumns(columns);
  const missing = wanted.filter(({ field }) => !there.has(field.toLowerCase()));
  if (missing.length > 0) {
    const names = missing.map(({ field }) => `"${field}"`).join(', ');
    const added = missing.map(({ field, fieldType }) => `ADD COLUMN \`${field}\` ${fieldType}`).join(', ');
    throw unwritable(
      name,
      `it has no column ${names}; add what is missing (ALTER TABLE ${quoteTable(address)} ${added}), choose other columns, or name another table`,
      { advice: 'columns' },
    );
  }
  const taken = new Set(wanted.map(({ field }) => field.toLowerCase()));
  const demanded = fields.find((field) => field.isRequired && !taken.has(field.name.toLowerCase()));
  if (demanded !== undefined) {
    throw unwritable(
      name,
      `its column "${demanded.name}" is required, and the results have none of that name; make it nullable, or name another table`,
    );
  }
  return wanted.map((column) => {
    const field = there.get(column.field.toLowerCase());
    const types = typesOf(column);
    if (field !== undefined && !field.isRepeated && types.includes(field.type)) {
      return { ...column, field: field.name, fieldType: field.type };
    }
    throw unwritable(
      name,
      `its column "${column.field}" is ${field === undefined ? 'missing' : typeName(field)}, and the results have ${column.type}, which goes into ${types.join(' or ')}; change the column, leave it out, or name another table`,
      { advice: 'columns' },
    );
  });
}

function typesOf({ name, type }: Column): readonly [string, ...string[]] {
  return name === ID_COLUMN ? ID_TYPES : TYPES[type];
}

function typeName({ type, isRepeated }: TableField): string {
  return isRepeated ? `ARRAY<${type}>` : type;
}

/** Names that BigQuery takes: dots of nested members become underscores, and none stands there twice, whatever its case. */
function nameFields(columns: readonly Column[]): Map<Column, string> {
  const used = new Set<string>();
  const named = columns.map((column): [Column, string] => {
    const { name } = column;
    const plain = name.replace(/[^\p{L}\p{M}\p{N}_]/gu, '_').slice(0, LONGEST_NAME - 10);
    const safe = RESERVED.test(plain) || !/^[\p{L}_]/u.test(plain) ? `data_${plain}` : plain;
    let free = safe;
    for (let ordinal = 2; used.has(free.toLowerCase()); ordinal += 1) free = `${safe}_${ordinal}`;
    used.add(free.toLowerCase());
    return [column, free];
  });
  return new Map(named);
}

function unwritable(name: string, why: string, facts: ErrorFacts = {}): GleanerError {
  return new GleanerError('output-unwritable', `Cannot write ${name}: ${why}`, { facts });
}
