import { ApiError } from '../completion/api-error.ts';
import type { BatchLog } from './batch-log.ts';
import type { BatchSettings } from './batch-options.ts';
import type { Shard } from './batch-state.ts';
import type { JobResource } from './job-client.ts';
import type { Spool } from './spool.ts';

export interface SubmitParts {
  log: BatchLog;
  spool: Spool;
  settings: BatchSettings;
  model: string;
  signal: AbortSignal;
  onNotice: ((notice: string) => void) | undefined;
}

/**
 * Brings a shard from where it is to a job: uploads its lines, asks for the job and notes its name. A shard for which a job may have been
 * asked for already is looked for by its display name first, so that there is never a second one unnoticed.
 */
export async function submitShard(shard: Shard, parts: SubmitParts): Promise<void> {
  const { log, spool, settings, signal } = parts;
  const path = spool.input(shard.shard);
  if (shard.stage === 'planned') {
    if (!spool.has(path, shard.bytes)) {
      log.note({ event: 'abandoned', shard: shard.shard });
      return;
    }
    const generation = await settings.store.put(shard, path, signal);
    log.note({ event: 'uploaded', shard: shard.shard, generation });
  }
  const job = await demandJob(shard, parts);
  log.note({ event: 'created', shard: shard.shard, job: job.name });
  spool.remove(path);
}

/** Most create calls of one shard in a session, each after a look for what the one before it made. */
const MOST_CREATIONS = 5;

async function demandJob(shard: Shard, parts: SubmitParts): Promise<JobResource> {
  const { log, settings, model, signal, onNotice } = parts;
  const { displayName, prefix } = shard;
  const { store, clock, jobs } = settings;
  let mayBeThere = shard.stage === 'creating';
  for (let calls = 0; ; calls += 1) {
    const found = mayBeThere ? await findJob(shard, parts) : undefined;
    if (found !== undefined) {
      onNotice?.(`The batch job ${displayName} was created although no answer came; it is taken over`);
      return found;
    }
    if (calls > 0) await clock.delay(1000 * 2 ** calls, signal);
    log.note({ event: 'creating', shard: shard.shard });
    const labels = { 'gleaner-run': log.runName() };
    try {
      return await jobs.create({ displayName, model, places: store.placesOf(prefix), labels }, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof ApiError) || !error.isRetryable || calls + 1 >= MOST_CREATIONS) throw error;
      // Whether the job is there nobody knows: its answer may have been lost.
      mayBeThere = true;
    }
  }
}

/** Looks twice, some time apart, since a list may lag behind. Of several jobs the oldest is taken. */
async function findJob(shard: Shard, { settings, signal }: SubmitParts): Promise<JobResource | undefined> {
  const { jobs, clock, timings } = settings;
  for (let look = 0; look < 2; look += 1) {
    if (look > 0) await clock.delay(timings.listingLagMs, signal);
    const found: JobResource[] = [];
    for await (const job of jobs.list(shard.displayName, signal)) found.push(job);
    const [oldest] = found.sort((left, right) => (left.createTime < right.createTime ? -1 : 1));
    if (oldest !== undefined) return oldest;
  }
  return undefined;
}
