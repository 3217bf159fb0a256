import type { GoogleRest } from '../cloud-storage/google-rest.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../json/value.ts';
import type { JobPlaces } from './line-store.ts';

/** A batch prediction job, as the service tells of it. */
export interface JobResource {
  name: string;
  displayName: string;
  state: string;
  createTime: string;
  /** Where its output stands, where the service says so. */
  directory: string | undefined;
  /** The table that holds it, where it went into one: `bq://project.dataset.table`. */
  table: string | undefined;
  error: { code: number; message: string } | undefined;
  stats: JsonValue | undefined;
}

const ENDED: ReadonlySet<string> = new Set([
  'JOB_STATE_SUCCEEDED',
  'JOB_STATE_PARTIALLY_SUCCEEDED',
  'JOB_STATE_FAILED',
  'JOB_STATE_CANCELLED',
  'JOB_STATE_EXPIRED',
]);

/** Whether nothing more comes of a job. PAUSED can be resumed, and UPDATING passes. */
export function hasEnded({ state }: Pick<JobResource, 'state'>): boolean {
  return ENDED.has(state);
}

export interface JobPlace {
  project: string;
  location: string;
}

export interface JobRequest {
  displayName: string;
  /** `google/…`, as requests name it. */
  model: string;
  places: JobPlaces;
  labels: Readonly<Record<string, string>>;
}

/** Batch prediction jobs of Vertex AI, by REST. */
export class JobClient {
  readonly #rest: GoogleRest;
  readonly #path: string;

  constructor(rest: GoogleRest, { project, location }: JobPlace) {
    this.#rest = rest;
    this.#path = `/v1/projects/${project}/locations/${location}/batchPredictionJobs`;
  }

  /** Never repeated by itself: a second call would be a second job. */
  async create({ displayName, model, places, labels }: JobRequest, signal?: AbortSignal): Promise<JobResource> {
    const body = {
      displayName,
      model: `publishers/google/models/${model.replace(/^google\//, '')}`,
      ...places,
      labels,
    };
    const job = await this.#rest.json({
      method: 'POST',
      path: this.#path,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      task: `create the batch job ${displayName}`,
      canRepeat: false,
      signal,
    });
    return readJob(job);
  }

  async get(name: string, signal?: AbortSignal): Promise<JobResource | undefined> {
    const answer = await this.#rest.call({
      method: 'GET',
      path: `/v1/${name}`,
      task: `look at the batch job ${name}`,
      expected: [404],
      signal,
    });
    if (answer.status === 404) {
      await answer.body.dump();
      return undefined;
    }
    const value: unknown = await answer.body.json();
    return readJob(isJsonObject(value) ? value : {});
  }

  /** Jobs by their display name; with `*` at its end, all that begin so. */
  async *list(displayName: string, signal?: AbortSignal): AsyncGenerator<JobResource> {
    const operator = displayName.endsWith('*') ? ':' : '=';
    let token: string | undefined;
    do {
      const query = new URLSearchParams({ filter: `displayName${operator}"${displayName}"`, pageSize: '100' });
      if (token !== undefined) query.set('pageToken', token);
      const page = await this.#rest.json({
        method: 'GET',
        path: `${this.#path}?${query}`,
        task: 'list batch jobs',
        signal,
      });
      const { batchPredictionJobs = [], nextPageToken } = page;
      for (const job of batchPredictionJobs as readonly JsonValue[]) if (isJsonObject(job)) yield readJob(job);
      token = typeof nextPageToken === 'string' && nextPageToken !== '' ? nextPageToken : undefined;
    } while (token !== undefined);
  }

  /** Tells a job to stop; one that has ended stays as it is. */
  async cancel(name: string, signal?: AbortSignal): Promise<void> {
    const answer = await this.#rest.call({
      method: 'POST',
      path: `/v1/${name}:cancel`,
      headers: { 'content-type': 'application/json' },
      body: '{}',
      task: `cancel the batch job ${name}`,
      expected: [400, 404, 409],
      signal,
    });
    await answer.body.dump();
  }
}

function readJob(job: JsonObject): JobResource {
  const { name, displayName, state, createTime, outputInfo, error, completionStats } = job;
  const text = (value: JsonValue | undefined): string => (typeof value === 'string' ? value : '');
  const output = isJsonObject(outputInfo) ? outputInfo : {};
  const directory = text(output['gcsOutputDirectory']);
  return {
    name: text(name),
    displayName: text(displayName),
    state: text(state) === '' ? 'JOB_STATE_UNSPECIFIED' : text(state),
    createTime: text(createTime),
    directory: directory === '' ? undefined : directory,
    table: tableIn(output),
    error: isJsonObject(error) ? { code: Number(error['code'] ?? 0), message: text(error['message']) } : undefined,
    stats: completionStats,
  };
}

/** By itself, or apart from its dataset. */
function tableIn({ bigqueryOutputTable: table, bigqueryOutputDataset: dataset }: JsonObject): string | undefined {
  if (typeof table !== 'string' || table === '') return undefined;
  return table.startsWith('bq://') || typeof dataset !== 'string' ? table : `${dataset}.${table}`;
}
