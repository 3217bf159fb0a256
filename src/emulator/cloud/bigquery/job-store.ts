import { isJsonObject, type JsonObject, type JsonValue } from '../../../json/value.ts';
import { alreadyThere, BigQueryFailure, invalid, noSuch, type BigQueryError } from './bigquery-error.ts';
import { loadRow, readSchema } from './cells.ts';
import { execute, tablesIn, type QueryResult } from './statements.ts';
import { keyOf, type TableName, type TableStore } from './table-store.ts';

interface Job {
  id: string;
  project: string;
  location: string;
  configuration: JsonObject;
  /** Of a load job. */
  content: Buffer | undefined;
  createdMs: number;
  dueMs: number;
  endedMs: number | undefined;
  failsWith: BigQueryError | undefined;
  error: BigQueryError | undefined;
  result: QueryResult | undefined;
  loadedRows: number;
}

/** Jobs that were begun. */
export interface BigQueryStats {
  queries: number;
  loads: number;
}

/** How long the rows that a query found are kept. */
const RESULTS_MS = 24 * 3600 * 1000;

/** Jobs, each by the id that its client chose: there is never a second one of an id. */
export class JobStore {
  readonly #tables: TableStore;
  readonly #jobs = new Map<string, Job>();

  constructor(tables: TableStore) {
    this.#tables = tables;
  }

  reset(): void {
    this.#jobs.clear();
  }

  get stats(): BigQueryStats {
    const jobs = [...this.#jobs.values()];
    const loads = jobs.filter(({ configuration }) => isJsonObject(configuration['load'])).length;
    return { queries: jobs.length - loads, loads };
  }

  /** @throws {BigQueryFailure} for a body that is no job, and for an id that is taken */
  insert(
    project: string,
    body: JsonValue,
    {
      nowMs,
      jobMs,
      content,
      failsWith,
    }: { nowMs: number; jobMs: number; content: Buffer | undefined; failsWith: BigQueryError | undefined },
  ): JsonObject {
    const { jobReference, configuration } = isJsonObject(body) ? body : {};
    const { jobId: id, location = 'US' } = isJsonObject(jobReference) ? jobReference : {};
    if (typeof id !== 'string' || !/^[\w-]{1,1024}$/.test(id))
      throw new BigQueryFailure(invalid(`Invalid job ID "${String(id)}"`));
    if (!isJsonObject(configuration))
      throw new BigQueryFailure(invalid('Required parameter is missing: configuration'));
    const isLoad = isJsonObject(configuration['load']);
    if (isLoad !== (content !== undefined) || (!isLoad && !isJsonObject(configuration['query']))) {
      throw new BigQueryFailure(
        invalid('Job configuration must contain exactly one job-specific configuration object'),
      );
    }
    const key = `${project}:${id}`;
    if (this.#jobs.has(key)) throw new BigQueryFailure(alreadyThere(`Job ${project}:${String(location)}.${id}`));
    const job: Job = {
      id,
      project,
      location: String(location),
      configuration,
      content,
      createdMs: nowMs,
      dueMs: nowMs + jobMs,
      endedMs: undefined,
      failsWith,
      error: undefined,
      result: undefined,
      loadedRows: 0,
    };
    this.#jobs.set(key, job);
    this.settle(nowMs);
    return resourceOf(job);
  }

  /** How many bytes a query would read, about. @throws {BigQueryFailure} for one that is not understood */
  bytesOf(body: JsonValue, nowMs: number): string {
    const { jobReference, configuration } = isJsonObject(body) ? body : {};
    const { location = 'US' } = isJsonObject(jobReference) ? jobReference : {};
    const { query } = isJsonObject(configuration) ? configuration : {};
    const sql = String(isJsonObject(query) ? query['query'] : '');
    for (const name of tablesIn(sql)) this.#demandPlace({ location: String(location) }, name);
    if (sql === 'SELECT 1') return '0';
    return String(Buffer.byteLength(JSON.stringify(execute(sql, this.#tables, nowMs).rows)));
  }

  /** Does the work of jobs whose time has come. */
  settle(nowMs: number): void {
    for (const job of this.#jobs.values()) {
      if (job.endedMs !== undefined || job.dueMs > nowMs) continue;
      job.endedMs = nowMs;
      try {
        if (job.failsWith !== undefined) throw new BigQueryFailure(job.failsWith);
        this.#work(job, nowMs);
      } catch (error) {
        if (!(error instanceof BigQueryFailure)) throw error;
        job.error = error.error;
      }
      job.content = undefined;
    }
  }

  resource(project: string, id: string, location: string | null): JsonObject {
    return resourceOf(this.#get(project, id, location));
  }

  /** What a query found; undefined while it is at work. @throws {BigQueryFailure} where it failed, or its rows are gone */
  result(
    project: string,
    id: string,
    { location, nowMs }: { location: string | null; nowMs: number },
  ): QueryResult | undefined {
    const { endedMs, error, result } = this.#get(project, id, location);
    if (endedMs === undefined) return undefined;
    if (error !== undefined) throw new BigQueryFailure(error);
    if (result === undefined || nowMs - endedMs > RESULTS_MS)
      throw new BigQueryFailure(noSuch(`Table of the results of ${id}`));
    return result;
  }

  /** Without a location only jobs of the United States are found, as with the service. */
  #get(project: string, id: string, location: string | null): Job {
    const job = this.#jobs.get(`${project}:${id}`);
    if (job !== undefined && job.location === (location ?? 'US')) return job;
    throw new BigQueryFailure(noSuch(`Job ${project}:${id}`));
  }

  #work(job: Job, nowMs: number): void {
    const { query, load } = job.configuration;
    if (isJsonObject(load)) return this.#load(job, load, nowMs);
    const { query: sql, useLegacySql } = isJsonObject(query) ? query : {};
    if (useLegacySql !== false) throw new BigQueryFailure(invalid('Legacy SQL is not known here.'));
    for (const name of tablesIn(String(sql))) this.#demandPlace(job, name);
    job.result = execute(String(sql), this.#tables, nowMs);
  }

  #load(job: Job, load: JsonObject, nowMs: number): void {
    const { destinationTable, schema, sourceFormat, writeDisposition, createDisposition } = load;
    const name = readTableName(destinationTable);
    this.#demandPlace(job, name);
    if (sourceFormat !== 'NEWLINE_DELIMITED_JSON')
      throw new BigQueryFailure(invalid(`Unknown format ${String(sourceFormat)}`));
    const isKnown = writeDisposition === 'WRITE_TRUNCATE' || writeDisposition === 'WRITE_EMPTY';
    if (!isKnown || createDisposition !== 'CREATE_NEVER') {
      throw new BigQueryFailure(invalid('The emulator takes WRITE_TRUNCATE, WRITE_EMPTY and CREATE_NEVER.'));
    }
    if (writeDisposition === 'WRITE_EMPTY' && this.#tables.read(name, nowMs).rows.length > 0) {
      throw new BigQueryFailure(alreadyThere(`Table ${keyOf(name)}`));
    }
    const fields = readSchema(schema);
    const lines = (job.content ?? Buffer.alloc(0))
      .toString('utf8')
      .split('\n')
      .filter((line) => line !== '');
    const rows = lines.map((line) => loadRow(line, fields));
    this.#tables.write(name, { fields, rows }, nowMs);
    job.loadedRows = rows.length;
  }

  #demandPlace({ location }: Pick<Job, 'location'>, name: TableName): void {
    if (this.#tables.locationOf(name) === location) return;
    throw new BigQueryFailure(noSuch(`Table ${keyOf(name)} was not found in location ${location}`));
  }
}

export function readTableName(reference: JsonValue | undefined): TableName {
  const { projectId, datasetId, tableId } = isJsonObject(reference) ? reference : {};
  return { project: String(projectId), dataset: String(datasetId), table: String(tableId) };
}

function resourceOf({
  id,
  project,
  location,
  configuration,
  createdMs,
  endedMs,
  error,
  result,
  loadedRows,
}: Job): JsonObject {
  const errorResult = error === undefined ? undefined : { reason: error.reason, message: error.message };
  return {
    kind: 'bigquery#job',
    id: `${project}:${location}.${id}`,
    jobReference: { projectId: project, jobId: id, location },
    configuration,
    status: {
      state: endedMs === undefined ? 'RUNNING' : 'DONE',
      ...(errorResult === undefined ? {} : { errorResult, errors: [errorResult] }),
    },
    statistics: {
      creationTime: String(createdMs),
      ...(endedMs === undefined ? {} : { endTime: String(endedMs) }),
      ...(isJsonObject(configuration['load'])
        ? { load: { outputRows: String(loadedRows) } }
        : { query: { numDmlAffectedRows: String(result?.changedRows ?? 0) } }),
    },
  };
}
