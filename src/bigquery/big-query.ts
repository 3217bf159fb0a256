import { ApiError } from '../completion/api-error.ts';
import { GoogleRest, type GoogleRestOptions, type RestCall } from '../cloud-storage/google-rest.ts';
import { GleanerError } from '../gleaner-error.ts';
import { isJsonObject, type JsonObject } from '../json/value.ts';
import { backoffDelayMs, type BackoffOptions } from '../pacing/backoff.ts';
import { delay } from '../pacing/delay.ts';
import { nameOfTable, type TableAddress } from './table-address.ts';
import { readTableFacts, type TableFacts } from './table-facts.ts';

export interface BigQueryOptions extends Omit<GoogleRestOptions, 'origin' | 'rolesPage'> {
  /** The project that jobs run in and are billed to. Default: that of the table. */
  project?: string | undefined;
  /** Another of Google's hosts for BigQuery, such as `https://bigquery.europe-west3.rep.googleapis.com`. */
  endpoint?: string | undefined;
  /** The emulator's origin, in the place of Google's host. */
  emulator?: string | undefined;
}

/** A page of the rows that a query found, as they are written. */
export interface ResultPage {
  rows: readonly JsonObject[];
  schema: JsonObject;
  totalRows: number;
  nextPage: string | undefined;
}

export interface PageRequest {
  jobId: string;
  location: string;
  pageRows: number;
  /** The page, or the row, to begin with. */
  from: { page: string } | { row: number };
}

/** Calls for one answer, while its body breaks off. */
const MOST_BREAKS = 6;
/** How long one call waits for a query to end. */
const WAIT_MS = 10_000;
/** Between two such calls, should one not have waited. */
const NEXT_LOOK_MS = 100;

/** The calls of BigQuery's REST API that are used here. */
export class BigQuery {
  readonly rest: GoogleRest;
  readonly backoff: BackoffOptions | undefined;
  /** Where jobs run, and who pays for them. */
  readonly jobProject: string;

  /** @throws {GleanerError} for a host that must not get Google's credentials */
  constructor({ project, endpoint, emulator, ...options }: BigQueryOptions, tableProject: string) {
    this.rest = new GoogleRest({
      ...options,
      origin: emulator ?? endpoint ?? 'https://bigquery.googleapis.com',
      rolesPage: 'docs/bigquery.md',
    });
    this.backoff = options.backoff;
    this.jobProject = project ?? tableProject;
  }

  /** Where jobs are inserted, below `/bigquery/v2` and `/upload/bigquery/v2`. */
  get jobsPath(): string {
    return `/projects/${encodeURIComponent(this.jobProject)}/jobs`;
  }

  /** What is known of a table, and when by the service's clock; undefined where there is none. */
  async table(address: TableAddress, signal?: AbortSignal): Promise<{ facts: TableFacts; nowMs: number } | undefined> {
    const answer = await this.rest.call({
      method: 'GET',
      path: tablePath(address),
      task: `look at ${nameOfTable(address)}`,
      expected: [404],
      signal,
    });
    const value: unknown = await answer.body.json().catch(() => undefined);
    if (answer.status === 404) return undefined;
    if (!isJsonObject(value)) throw unreadable(`look at ${nameOfTable(address)}`);
    const said = Date.parse(String(answer.headers['date']));
    return { facts: readTableFacts(value), nowMs: Number.isNaN(said) ? Date.now() : said };
  }

  /** Where a dataset's jobs must run. @throws {GleanerError} where there is no such dataset */
  async location({ project, dataset }: TableAddress, signal?: AbortSignal): Promise<string> {
    const task = `look at the dataset ${project}.${dataset}`;
    const { location } = await this.json({ method: 'GET', path: datasetPath({ project, dataset }), task, signal });
    return typeof location === 'string' ? location : 'US';
  }

  /** Makes a table. @returns whether it was not there yet */
  async createTable(
    address: TableAddress,
    { schema, expirationMs }: { schema: JsonObject; expirationMs?: number },
    signal?: AbortSignal,
  ): Promise<boolean> {
    const { project, dataset, table } = address;
    const answer = await this.rest.call({
      method: 'POST',
      path: `${datasetPath(address)}/tables`,
      headers: JSON_BODY,
      body: JSON.stringify({
        tableReference: { projectId: project, datasetId: dataset, tableId: table },
        schema,
        ...(expirationMs === undefined ? {} : { expirationTime: String(expirationMs) }),
      }),
      task: `make ${nameOfTable(address)}`,
      expected: [409],
      signal,
    });
    await answer.body.dump();
    return answer.status !== 409;
  }

  async deleteTable(address: TableAddress, signal?: AbortSignal): Promise<void> {
    const answer = await this.rest.call({
      method: 'DELETE',
      path: tablePath(address),
      task: `delete ${nameOfTable(address)}`,
      expected: [404],
      signal,
    });
    await answer.body.dump();
  }

  /** Begins a job. A job of that id is taken for this one: an earlier call got through whose answer was lost. */
  async insertJob(jobId: string, location: string, configuration: JsonObject, signal?: AbortSignal): Promise<void> {
    const answer = await this.rest.call({
      method: 'POST',
      path: `/bigquery/v2${this.jobsPath}`,
      headers: JSON_BODY,
      body: JSON.stringify(this.jobBody(jobId, location, configuration)),
      task: `begin the job ${jobId}`,
      expected: [409],
      signal,
    });
    await answer.body.dump();
  }

  /** How many bytes a query would read, which is not made. */
  async bytesOf(sql: string, location: string, signal?: AbortSignal): Promise<number> {
    const { statistics } = await this.json({
      method: 'POST',
      path: `/bigquery/v2${this.jobsPath}`,
      headers: JSON_BODY,
      body: JSON.stringify({
        jobReference: { projectId: this.jobProject, location },
        configuration: { dryRun: true, query: { query: sql, useLegacySql: false } },
      }),
      task: `try a query in the project ${this.jobProject}`,
      signal,
    });
    return Number((isJsonObject(statistics) ? statistics['totalBytesProcessed'] : undefined) ?? 0);
  }

  jobBody(jobId: string, location: string, configuration: JsonObject): JsonObject {
    return { jobReference: { projectId: this.jobProject, jobId, location }, configuration };
  }

  /** A job as it stands; undefined where there is none. */
  async job(jobId: string, location: string, signal?: AbortSignal): Promise<JsonObject | undefined> {
    const answer = await this.rest.call({
      method: 'GET',
      path: `/bigquery/v2${this.jobsPath}/${jobId}?location=${encodeURIComponent(location)}`,
      task: `look at the job ${jobId}`,
      expected: [404],
      signal,
    });
    const value: unknown = await answer.body.json().catch(() => undefined);
    if (answer.status === 404) return undefined;
    if (isJsonObject(value)) return value;
    throw unreadable(`look at the job ${jobId}`);
  }

  /** Rows that a query found; waits for its end. */
  async page({ jobId, location, pageRows, from }: PageRequest, signal?: AbortSignal): Promise<ResultPage> {
    const query = new URLSearchParams({
      location,
      maxResults: String(pageRows),
      timeoutMs: String(WAIT_MS),
      'formatOptions.useInt64Timestamp': 'true',
      ...('page' in from ? { pageToken: from.page } : { startIndex: String(from.row) }),
    });
    const path = `/bigquery/v2${this.jobsPath.replace(/jobs$/, 'queries')}/${jobId}?${query}`;
    for (;;) {
      const answer = await this.json({ method: 'GET', path, task: `read the rows of the job ${jobId}`, signal });
      const { jobComplete, rows, schema, totalRows, pageToken } = answer;
      if (jobComplete !== true) {
        await delay(NEXT_LOOK_MS, signal);
        continue;
      }
      return {
        rows: Array.isArray(rows) ? (rows as JsonObject[]) : [],
        schema: isJsonObject(schema) ? schema : {},
        totalRows: Number(totalRows ?? 0),
        nextPage: typeof pageToken === 'string' && pageToken !== '' ? pageToken : undefined,
      };
    }
  }

  /** As the client of the host does it, and again where the body breaks off. For calls that may be repeated. */
  async json(call: RestCall): Promise<JsonObject> {
    for (let breaks = 1; ; breaks += 1) {
      try {
        return await this.rest.json(call);
      } catch (error) {
        call.signal?.throwIfAborted();
        if (!(error instanceof ApiError) || error.kind !== 'unreadable' || breaks >= MOST_BREAKS) throw error;
      }
      await delay(backoffDelayMs(breaks - 1, this.backoff), call.signal);
    }
  }

  close(): Promise<void> {
    return this.rest.close();
  }
}

const JSON_BODY = { 'content-type': 'application/json' };

function datasetPath({ project, dataset }: Pick<TableAddress, 'project' | 'dataset'>): string {
  return `/bigquery/v2/projects/${encodeURIComponent(project)}/datasets/${dataset}`;
}

function tablePath(address: TableAddress): string {
  return `${datasetPath(address)}/tables/${encodeURIComponent(address.table)}`;
}

function unreadable(task: string): ApiError {
  return new ApiError(`Cannot ${task}: the answer is no JSON object`, { kind: 'unreadable', mayBeBilled: false });
}

/** Whether a refusal says that there is no such thing. */
export function isNotFound(error: unknown): boolean {
  return error instanceof GleanerError && error.facts['status'] === 404;
}
