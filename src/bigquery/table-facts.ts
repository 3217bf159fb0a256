import { hash } from 'node:crypto';
import { isJsonObject, type JsonObject, type JsonValue } from '../json/value.ts';

/** A column, or a member of a structure. */
export interface TableField {
  name: string;
  /** By the names of GoogleSQL: `INT64`, `STRUCT`. */
  type: string;
  isRepeated: boolean;
  isRequired: boolean;
  /** Of a structure. */
  fields: readonly TableField[];
}

/** What the service tells of a table. */
export interface TableFacts {
  /** `TABLE`, `VIEW`, `EXTERNAL`. */
  kind: string;
  location: string;
  fields: readonly TableField[];
  rows: number;
  /** Whether rows are being streamed into it, which the other figures do not show. */
  isStreamed: boolean;
  createdMs: number;
  modifiedMs: number;
  etag: string;
}

/** The service writes some types by older names. */
const OLDER_NAMES: Readonly<Record<string, string>> = {
  INTEGER: 'INT64',
  FLOAT: 'FLOAT64',
  BOOLEAN: 'BOOL',
  RECORD: 'STRUCT',
};

export function readTableFacts(table: JsonObject): TableFacts {
  const { type, location, schema, numRows, streamingBuffer, creationTime, lastModifiedTime, etag } = table;
  return {
    kind: typeof type === 'string' ? type : 'TABLE',
    location: typeof location === 'string' ? location : 'US',
    fields: readFields(schema),
    rows: Number(numRows ?? 0),
    isStreamed: streamingBuffer !== undefined,
    createdMs: Number(creationTime ?? 0),
    modifiedMs: Number(lastModifiedTime ?? 0),
    etag: typeof etag === 'string' ? etag : '',
  };
}

export function readFields(schema: JsonValue | undefined): TableField[] {
  const fields = isJsonObject(schema) ? schema['fields'] : undefined;
  if (!Array.isArray(fields)) return [];
  return (fields as readonly JsonValue[]).filter(isJsonObject).map((field) => {
    const { name, type, mode } = field;
    const known = String(type).toUpperCase();
    return {
      name: String(name),
      type: OLDER_NAMES[known] ?? known,
      isRepeated: mode === 'REPEATED',
      isRequired: mode === 'REQUIRED',
      fields: readFields(field),
    };
  });
}

/** Tells columns from others. The results of queries do not say what is required, so that is left out. */
export function digestFields(fields: readonly TableField[]): string {
  return hash('sha256', JSON.stringify(shapeOf(fields))).slice(0, 16);
}

function shapeOf(fields: readonly TableField[]): JsonValue {
  return fields.map(({ name, type, isRepeated, fields: inner }) => [name, type, isRepeated, shapeOf(inner)]);
}
