import { isJsonObject, type JsonObject, type JsonValue } from '../../json/value.ts';
import { parseJson } from '../../json/parse-json.ts';
import type { JobFaults } from './batch-faults.ts';
import { BigQueryFailure } from './bigquery/bigquery-error.ts';
import { typeOf, type Field, type StoredRow } from './bigquery/cells.ts';
import type { TableName, TableStore } from './bigquery/table-store.ts';
import type { ObjectTable } from './object-table.ts';

/** What batch jobs read and write. */
export interface JobPlaces {
  table: ObjectTable;
  tables: TableStore;
}

/** The lines that a job reads, and what its table passes on beside the requests. */
export interface JobInput {
  text: string;
  passedOn: readonly Field[];
}

const GCS = /^gs:\/\/([^/]+)\/(.+)$/;
const BIGQUERY = /^bq:\/\/(.+)\.([^.]+)\.([^.]+)$/;
/** Columns that the service does not pass on. */
const NOT_PASSED = new Set(['STRUCT', 'RANGE', 'DATETIME', 'GEOGRAPHY']);

/** Reads what a create call names. @returns what is wrong with it, in the service's words */
export function readInput(request: JsonObject, { table, tables }: JobPlaces, nowMs: number): JobInput | string {
  const config = request['inputConfig'];
  const uri = memberOf(memberOf(config, 'bigquerySource'), 'inputUri');
  if (uri !== undefined) {
    if (memberOf(config, 'instancesFormat') !== 'bigquery') return 'The format of the input is not bigquery.';
    const name = tableNamed(uri);
    return name === undefined ? `The table ${String(uri)} is not valid.` : readTable(tables, name, nowMs);
  }
  const uris = memberOf(memberOf(config, 'gcsSource'), 'uris');
  const [first, ...others] = Array.isArray(uris) ? (uris as readonly JsonValue[]) : [];
  const [, bucket, name] = GCS.exec(String(first)) ?? [];
  if (bucket === undefined || name === undefined || others.length > 0) {
    return 'Exactly one Cloud Storage file of JSON lines is taken as the input of a batch job.';
  }
  const input = table.get(bucket, name);
  if (input === undefined) return `The input file ${String(first)} is not there.`;
  return { text: input.content.toString('utf8'), passedOn: [] };
}

/** Where a job is to write; undefined where it says so in no way that is known. */
export function outputUri(request: JsonObject): string | undefined {
  const config = request['outputConfig'];
  const uri =
    memberOf(memberOf(config, 'bigqueryDestination'), 'outputUri') ??
    memberOf(memberOf(config, 'gcsDestination'), 'outputUriPrefix');
  return typeof uri === 'string' && (GCS.test(uri) || tableNamed(uri) !== undefined) ? uri : undefined;
}

/** Whether a job cannot write its output because a table of that name is there. */
export function isTaken(uri: string, { tables }: JobPlaces, nowMs: number): boolean {
  const name = tableNamed(uri);
  if (name === undefined) return false;
  try {
    tables.read(name, nowMs);
    return true;
  } catch (error) {
    if (error instanceof BigQueryFailure) return false;
    throw error;
  }
}

/** Writes what a job has done. @returns what it says of where that is */
export function writeOutput(
  uri: string,
  { lines, passedOn, faults, nowMs, createTime }: JobLines,
  { table, tables }: JobPlaces,
): JsonObject {
  const name = tableNamed(uri);
  if (name !== undefined) {
    const type = faults.has('text-columns') ? 'STRING' : 'JSON';
    const made = ['request', 'response'].map((column) => ({ name: column, type }));
    const told = [
      { name: 'status', type: 'STRING' },
      { name: 'processed_time', type: 'TIMESTAMP' },
    ];
    const fields: Field[] = [...passedOn.map((field) => ({ ...field, mode: 'NULLABLE' })), ...made, ...told];
    tables.create(name, fields, nowMs);
    const rows = lines.map((line) => rowOf(line, passedOn, type));
    tables.write(name, { fields, rows }, nowMs);
    return { bigqueryOutputTable: uri };
  }
  const [, bucket = '', path = ''] = GCS.exec(uri) ?? [];
  const directory = `${path}/prediction-model-${createTime}`;
  const put = (file: string, text: string): void => void table.put(bucket, `${directory}/${file}`, Buffer.from(text));
  if (faults.has('sharded-names')) {
    const half = Math.ceil(lines.length / 2);
    put('predictions.jsonl-00000-of-00002', `${lines.slice(0, half).join('\n')}\n`);
    put('predictions.jsonl-00001-of-00002', `${lines.slice(half).join('\n')}\n`);
  } else {
    const end = faults.has('torn-last-line') ? `\n${lines[0]?.slice(0, 40)}` : '\n';
    put('predictions.jsonl', `${lines.join('\n')}${end}`);
  }
  if (faults.has('incremental-file')) put('incremental_predictions.jsonl', `${lines[0]}\n`);
  return { gcsOutputDirectory: `gs://${bucket}/${directory}` };
}

export interface JobLines {
  lines: readonly string[];
  passedOn: readonly Field[];
  faults: JobFaults;
  nowMs: number;
  /** After which a directory is named. */
  createTime: string;
}

function readTable(tables: TableStore, name: TableName, nowMs: number): JobInput | string {
  let state: ReturnType<TableStore['read']>;
  try {
    state = tables.read(name, nowMs);
  } catch (error) {
    if (error instanceof BigQueryFailure) return error.error.message;
    throw error;
  }
  const { fields, rows } = state;
  const request = fields.find((field) => field.name === 'request');
  if (request === undefined || !['JSON', 'STRING'].includes(typeOf(request))) {
    return 'The input table must have a column "request" of JSON.';
  }
  const others = fields.filter((field) => field !== request);
  const wrong = others.find((field) => field.mode === 'REPEATED' || NOT_PASSED.has(typeOf(field)));
  if (wrong !== undefined) return `The column "${wrong.name}" has a type that is not supported.`;
  const lines = rows.map((row) => {
    const { request: asked = null, ...beside } = row;
    return JSON.stringify({ ...beside, request: typeof asked === 'string' ? (parseJson(asked) ?? null) : asked });
  });
  return { text: lines.join('\n'), passedOn: others };
}

function rowOf(line: string, passedOn: readonly Field[], type: 'JSON' | 'STRING'): StoredRow {
  const value = parseJson(line);
  const said = isJsonObject(value) ? value : {};
  const { status = null, processed_time: processed, request = null, response = null } = said;
  const held = (one: JsonValue): JsonValue => (type === 'STRING' ? JSON.stringify(one, null, 1) : one);
  return {
    ...Object.fromEntries(passedOn.map((field) => [field.name, said[field.name] ?? null])),
    request: held(request),
    response: held(response),
    status,
    processed_time: String(BigInt(Date.parse(String(processed))) * 1000n),
  };
}

function tableNamed(uri: JsonValue): TableName | undefined {
  const [, project, dataset, table] = BIGQUERY.exec(String(uri)) ?? [];
  return project === undefined || dataset === undefined || table === undefined
    ? undefined
    : { project, dataset, table };
}

function memberOf(value: JsonValue | undefined, name: string): JsonValue | undefined {
  return isJsonObject(value) ? value[name] : undefined;
}
