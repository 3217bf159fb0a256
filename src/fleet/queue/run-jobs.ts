import { randomUUID } from 'node:crypto';
import type { FlowProducer, Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import type { OpenChunk } from './open-chunks.ts';
import type { FleetJob } from './taken-job.ts';

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

/** How the jobs of a run stand. */
export interface ChunkCounts {
  waiting: number;
  active: number;
  setAside: number;
}

export interface RunJobsOptions {
  queue: Queue<FleetJob>;
  flows: FlowProducer;
  redis: Redis;
}

/** What has ended is kept so long, for those who look. */
export const KEEP = { age: 7 * 24 * 3600 };

/** The jobs of runs: one for each chunk, and one for the merge of a run, which waits for all of them. */
export class RunJobs {
  readonly #queue: Queue<FleetJob>;
  readonly #flows: FlowProducer;
  readonly #redis: Redis;

  constructor({ queue, flows, redis }: RunJobsOptions) {
    this.#queue = queue;
    this.#flows = flows;
    this.#redis = redis;
  }

  /**
   * Adds the jobs of open chunks that have none, and the merge. Chunks that were set aside are given another try.
   *
   * @param demand throws where the turn to add them is lost
   * @returns how many chunks were added
   */
  async add(
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
    const { name: queueName } = this.#queue;
    const kept = { removeOnComplete: KEEP, removeOnFail: KEEP };
    await this.#flows.add({
      name: 'merge',
      queueName,
      data: { run },
      opts: { jobId: mergeId(run), ...kept },
      children: added.map(({ chunk, from }) => ({
        name: 'chunk',
        queueName,
        data: { run, chunk, from },
        opts: { jobId: chunkId(run, chunk), ignoreDependencyOnFailure: true, ...kept },
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

  /** Removes what waits of a run. @returns how many chunks workers are still at */
  async remove(run: string): Promise<{ active: number }> {
    await this.#removeUnlessActive(mergeId(run));
    let active = 0;
    for (const id of await this.#liveIds(run)) if (!(await this.#removeUnlessActive(id))) active += 1;
    return { active };
  }

  /** Whether chunks of a run wait, or are worked on. */
  async areChunksLeft(run: string): Promise<boolean> {
    return (await this.#liveIds(run)).length > 0;
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

  async counts(): Promise<QueueCounts> {
    const counts = await this.#queue.getJobCounts('waiting', 'active', 'delayed', 'waiting-children');
    return {
      waiting: counts['waiting'] ?? 0,
      active: counts['active'] ?? 0,
      delayed: counts['delayed'] ?? 0,
      merges: counts['waiting-children'] ?? 0,
    };
  }

  /** The runs of all jobs that wait for a worker. */
  async waitingRuns(): Promise<ReadonlySet<string>> {
    const ids = [...(await this.#listed('wait')), ...(await this.#sorted('delayed'))];
    return new Set(ids.map((id) => id.slice(0, id.indexOf('.'))));
  }

  /** Of each of these runs, how many chunks there are in each state. */
  async chunkCounts(runs: readonly string[]): Promise<ReadonlyMap<string, ChunkCounts>> {
    const [waits, delayed, active, setAside] = await Promise.all([
      this.#listed('wait'),
      this.#sorted('delayed'),
      this.#listed('active'),
      this.#sorted('failed'),
    ]);
    const waiting = [...waits, ...delayed];
    const count = (ids: readonly string[], run: string): number => ids.filter((id) => isChunkOf(run, id)).length;
    return new Map(
      runs.map((run) => [
        run,
        { waiting: count(waiting, run), active: count(active, run), setAside: count(setAside, run) },
      ]),
    );
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

  async #liveIds(run: string): Promise<string[]> {
    const ids = [
      ...(await this.#listed('wait')),
      ...(await this.#listed('active')),
      ...(await this.#sorted('delayed')),
    ];
    return ids.filter((id) => isChunkOf(run, id));
  }

  #listed(state: 'wait' | 'active'): Promise<string[]> {
    return this.#redis.lrange(this.#queue.toKey(state), 0, -1);
  }

  #sorted(state: 'delayed' | 'failed'): Promise<string[]> {
    return this.#redis.zrange(this.#queue.toKey(state), '0', '-1');
  }
}

function mergeId(run: string): string {
  return `${run}.merge`;
}

function chunkId(run: string, chunk: number): string {
  return `${run}.c${chunk}`;
}

function isChunkOf(run: string, id: string): boolean {
  return id.startsWith(`${run}.c`);
}
