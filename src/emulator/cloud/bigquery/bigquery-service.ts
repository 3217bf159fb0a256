import { isJsonObject, type JsonObject, type JsonValue } from '../../../json/value.ts';
import { empty, json, type CloudReply } from '../cloud-reply.ts';
import type { StorageCall } from '../storage-service.ts';
import { BigQueryFailure, invalid, noSuch, refused, type BigQueryError } from './bigquery-error.ts';
import { BigQueryFaults, type BigQueryOptions } from './bigquery-faults.ts';
import { readSchema, writeRow, type Field, type StoredRow } from './cells.ts';
import { JobStore, readTableName, type BigQueryStats } from './job-store.ts';
import { TableStore, type TableName } from './table-store.ts';
import { UploadSessions } from './upload-sessions.ts';

const BASE = /^(\/upload)?\/bigquery\/v2\/projects\/([^/]+)\/(.+)$/;
const MOST_PAGE_ROWS = 10_000;

export function isBigQueryPath(path: string): boolean {
  return BASE.test(path);
}

interface Call extends StorageCall {
  project: string;
  rest: string;
  nowMs: number;
}

/**
 * BigQuery's REST API, as far as it is used: datasets, tables with their earlier states, load jobs by upload, and three statements of SQL.
 * Job ids are kept: a second job of an id is refused.
 */
export class BigQueryService {
  readonly #options: BigQueryOptions;
  readonly #faults: BigQueryFaults;
  readonly #tables = new TableStore();
  readonly #jobs = new JobStore(this.#tables);
  readonly #uploads = new UploadSessions();

  constructor(options: BigQueryOptions) {
    this.#options = options;
    this.#faults = new BigQueryFaults(options.faults ?? []);
  }

  get stats(): BigQueryStats {
    return this.#jobs.stats;
  }

  /** What batch jobs read and write. */
  get tables(): TableStore {
    return this.#tables;
  }

  reset(): void {
    this.#tables.reset();
    this.#jobs.reset();
    this.#uploads.reset();
    this.#faults.reset();
  }

  reply(call: StorageCall, origin: string, nowMs: number): CloudReply {
    const [, upload, project = '', rest = ''] = BASE.exec(call.url.pathname) ?? [];
    this.#jobs.settle(nowMs);
    if (this.#faults.strikes('unavailable')) return refused(BACKEND_ERROR);
    if (this.#faults.strikes('rate-limited')) {
      return refused({ code: 403, reason: 'rateLimitExceeded', message: 'Exceeded rate limits: too many requests.' });
    }
    const whole = { ...call, project: decodeURIComponent(project), rest, nowMs };
    try {
      const reply = upload === undefined ? this.#plain(whole) : this.#upload(whole, origin);
      // Its clock is one of its own.
      return { ...reply, headers: { ...reply.headers, date: new Date(nowMs).toUTCString() } };
    } catch (error) {
      if (error instanceof BigQueryFailure) return refused(error.error);
      throw error;
    }
  }

  #plain(call: Call): CloudReply {
    const { method, url, project, rest, nowMs } = call;
    const [kind, id, ...below] = rest.split('/').map(decodeURIComponent);
    const location = url.searchParams.get('location');
    switch (`${method} ${kind}${id === undefined ? '' : '/id'}`) {
      case 'POST datasets': {
        const { datasetReference, location: place = 'US' } = objectOf(call.body);
        const { datasetId } = isJsonObject(datasetReference) ? datasetReference : {};
        this.#tables.createDataset({ project, dataset: String(datasetId) }, String(place));
        return json({ datasetReference: { projectId: project, datasetId: String(datasetId) }, location: place });
      }
      case 'POST jobs':
        return this.#insert(call, parsed(call.body), undefined);
      case 'GET jobs/id':
        return json(this.#jobs.resource(project, id ?? '', location));
      case 'GET queries/id':
        return this.#results(call, id ?? '', location);
      case 'GET datasets/id':
      case 'POST datasets/id':
      case 'DELETE datasets/id':
        return this.#dataset(call, { project, dataset: id ?? '' }, below);
      default:
        throw new BigQueryFailure(noSuch(`the route ${method} ${rest} (${nowMs})`));
    }
  }

  #dataset(
    { method, url, body, nowMs }: Call,
    place: Omit<TableName, 'table'>,
    [kind, table, data]: string[],
  ): CloudReply {
    if (kind === undefined && method === 'GET') {
      const { project, dataset } = place;
      return json({
        datasetReference: { projectId: project, datasetId: dataset },
        location: this.#tables.locationOf(place),
      });
    }
    if (kind !== 'tables') throw new BigQueryFailure(noSuch('the route'));
    if (table === undefined && method === 'GET') {
      const tables = this.#tables.list(place, nowMs);
      return json({ tables, totalItems: tables.length });
    }
    if (table === undefined && method === 'POST') {
      const { tableReference, schema, expirationTime } = objectOf(body);
      const name = readTableName(tableReference);
      const expires = expirationTime === undefined ? undefined : Number(expirationTime);
      this.#tables.create(name, schema === undefined ? [] : readSchema(schema), nowMs, expires);
      return json(this.#tables.resource(name, nowMs));
    }
    const name = { ...place, table: table ?? '' };
    if (data === 'data' && method === 'GET') {
      return this.#page(this.#tables.read(name, nowMs), url.searchParams, {});
    }
    if (method === 'GET') return json(this.#tables.resource(name, nowMs));
    if (method !== 'DELETE') throw new BigQueryFailure(noSuch('the route'));
    this.#tables.delete(name, nowMs);
    return empty(204);
  }

  #insert({ project, nowMs }: Call, body: JsonValue, content: Buffer | undefined): CloudReply {
    const { configuration } = isJsonObject(body) ? body : {};
    if (isJsonObject(configuration) && configuration['dryRun'] === true) {
      return json({ status: { state: 'DONE' }, statistics: { totalBytesProcessed: this.#jobs.bytesOf(body, nowMs) } });
    }
    const failsWith = this.#faults.strikes('job-backend-error') ? BACKEND_ERROR : undefined;
    const jobMs = this.#options.jobMs ?? 0;
    const job = this.#jobs.insert(project, body, { nowMs, jobMs, content, failsWith });
    const isLost = this.#faults.strikes('lost-insert-answer');
    return isLost ? { ...empty(503), isBroken: true } : json(job);
  }

  #results({ project, url, nowMs }: Call, id: string, location: string | null): CloudReply {
    const result = this.#jobs.result(project, id, { location, nowMs });
    if (result === undefined || this.#faults.strikes('slow-query')) return json({ jobComplete: false });
    if (this.#faults.strikes('results-expired')) throw new BigQueryFailure(noSuch(`Table of the results of ${id}`));
    // The results of queries do not say what is required.
    const fields = result.fields.map(({ mode, ...field }) => ({
      ...field,
      mode: mode === 'REPEATED' ? mode : 'NULLABLE',
    }));
    const page = this.#page({ fields, rows: result.rows }, url.searchParams, {
      jobComplete: true,
      schema: { fields: fields as unknown as JsonValue },
    });
    return this.#faults.strikes('broken-page') ? { ...page, isBroken: true } : page;
  }

  #page(
    { fields, rows }: { fields: readonly Field[]; rows: readonly StoredRow[] },
    query: URLSearchParams,
    more: JsonObject,
  ): CloudReply {
    const token = query.get('pageToken');
    const [, at] = /^p(\d+)$/.exec(token ?? '') ?? [];
    if (token !== null && at === undefined) throw new BigQueryFailure(invalid('Invalid page token'));
    const start = Number(at ?? query.get('startIndex') ?? 0);
    const most = Math.min(Number(query.get('maxResults') ?? MOST_PAGE_ROWS), this.#options.pageRows ?? MOST_PAGE_ROWS);
    const end = start + most;
    const hasMicros = query.get('formatOptions.useInt64Timestamp') === 'true';
    return json({
      ...more,
      totalRows: String(rows.length),
      ...(start < rows.length ? { rows: rows.slice(start, end).map((row) => writeRow(row, fields, hasMicros)) } : {}),
      ...(end < rows.length ? { pageToken: `p${end}` } : {}),
    });
  }

  #upload(call: Call, origin: string): CloudReply {
    const { method, url, rest } = call;
    if (rest !== 'jobs') throw new BigQueryFailure(noSuch('the route'));
    const session = url.searchParams.get('upload_id');
    if (method === 'PUT' && session !== null) {
      const step = this.#uploads.piece(session, call);
      return 'reply' in step ? step.reply : this.#insert(call, step.body, step.content);
    }
    if (method !== 'POST') throw new BigQueryFailure(noSuch('the route'));
    if (url.searchParams.get('uploadType') === 'resumable') {
      const id = this.#uploads.open(parsed(call.body));
      return empty(200, { location: `${origin}${url.pathname}?uploadType=resumable&upload_id=${id}` });
    }
    const { body, content } = readParts(call);
    return this.#insert(call, body, content);
  }
}

const BACKEND_ERROR: BigQueryError = {
  code: 503,
  reason: 'backendError',
  message: 'The service is unavailable, try again.',
};

function parsed(body: Buffer): JsonValue {
  try {
    return JSON.parse(body.toString('utf8')) as JsonValue;
  } catch {
    throw new BigQueryFailure(invalid('Parse Error'));
  }
}

function objectOf(body: Buffer): JsonObject {
  const value = parsed(body);
  return isJsonObject(value) ? value : {};
}

/** The two parts of a multipart upload: the job, and what it loads. */
function readParts({ headers, body }: Call): { body: JsonValue; content: Buffer } {
  const [, boundary] = /boundary="?([^";]+)"?/.exec(String(headers['content-type'])) ?? [];
  const parts = body.toString('latin1').split(`--${boundary}`).slice(1, -1);
  const [job = '', content = ''] = parts.map((part) => part.slice(part.indexOf('\r\n\r\n') + 4, -2));
  return { body: parsed(Buffer.from(job, 'latin1')), content: Buffer.from(content, 'latin1') };
}
