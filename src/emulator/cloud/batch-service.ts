import { parseJson } from '../../json/parse-json.ts';
import { addUsage, zeroUsage, type TokenUsage } from '../../completion/usage.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../json/value.ts';
import type { Reply } from '../service/reply.ts';
import { JobFaults, type BatchOptions } from './batch-faults.ts';
import { empty, failure, json, notFound, type CloudReply } from './cloud-reply.ts';
import { workThrough, type JobOutput } from './job-lines.ts';
import { isTaken, outputUri, readInput, writeOutput, type JobInput, type JobPlaces } from './job-places.ts';

export interface BatchServiceOptions extends BatchOptions, JobPlaces {
  seed: number;
  /** Answers one chat request of a line. */
  answer(body: JsonObject, route: { project: string; location: string }): Reply;
}

/** What batch jobs were billed. */
export interface BatchStats {
  jobs: number;
  /** Answers that were exported, and billed. */
  billed: number;
  tokens: TokenUsage;
}

interface Job {
  name: string;
  displayName: string;
  model: string;
  project: string;
  location: string;
  body: JsonObject;
  input: JobInput;
  /** Where its output goes. */
  target: string;
  faults: JobFaults;
  createdAt: number;
  /** As the service writes it, to the microsecond: no two jobs share one, nor the directory that is named after it. */
  createTime: string;
  cancelledAt: number | undefined;
  end: { state: string; at: number; output: JobOutput | undefined; info: JsonObject | undefined } | undefined;
}

const JOBS = /^\/v1(?:beta1)?\/projects\/([^/]+)\/locations\/([^/]+)\/batchPredictionJobs(?:\/([^/:]+))?(:cancel)?$/;

export function isBatchPath(path: string): boolean {
  return JOBS.test(path);
}

/** Batch prediction jobs, on a clock that is moved from outside. */
export class BatchService {
  readonly #options: BatchServiceOptions;
  readonly #jobs = new Map<string, Job>();
  #created = 0;
  #bill: TokenUsage = zeroUsage;
  #billed = 0;

  constructor(options: BatchServiceOptions) {
    this.#options = options;
  }

  get stats(): BatchStats {
    return { jobs: this.#jobs.size, billed: this.#billed, tokens: { ...this.#bill } };
  }

  reset(): void {
    this.#jobs.clear();
    this.#created = 0;
    this.#bill = zeroUsage;
    this.#billed = 0;
  }

  reply({ method, url, body }: { method: string; url: URL; body: Buffer }, now: number): CloudReply {
    const [, project = '', location = '', id, cancel] = JOBS.exec(url.pathname) ?? [];
    if (id === undefined) {
      if (method === 'POST') return this.#create(body, { project, location }, now);
      return method === 'GET' ? this.#list(url.searchParams, { project, location }, now) : notFound('The route');
    }
    const job = this.#jobs.get(id);
    if (job === undefined || job.location !== location) return notFound('The batch prediction job');
    this.#advance(job, now);
    if (cancel !== undefined) {
      if (job.end === undefined) job.cancelledAt ??= now;
      return json({});
    }
    if (method === 'DELETE') {
      this.#jobs.delete(id);
      return json({ name: `${job.name}/operations/1`, done: true });
    }
    return json(this.#resource(job, now));
  }

  #create(body: Buffer, place: { project: string; location: string }, now: number): CloudReply {
    const value = parseJson(body.toString('utf8'));
    const problem = isJsonObject(value) ? undefined : 'Invalid JSON payload received.';
    const request = isJsonObject(value) ? value : {};
    const target = outputUri(request);
    const model = /^publishers\/google\/models\/([^/]+)$/.exec(String(request['model']))?.[1];
    if (problem !== undefined) return invalid(problem);
    if (model === undefined || target === undefined) return invalid('The model or the output of the job is missing.');
    this.#created += 1;
    const faults = new JobFaults(this.#options.faults ?? [], this.#created);
    if (faults.has('wrong-location')) {
      return failure({
        code: 404,
        status: 'NOT_FOUND',
        message: `Publisher Model \`projects/${place.project}/locations/${place.location}/publishers/google/models/${model}\` was not found`,
      });
    }
    const input = readInput(request, this.#options, now);
    if (typeof input === 'string') return invalid(input);
    const make = (): Job => this.#make({ ...place, request, model, input, target, faults, now });
    const job = make();
    if (faults.has('doubled-create')) make();
    // The job is there, but nobody hears of it.
    if (faults.has('lost-create-answer')) return { ...empty(503), isBroken: true };
    return json(this.#resource(job, now));
  }

  #make(parts: {
    project: string;
    location: string;
    request: JsonObject;
    model: string;
    input: JobInput;
    target: string;
    faults: JobFaults;
    now: number;
  }): Job {
    const { project, location, request, model, input, target, faults, now } = parts;
    const id = String(3_814_889_423_749_775_000n + BigInt(this.#jobs.size + 1));
    const job: Job = {
      name: `projects/${project}/locations/${location}/batchPredictionJobs/${id}`,
      displayName: String(request['displayName'] ?? ''),
      model,
      project,
      location,
      body: request,
      input,
      target,
      faults,
      createdAt: now,
      createTime: new Date(now).toISOString().replace('Z', `${String(this.#jobs.size % 1000).padStart(3, '0')}Z`),
      cancelledAt: undefined,
      end: undefined,
    };
    this.#jobs.set(id, job);
    return job;
  }

  #list(query: URLSearchParams, { project, location }: { project: string; location: string }, now: number): CloudReply {
    const [, operator, text = ''] = /display_?[nN]ame\s*(=|:)\s*"([^"]*)"/.exec(query.get('filter') ?? '') ?? [];
    const isNamed = ({ displayName }: Job): boolean =>
      operator === undefined ||
      (operator === ':' && text.endsWith('*') ? displayName.startsWith(text.slice(0, -1)) : displayName === text);
    const found = [...this.#jobs.values()].filter(
      (job) => job.project === project && job.location === location && isNamed(job),
    );
    for (const job of found) this.#advance(job, now);
    const from = Number(query.get('pageToken') ?? 0);
    const size = Number(query.get('pageSize') ?? 100);
    const page = found.slice(from, from + size).map((job) => this.#resource(job, now));
    const isMore = found.length > from + size;
    return json({ batchPredictionJobs: page, ...(isMore ? { nextPageToken: String(from + size) } : {}) } as JsonValue);
  }

  /** Where a job is by the clock. */
  #stateOf({ createdAt, cancelledAt, end, faults }: Job, now: number): string {
    if (end !== undefined) return end.state;
    if (cancelledAt !== undefined) return 'JOB_STATE_CANCELLING';
    const { queueMs = 100 } = this.#options;
    return now - createdAt < queueMs || faults.has('stuck-pending') ? 'JOB_STATE_PENDING' : 'JOB_STATE_RUNNING';
  }

  #advance(job: Job, now: number): void {
    if (job.end !== undefined) return;
    const { queueMs = 100, runMs = 100, cancelMs = 50 } = this.#options;
    const { createdAt, cancelledAt, faults } = job;
    const workedMs = (at: number): number => (faults.has('stuck-pending') ? 0 : Math.max(0, at - createdAt - queueMs));
    if (cancelledAt !== undefined) {
      const at = cancelledAt + cancelMs;
      // What is under way at the call is finished yet.
      if (now >= at) this.#end(job, 'JOB_STATE_CANCELLED', Math.min(1, workedMs(at) / Math.max(1, runMs)), at);
    } else if (!faults.has('stuck-pending') && now - createdAt >= queueMs + runMs) {
      const [state, share] = endOf(faults);
      this.#end(job, state, share, createdAt + queueMs + runMs);
    }
  }

  #end(job: Job, state: string, share: number, at: number): void {
    const { seed, answer } = this.#options;
    const { faults, model, input, target, project, location, createTime } = job;
    const { text, passedOn } = input;
    job.input = { text: '', passedOn: [] };
    if (isTaken(target, this.#options, at)) {
      job.end = {
        state: state === 'JOB_STATE_CANCELLED' ? state : 'JOB_STATE_FAILED',
        at,
        output: undefined,
        info: undefined,
      };
      return;
    }
    const output = workThrough({
      input: text,
      model: `google/${model}`,
      share,
      faults,
      seed,
      now: at,
      answer: (body) => answer(body, { project, location }),
    });
    this.#bill = addUsage(this.#bill, output.bill);
    this.#billed += output.billed;
    const info =
      output.lines.length === 0
        ? undefined
        : writeOutput(target, { lines: output.lines, passedOn, faults, nowMs: at, createTime }, this.#options);
    job.end = { state, at, output, info };
  }

  #resource(job: Job, now: number): JsonObject {
    this.#advance(job, now);
    const { name, displayName, body, createTime, end, faults } = job;
    const iso = (at: number): string => new Date(at).toISOString();
    const state = this.#stateOf(job, now);
    return {
      name,
      displayName,
      model: body['model'] ?? null,
      modelVersionId: '1',
      inputConfig: body['inputConfig'] ?? {},
      outputConfig: body['outputConfig'] ?? {},
      state,
      ...(end?.info === undefined ? {} : { outputInfo: end.info }),
      ...(end?.output === undefined || faults.has('stats-empty')
        ? {}
        : { completionStats: statsOf(end.output, faults) }),
      ...errorOf(state, faults),
      createTime,
      updateTime: end === undefined ? createTime : iso(end.at),
      ...(end === undefined ? {} : { endTime: iso(end.at) }),
    };
  }
}

function endOf(faults: JobFaults): [state: string, share: number] {
  if (faults.has('failed-without-rows') || faults.has('service-agent')) return ['JOB_STATE_FAILED', 0];
  if (faults.has('failed-with-rows')) return ['JOB_STATE_FAILED', 0.5];
  if (faults.has('expired')) return ['JOB_STATE_EXPIRED', 0.5];
  if (faults.has('cancelled-part')) return ['JOB_STATE_CANCELLED', 0.5];
  return [faults.has('partially-succeeded') ? 'JOB_STATE_PARTIALLY_SUCCEEDED' : 'JOB_STATE_SUCCEEDED', 1];
}

function statsOf({ successes, failures, rest }: JobOutput, faults: JobFaults): JsonObject {
  const wrong = faults.has('stats-wrong') ? 7 : 0;
  return {
    successfulCount: String(successes + wrong),
    failedCount: String(failures),
    incompleteCount: rest === 0 ? '-1' : String(rest),
  };
}

function errorOf(state: string, faults: JobFaults): JsonObject {
  if (state === 'JOB_STATE_CANCELLED') return { error: { code: 1, message: 'CANCELED' } };
  if (state !== 'JOB_STATE_FAILED') return {};
  if (faults.has('service-agent')) {
    const message =
      'The service agent service-1@gcp-sa-aiplatform.iam.gserviceaccount.com does not have storage.objects.get access to the input file.';
    return { error: { code: 7, message } };
  }
  return { error: { code: 13, message: 'Internal error.' } };
}

function invalid(message: string): CloudReply {
  return failure({ code: 400, status: 'INVALID_ARGUMENT', message });
}
