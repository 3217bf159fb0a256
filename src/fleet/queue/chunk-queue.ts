import { randomUUID } from 'node:crypto';
import type { FlowProducer, Queue, Worker } from 'bullmq';
import { serverWarnings } from '../pool/pool-notices.ts';
import { poolKey } from '../pool/pool-address.ts';
import { tellRunCaps } from '../pool/run-caps.ts';
import { SILENT_MS, type FleetRunStatus, type FleetStatus, type WorkerBeat } from './fleet-status.ts';
import type { OpenChunk } from './open-chunks.ts';
import { RedisLock } from './redis-lock.ts';
import { keptStop, type RunStopNote } from './stop-note.ts';
import { connectQueue, loadBullmq, type Bullmq, type QueueConnection, type QueuePlace } from './queue-connection.ts';
import { runCapsOf, type Submission } from './submission.ts';
import { TakenJob, type FleetJob } from './taken-job.ts';

export interface ChunkQueueOptions {
  /** How long a job is kept for a worker that is not heard of. Default 15 s. */
  lockMs?: number | undefined;
  /** For one who submits much at once. */
  isLong?: boolean;
}

export interface QueueCounts {
  waiting: number;
  active: number;
  /** Put back, for a moment. */
  delayed: number;
  /** Merges that wait for their chunks. */
  merges: number;
}

/** How the merge of a run ended. */
export interface MergeEnd {
  exitCode: number;
  reason: string | null;
}

/** Where the merge of a run stands. */
export interface MergeState {
  state: string;
  end: MergeEnd | undefined;
  /** Why it could not be done, where it failed. */
  failure: string | undefined;
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
const MERGE_FAILED = 3;
/** A worker that was not heard of for so long is not told of. */
const GONE_AFTER_MS = 30_000;
/** What has ended is kept so long, for those who look. */
const KEEP = { age: 7 * 24 * 3600 };

/**
 * The chunks of runs, on BullMQ: a job for each, and one for the merge of a run that waits for all of its chunks. What a job says is only
 * which chunk is meant; what has become of it stands in the run's parts. So a queue that is lost is filled again from there.
 */
export class ChunkQueue {
  readonly name: string;
  readonly #connection: QueueConnection;
  readonly #queue: Queue<FleetJob>;
  readonly #worker: Worker<FleetJob>;
  readonly #flows: FlowProducer;
  readonly #lockMs: number;
  #isWatching = false;

  private constructor(bullmq: Bullmq, connection: QueueConnection, lockMs: number) {
    this.#connection = connection;
    this.#lockMs = lockMs;
    this.name = connection.name;
    const common = { connection: connection.redis, prefix: `{${connection.address.prefix}}`, skipVersionCheck: true };
    this.#queue = new bullmq.Queue(QUEUE, common);
    this.#flows = new bullmq.FlowProducer(common);
    this.#worker = new bullmq.Worker(QUEUE, null, {
      ...common,
      autorun: false,
      skipLockRenewal: true,
      lockDuration: lockMs,
      stalledInterval: Math.max(250, Math.ceil(lockMs / 3)),
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
   * Adds what is left of a run, or continues what is queued of it already: nothing is queued twice, however many submit it at once. Chunks
   * that were set aside are given another try. What had stopped the run is forgotten, but for a cap that is used up and not raised.
   *
   * @param look what is submitted and what is left, as it stands when nobody else submits the run
   */
  async submit(
    run: string,
    look: () => Promise<Submitting>,
  ): Promise<{ submission: Submission; open: number; added: number; stop: RunStopNote | undefined }> {
    const { redis } = this.#connection;
    const lock = await RedisLock.take(redis, this.#key(`submitting:${run}`));
    try {
      const { submission, open, isMerged } = await look();
      lock.demand();
      await tellRunCaps(redis, this.#connection.address, run, runCapsOf(submission));
      // Where nothing is open, only the merge is left, which costs nothing.
      const stop = open.length === 0 ? undefined : keptStop(await this.#noteOf(run), submission);
      await redis.hset(this.#key('runs'), run, JSON.stringify(submission));
      await redis.hdel(this.#key('withdrawn'), run);
      if (stop === undefined) await redis.hdel(this.#key('stops'), run);
      else await redis.hset(this.#key('stops'), run, JSON.stringify(stop));
      const added = await this.#add(run, open, { isMerged, demand: () => lock.demand() });
      return { submission, open: open.length, added, stop };
    } finally {
      await lock.release();
    }
  }

  /** Takes back what waits of a run: no worker begins anything more of it. @returns how many chunks workers are still at */
  async withdraw(run: string): Promise<{ active: number }> {
    const { redis } = this.#connection;
    const lock = await RedisLock.take(redis, this.#key(`submitting:${run}`));
    try {
      await redis.hset(this.#key('withdrawn'), run, new Date().toISOString());
      await redis.hdel(this.#key('stops'), run);
      await redis.hdel(this.#key('runs'), run);
      await this.#removeUnlessActive(mergeId(run));
      let active = 0;
      for (const id of await this.#liveIds(run)) if (!(await this.#removeUnlessActive(id))) active += 1;
      return { active };
    } finally {
      await lock.release();
    }
  }

  /** @returns false where a worker has the job: it ends what it began */
  async #removeUnlessActive(id: string): Promise<boolean> {
    const job = await this.#queue.getJob(id);
    try {
      await job?.remove({ removeChildren: false });
      return true;
    } catch (error) {
      if ((await job?.getState()) !== 'active') throw error;
      return false;
    }
  }

  /** Whether a run was taken back since it was submitted last: that nothing is known of it, is meant. */
  async isWithdrawn(run: string): Promise<boolean> {
    return (await this.#connection.redis.hexists(this.#key('withdrawn'), run)) === 1;
  }

  /**
   * Takes the turn of those who merge a run.
   *
   * @returns undefined where another one has it, or chunks of the run are still waited for
   */
  async lockMerge(run: string): Promise<RedisLock | undefined> {
    // One that was set aside and is submitted again while the last of the others ends comes behind the merge.
    if ((await this.#liveIds(run)).length > 0) return undefined;
    return RedisLock.tryTake(this.#connection.redis, this.#key(`merging:${run}`));
  }

  async #liveIds(run: string): Promise<string[]> {
    const { redis } = this.#connection;
    const ids = [
      ...(await redis.lrange(this.#queue.toKey('wait'), 0, -1)),
      ...(await redis.lrange(this.#queue.toKey('active'), 0, -1)),
      ...(await redis.zrange(this.#queue.toKey('delayed'), '0', '-1')),
    ];
    return ids.filter((id) => id.startsWith(`${run}.c`));
  }

  async #add(
    run: string,
    open: readonly OpenChunk[],
    { isMerged, demand }: { isMerged: boolean; demand: () => void },
  ): Promise<number> {
    const merge = await this.#queue.getJob(mergeId(run));
    const state = merge === undefined ? 'unknown' : await merge.getState();
    let added = open;
    if (state === 'waiting-children') added = await this.#unqueued(run, open);
    else if (state === 'waiting' || state === 'active') return 0;
    else if (state === 'completed' && open.length === 0 && isMerged) return 0;
    else {
      await merge?.remove({ removeChildren: false });
      added = await this.#unqueued(run, open);
    }
    if (added.length === 0 && state === 'waiting-children') return 0;
    demand();
    await this.#flows.add({
      name: 'merge',
      queueName: QUEUE,
      data: { run },
      opts: { jobId: mergeId(run), removeOnComplete: KEEP, removeOnFail: KEEP },
      children: added.map(({ chunk, from }) => ({
        name: 'chunk',
        queueName: QUEUE,
        data: { run, chunk, from },
        opts: {
          jobId: chunkId(run, chunk),
          ignoreDependencyOnFailure: true,
          removeOnComplete: KEEP,
          removeOnFail: KEEP,
        },
      })),
    });
    return added.length;
  }

  /** Adds a merge of a run whose merge may have passed over what was written since; undefined states are none of its business. */
  async mergeAgain(run: string): Promise<void> {
    const state = await this.#queue.getJobState(mergeId(run));
    if (state !== 'completed' && state !== 'active') return;
    await this.#queue.add('merge', { run }, { jobId: `${run}.late.${randomUUID()}`, removeOnComplete: KEEP });
  }

  /** Takes a job, and looks after those of workers that were lost from then on; undefined where none waits. */
  async take(): Promise<TakenJob | undefined> {
    if (!this.#isWatching) {
      this.#isWatching = true;
      await this.#worker.startStalledCheckTimer();
    }
    const token = randomUUID();
    const job = await this.#worker.getNextJob(token, { block: false });
    return job === undefined || job === null ? undefined : new TakenJob(job, token, this.#lockMs);
  }

  get lockMs(): number {
    return this.#lockMs;
  }

  async counts(): Promise<QueueCounts> {
    const counts = await this.#queue.getJobCounts('waiting', 'active', 'delayed', 'waiting-children');
    return {
      waiting: counts['waiting'] ?? 0,
      active: counts['active'] ?? 0,
      delayed: counts['delayed'] ?? 0,
      merges: counts['waiting-children'] ?? 0,
    };
  }

  /** A run, as it was submitted last. */
  async submission(run: string): Promise<Submission | undefined> {
    const text = await this.#connection.redis.hget(this.#key('runs'), run);
    return text === null ? undefined : (JSON.parse(text) as Submission);
  }

  /** The merge of a run: where it stands, and how it ended. */
  async mergeOf(run: string): Promise<MergeState> {
    const job = await this.#queue.getJob(mergeId(run));
    if (job === undefined) return { state: 'unknown', end: undefined, failure: undefined };
    const state = await job.getState();
    return {
      state,
      end: (job.returnvalue as MergeEnd | null) ?? undefined,
      failure: state === 'failed' ? job.failedReason : undefined,
    };
  }

  /** Notes that a worker stopped a run, and that the others will. */
  async noteStop(run: string, note: RunStopNote): Promise<void> {
    if ((await this.submission(run))?.revision !== note.revision) return;
    await this.#connection.redis.hset(this.#key('stops'), run, JSON.stringify(note));
  }

  /** Takes back such a note, where a worker has found room after all. */
  async clearStop(run: string): Promise<void> {
    await this.#connection.redis.hdel(this.#key('stops'), run);
  }

  /** Why a submission of a run, or a later one, was stopped: what workers of an earlier one say does not concern it. */
  async stopOf({ run, revision }: Pick<Submission, 'run' | 'revision'>): Promise<RunStopNote | undefined> {
    const note = await this.#noteOf(run);
    return note !== undefined && note.revision >= revision ? note : undefined;
  }

  async #noteOf(run: string): Promise<RunStopNote | undefined> {
    const text = await this.#connection.redis.hget(this.#key('stops'), run);
    return text === null ? undefined : (JSON.parse(text) as RunStopNote);
  }

  /** The runs of all jobs that wait for a worker. */
  async waitingRuns(): Promise<ReadonlySet<string>> {
    const { redis } = this.#connection;
    const ids = [
      ...(await redis.lrange(this.#queue.toKey('wait'), 0, -1)),
      ...(await redis.zrange(this.#queue.toKey('delayed'), '0', '-1')),
    ];
    return new Set(ids.map((id) => id.slice(0, id.indexOf('.'))));
  }

  /** What of the server's settings lets it forget. */
  warnings(): Promise<string[]> {
    return serverWarnings(this.#connection.redis);
  }

  /** What a command failed with, in other words than that there is no connection. */
  explain(error: unknown): unknown {
    return this.#connection.explain(error);
  }

  /** Says that a worker lives, and what it does. */
  async beat(beat: WorkerBeat): Promise<void> {
    await this.#connection.redis.hset(this.#key('workers'), beat.name, JSON.stringify({ ...beat, at: Date.now() }));
  }

  /** Says that a worker has ended. */
  async leave(name: string): Promise<void> {
    await this.#connection.redis.hdel(this.#key('workers'), name);
  }

  /** All runs and workers, as the queue has them. */
  async status(): Promise<FleetStatus> {
    const { redis } = this.#connection;
    const lists = { waiting: 'wait', active: 'active' } as const;
    const sets = { delayed: 'delayed', done: 'completed', setAside: 'failed' } as const;
    const ids = {
      ...(await allOf(lists, (key) => redis.lrange(this.#queue.toKey(key), 0, -1))),
      ...(await allOf(sets, (key) => redis.zrange(this.#queue.toKey(key), '0', '-1'))),
    };
    const count = (state: keyof typeof ids, run: string): number =>
      ids[state].filter((id) => id.startsWith(`${run}.c`)).length;
    const runs: FleetRunStatus[] = [];
    for (const text of await redis.hvals(this.#key('runs'))) {
      const { run, revision, definition, input, out, rows, chunks } = JSON.parse(text) as Submission;
      const waiting = count('waiting', run) + count('delayed', run);
      const [active, setAside] = [count('active', run), count('setAside', run)];
      const { end, failure } = await this.mergeOf(run);
      // Chunks that had ended when a queue was filled again have no job in it.
      const done = Math.max(0, chunks - waiting - active - setAside);
      runs.push({
        run,
        definition: definition.name,
        input,
        out,
        rows,
        chunks: { total: chunks, waiting, active, done, setAside },
        end: failure === undefined ? (end ?? null) : { exitCode: MERGE_FAILED, reason: failure },
        stop: (await this.stopOf({ run, revision })) ?? null,
      });
    }
    const now = Date.now();
    const workers = (await redis.hvals(this.#key('workers')))
      .map((text) => JSON.parse(text) as WorkerBeat & { at: number })
      .map(({ at, ...beat }) => ({ ...beat, seenMsAgo: Math.max(0, now - at) }))
      .filter(({ seenMsAgo }) => seenMsAgo < GONE_AFTER_MS);
    const recordsPerSecond = workers
      .filter(({ seenMsAgo }) => seenMsAgo < SILENT_MS)
      .reduce((sum, worker) => sum + worker.recordsPerSecond, 0);
    return { runs, workers, recordsPerSecond };
  }

  /** Ends the connection without waiting for an answer: the server may be gone. */
  async close(): Promise<void> {
    this.#connection.redis.disconnect();
    await Promise.allSettled([this.#worker.close(true), this.#queue.close(), this.#flows.close()]);
  }

  /** Of open chunks, those that no living job stands for; jobs of the others that have ended are removed. */
  async #unqueued(run: string, open: readonly OpenChunk[]): Promise<OpenChunk[]> {
    const free: OpenChunk[] = [];
    for (const one of open) {
      const id = chunkId(run, one.chunk);
      const job = await this.#queue.getJob(id);
      const state = job === undefined ? 'unknown' : await job.getState();
      if (state === 'failed' || state === 'completed' || state === 'unknown') {
        await job?.remove();
        free.push(one);
      }
    }
    return free;
  }

  #key(name: string): string {
    return poolKey(this.#connection.address, `fleet:${name}`);
  }
}

async function allOf<Name extends string>(
  keys: Readonly<Record<Name, string>>,
  read: (key: string) => Promise<string[]>,
): Promise<Record<Name, string[]>> {
  const entries = await Promise.all(
    Object.entries<string>(keys).map(async ([name, key]) => [name, await read(key)] as const),
  );
  return Object.fromEntries(entries) as Record<Name, string[]>;
}

function mergeId(run: string): string {
  return `${run}.merge`;
}

function chunkId(run: string, chunk: number): string {
  return `${run}.c${chunk}`;
}
