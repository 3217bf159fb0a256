import { GleanerError } from '../gleaner-error.ts';
import { isJsonObject, type JsonObject } from '../json/value.ts';
import { backoffDelayMs } from '../pacing/backoff.ts';
import { delay } from '../pacing/delay.ts';
import { plainText } from '../text/plain-text.ts';
import type { BigQuery } from './big-query.ts';

export interface NamedJob {
  /** The same for the same work, so that whoever comes a second time finds the job of the first. */
  name: string;
  /** The first of its tries that may be taken. Default 1. */
  from?: number;
  location: string;
  /** What it does, for messages: "load rows into bq://…". */
  task: string;
  begin(jobId: string): Promise<void>;
  /** What is wrong, from the service's words, where those may hold what rows hold. Default: its words. */
  explain?(message: string): string;
}

export interface EndedJob {
  jobId: string;
  /** Which of its tries it was. */
  attempt: number;
  job: JsonObject;
}

/** Failed tries of a job, those of earlier commands among them. */
const MOST_ATTEMPTS = 20;
const MOST_OWN_ATTEMPTS = 5;
const FIRST_LOOK_MS = 100;
const LOOK_EVERY_MS = 5000;
const PASSING = new Set(['backendError', 'internalError', 'jobBackendError', 'jobInternalError', 'rateLimitExceeded']);

/**
 * Has a job done once. It goes by a name of its own: one that is there, at work or done, is taken for it; one that failed is passed over,
 * and the next try has the next number.
 *
 * @throws {GleanerError} where it fails for a reason that stays
 */
export async function runJob(client: BigQuery, named: NamedJob, signal?: AbortSignal): Promise<EndedJob> {
  let own = 0;
  let failed = 0;
  for (let attempt = named.from ?? 1; failed < MOST_ATTEMPTS; attempt += 1) {
    const jobId = `${named.name}_${attempt}`;
    const found = await client.job(jobId, named.location, signal);
    if (found === undefined) {
      await named.begin(jobId);
      own += 1;
    }
    const job = await endOf(client, jobId, named, { found, signal });
    const failure = failureOf(job);
    if (failure === undefined) return { jobId, attempt, job };
    failed += 1;
    // Whatever it failed with then may have been put right since.
    if (found !== undefined && isDone(found)) continue;
    if (!PASSING.has(failure.reason) || own >= MOST_OWN_ATTEMPTS) throw refusal(named, jobId, failure);
    await delay(backoffDelayMs(own, client.backoff), signal);
  }
  throw new GleanerError(
    'run-refused',
    `Cannot ${named.task}: it failed ${MOST_ATTEMPTS} times; look at the jobs ${named.name}_1 and on`,
  );
}

async function endOf(
  client: BigQuery,
  jobId: string,
  { location, task }: NamedJob,
  { found, signal }: { found: JsonObject | undefined; signal: AbortSignal | undefined },
): Promise<JsonObject> {
  let job = found;
  for (let pause = FIRST_LOOK_MS; ; pause = Math.min(pause * 2, LOOK_EVERY_MS)) {
    job ??= await client.job(jobId, location, signal);
    if (job === undefined) {
      throw new GleanerError(
        'run-refused',
        `Cannot ${task}: the job ${jobId} is not there any more; repeat the command`,
      );
    }
    if (isDone(job)) return job;
    job = undefined;
    await delay(pause, signal);
  }
}

function isDone({ status }: JsonObject): boolean {
  return isJsonObject(status) && status['state'] === 'DONE';
}

interface Failure {
  reason: string;
  message: string;
}

function failureOf({ status }: JsonObject): Failure | undefined {
  const error = isJsonObject(status) ? status['errorResult'] : undefined;
  if (!isJsonObject(error)) return undefined;
  const { reason, message } = error;
  return {
    reason: typeof reason === 'string' ? reason : 'unknown',
    message: plainText(typeof message === 'string' ? message : '', { limit: 300 }).replace(/\.$/, ''),
  };
}

function refusal({ task, explain }: NamedJob, jobId: string, { reason, message }: Failure): GleanerError {
  const why = explain === undefined ? message : explain(message);
  return new GleanerError('run-refused', `Cannot ${task}: ${why} (${reason}, job ${jobId})`, { facts: { reason } });
}
