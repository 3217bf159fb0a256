import { randomUUID } from 'node:crypto';
import type { FlowProducer, Job, Queue, Worker } from 'bullmq';
import { poolKey } from '../pool/pool-address.ts';
import { serverWarnings } from '../pool/pool-notices.ts';
import type { FleetStatus } from './fleet-status.ts';
import type { OpenChunk } from './open-chunks.ts';
import { connectQueue, loadBullmq, type Bullmq, type QueueConnection, type QueuePlace } from './queue-connection.ts';
import { readFleetStatus } from './read-fleet-status.ts';
import { RedisLock } from './redis-lock.ts';
import { KEEP, RunJobs } from './run-jobs.ts';
import { RunRegister } from './run-register.ts';
import type { RunStopNote } from './stop-note.ts';
import type { Submission } from './submission.ts';
import { TakenJob, type FleetJob } from './taken-job.ts';
import { WorkerBeats } from './worker-beats.ts';

export interface ChunkQueueOptions {
  /** How long a job is kept for a worker that is not heard of. Default 15 s. */
  lockMs?: number | undefined;
  /** For one who submits much at once. */
  isLong?: boolean;
}

/** A submission of a run, and what is left of the run then. */
export interface Submitting {
  submission: Submission;
  open: readonly OpenChunk[];
  /** Whether a merged run stands in its place. */
  isMerged: boolean;
}

const LOCK_MS = 15_000;
const QUEUE = 'fleet';

/**
 * The chunks of runs, on BullMQ: a job for each, and one for the merge of a run that waits for all of its chunks. What a job says is only
 * which chunk is meant; what has become of it stands in the run's parts. So a queue that is lost is filled again from there.
 */
export class ChunkQueue {
  readonly name: string;
  readonly lockMs: number;
  readonly runs: RunRegister;
  readonly jobs: RunJobs;
  readonly workers: WorkerBeats;
  readonly #connection: QueueConnection;
  readonly #queue: Queue<FleetJob>;
  readonly #worker: Worker<FleetJob>;
  readonly #flows: FlowProducer;
  readonly #bullmq: Bullmq;
  /** Taken already, with the end of the one before. */
  #next: TakenJob | undefined;
  #isWatching = false;

  private constructor(bullmq: Bullmq, connection: QueueConnection, lockMs: number) {
    const { redis, address } = connection;
    this.#bullmq = bullmq;
    this.#connection = connection;
    this.lockMs = lockMs;
    this.name = connection.name;
    const common = { connection: redis, prefix: `{${address.prefix}}`, skipVersionCheck: true };
    this.#queue = new bullmq.Queue(QUEUE, common);
    this.#flows = new bullmq.FlowProducer(common);
    this.#worker = new bullmq.Worker(QUEUE, null, {
      ...common,
      autorun: false,
      skipLockRenewal: true,
      lockDuration: lockMs,
      // Every worker looks for lost ones, so seldom that looking is no part of the traffic: one is found within two locks.
      stalledInterval: Math.max(250, lockMs),
      // A chunk is tried again however often its workers were lost; what is wrong with it shows in its parts.
      maxStalledCount: Number.MAX_SAFE_INTEGER,
      removeOnComplete: KEEP,
      removeOnFail: KEEP,
    });
    // Each command says itself what is wrong; without a listener an error would end the process.
    const ignore = (): void => undefined;
    this.#queue.on('error', ignore);
    this.#flows.on('error', ignore);
    this.#worker.on('error', ignore);
    this.runs = new RunRegister(redis, address);
    this.jobs = new RunJobs({ queue: this.#queue, flows: this.#flows, redis });
    this.workers = new WorkerBeats(redis, address);
  }

  /** @throws what `connectQueue` throws */
  static async open(
    place: QueuePlace,
    { lockMs = LOCK_MS, isLong = false }: ChunkQueueOptions = {},
  ): Promise<ChunkQueue> {
    const bullmq = await loadBullmq();
    return new ChunkQueue(bullmq, await connectQueue(place, { isLong }), lockMs);
  }

  /**
   * Adds what is left of a run, or continues what is queued of it already: nothing is queued twice, however many submit it at once.
   *
   * @param look what is submitted and what is left, as it stands when nobody else submits the run
   */
  async submit(
    run: string,
    look: () => Promise<Submitting>,
  ): Promise<{ submission: Submission; open: number; added: number; stop: RunStopNote | undefined }> {
    const lock = await this.#lockSubmitting(run);
    try {
      const { submission, open, isMerged } = await look();
      lock.demand();
      const stop = await this.runs.enter(submission, { hasOpenChunks: open.length > 0 });
      const added = await this.jobs.add(run, open, { isMerged, demand: () => lock.demand() });
      return { submission, open: open.length, added, stop };
    } finally {
      await lock.release();
    }
  }

  /** Takes back what waits of a run: no worker begins anything more of it. @returns how many chunks workers are still at */
  async withdraw(run: string): Promise<{ active: number }> {
    const lock = await this.#lockSubmitting(run);
    try {
      await this.runs.withdraw(run);
      return await this.jobs.remove(run);
    } finally {
      await lock.release();
    }
  }

  /**
   * Takes the turn of those who merge a run.
   *
   * @returns undefined where another one has it, or chunks of the run are still waited for
   */
  async lockMerge(run: string): Promise<RedisLock | undefined> {
    // One that was set aside and is submitted again while the last of the others ends comes behind the merge.
    if (await this.jobs.areChunksLeft(run)) return undefined;
    return RedisLock.tryTake(this.#connection.redis, this.#key(`merging:${run}`));
  }

  /** Takes a job, and looks after those of workers that were lost from then on; undefined where none waits. */
  async take(): Promise<TakenJob | undefined> {
    if (!this.#isWatching) {
      this.#isWatching = true;
      await this.#worker.startStalledCheckTimer();
    }
    const next = this.#next;
    this.#next = undefined;
    if (next !== undefined) return next;
    const token = randomUUID();
    const job = await this.#worker.getNextJob(token, { block: false });
    return job === undefined || job === null ? undefined : this.#taken(job, token);
  }

  /** Puts back what was taken with the end of a job and is not wanted any more. */
  async putNextBack(): Promise<void> {
    const next = this.#next;
    this.#next = undefined;
    await next?.putBack();
  }

  #taken(job: Job<FleetJob>, token: string): TakenJob {
    return new TakenJob(job, token, this.lockMs, (next, id) => {
      this.#next = this.#taken(this.#bullmq.Job.fromJSON<FleetJob>(this.#worker, next, id), token);
    });
  }

  /** What of the server's settings lets it forget. */
  warnings(): Promise<string[]> {
    return serverWarnings(this.#connection.redis);
  }

  /** What a command failed with, in other words than that there is no connection. */
  explain(error: unknown): unknown {
    return this.#connection.explain(error);
  }

  /** All runs and workers, as the queue has them. */
  status(): Promise<FleetStatus> {
    return readFleetStatus(this);
  }

  /** Ends the connection without waiting for an answer: the server may be gone. */
  async close(): Promise<void> {
    this.#connection.redis.disconnect();
    await Promise.allSettled([this.#worker.close(true), this.#queue.close(), this.#flows.close()]);
  }

  #lockSubmitting(run: string): Promise<RedisLock> {
    return RedisLock.take(this.#connection.redis, this.#key(`submitting:${run}`));
  }

  #key(name: string): string {
    return poolKey(this.#connection.address, `fleet:${name}`);
  }
}
