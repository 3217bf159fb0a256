import { GleanerError } from '../../gleaner-error.ts';
import { delay } from '../../pacing/delay.ts';
import { RunStop } from '../../run/run-stop.ts';
import type { ChunkEnd } from '../parts/run-chunk.ts';
import { ChunkJobs } from './chunk-jobs.ts';
import type { ChunkQueue } from './chunk-queue.ts';
import { endOfRuns } from './end-of-runs.ts';
import { mergeOnce } from './merge-job.ts';
import { OpenedRuns } from './opened-runs.ts';
import { isOfConnection, Outage } from './outage.ts';
import type { Submission } from './submission.ts';
import { WORK_EXITS, type JobEnd, type WorkEnd, type WorkerRun } from './worker-run.ts';

export type WorkQueue = Pick<
  ChunkQueue,
  'name' | 'lockMs' | 'runs' | 'jobs' | 'take' | 'putNextBack' | 'lockMerge' | 'explain'
> &
  Partial<Pick<ChunkQueue, 'workers'>>;

export interface FleetWorkerOptions {
  /** Connects anew after the connection was lost for good. */
  queue: WorkQueue;
  /** For people. */
  name: string;
  /** @throws {GleanerError} where this machine cannot work on the run: it is left to others */
  openRun(submission: Submission): Promise<WorkerRun>;
  /** Whether it ends when nothing is left. */
  untilEmpty: boolean;
  /** Aborts to stop in order. */
  stopSignal?: AbortSignal | undefined;
  /** Aborts to give up calls in flight. */
  signal?: AbortSignal | undefined;
  /** How long a queue that does not answer is waited for. Default 60 s. */
  waitMs?: number | undefined;
  onNotice?: ((notice: string) => void) | undefined;
  /** Told of each chunk that ended, and how. */
  onChunk?: ((submission: Submission, chunk: number, end: ChunkEnd) => void) | undefined;
}

const LOOK_AGAIN_MS = 250;
/** A worker that finds nothing looks half as often each time, down to this: those that wait for the last chunk are most of a queue's traffic. */
const LOOK_AT_LEAST_MS = 2000;
/** A worker that cannot do what it took, or what waits, looks again after so long. */
const REFUSED_MS = 2000;
/** How often a worker says what it does. */
const BEAT_MS = 10_000;

/** Takes chunks of runs from a queue, one at a time, until nothing is left, or somebody says stop. */
export class FleetWorker {
  readonly #options: FleetWorkerOptions;
  readonly #runs: OpenedRuns;
  readonly #chunks: ChunkJobs;
  readonly #outage: Outage;
  /** How long it waits where it finds nothing. */
  #idleMs = LOOK_AGAIN_MS;
  #recordsBefore = 0;

  constructor(options: FleetWorkerOptions) {
    this.#options = options;
    const { queue, waitMs, onNotice } = options;
    this.#runs = new OpenedRuns(options);
    this.#chunks = new ChunkJobs({ ...options, runs: this.#runs });
    this.#outage = new Outage({ name: queue.name, waitMs, onNotice });
  }

  async work(): Promise<WorkEnd> {
    const { stopSignal, queue, name } = this.#options;
    const beats = setInterval(() => this.#beat(), BEAT_MS);
    this.#beat();
    try {
      for (;;) {
        if (stopSignal?.aborted === true) return { exitCode: WORK_EXITS.stopped, reason: 'it was told to stop' };
        let end: WorkEnd | undefined;
        try {
          end = await this.#step();
          this.#outage.end();
        } catch (error) {
          await this.#afterFailure(error);
        }
        if (end !== undefined) return end;
      }
    } catch (error) {
      if (!(error instanceof RunStop)) throw error;
      return {
        exitCode: WORK_EXITS.stopped,
        reason: `${error.message}; what was done is written, and submitting the run again fills a queue that was lost`,
      };
    } finally {
      clearInterval(beats);
      await queue.putNextBack().catch(() => undefined);
      await queue.workers?.leave(name).catch(() => undefined);
      await this.#runs.close();
    }
  }

  /** Waits where the queue's server does not answer, for a while. */
  async #afterFailure(error: unknown): Promise<void> {
    const cause = this.#options.queue.explain(error);
    if (cause instanceof GleanerError || !(isOfConnection(error) || isOfConnection(cause))) throw cause;
    this.#outage.note(cause);
    await this.#pause(LOOK_AGAIN_MS);
  }

  /** Only for those who look on: what is not heard is not said again. */
  #beat(): void {
    const { queue, name } = this.#options;
    const { records, at: { run, chunk } = { run: null, chunk: null } } = this.#chunks;
    const recordsPerSecond = (records - this.#recordsBefore) / (BEAT_MS / 1000);
    this.#recordsBefore = records;
    void queue.workers?.beat({ name, run, chunk, records, recordsPerSecond }).catch(() => undefined);
  }

  /** One look at the queue, and the work on what it gave. */
  async #step(): Promise<WorkEnd | undefined> {
    if (await this.#runs.hasRefusedAll()) return this.#afterRefusal();
    const job = await this.#options.queue.take();
    if (job === undefined) return this.#afterNothing();
    this.#idleMs = LOOK_AGAIN_MS;
    const opened = await this.#runs.open(job);
    if (opened === undefined) return this.#afterRefusal();
    const { chunk } = job.data;
    let end: JobEnd;
    if (chunk === undefined) await mergeOnce(job, opened, this.#options);
    else end = await this.#chunks.work(job, chunk, opened);
    return end === 'refused' ? this.#afterRefusal() : end;
  }

  /** Where nothing waits, the worker looks again, unless nothing is left and it is to end then. */
  async #afterNothing(): Promise<WorkEnd | undefined> {
    const { queue, untilEmpty } = this.#options;
    if (untilEmpty) {
      const { waiting, active, delayed, merges } = await queue.jobs.counts();
      if (waiting + active + delayed + merges === 0) return endOfRuns(this.#runs.all, this.#options);
    }
    await this.#pause(this.#idleMs);
    this.#idleMs = Math.min(LOOK_AT_LEAST_MS, this.#idleMs * 2);
    return undefined;
  }

  /** Where all that is left was refused, and nobody is at work on it, the worker says so and ends. */
  async #afterRefusal(): Promise<WorkEnd | undefined> {
    const { queue, untilEmpty } = this.#options;
    if (untilEmpty && (await this.#runs.hasRefusedAll()) && (await queue.jobs.counts()).active === 0)
      return { exitCode: WORK_EXITS.refused, reason: this.#runs.lastRefusal };
    await this.#pause(REFUSED_MS);
    return undefined;
  }

  async #pause(ms: number): Promise<void> {
    await delay(ms, this.#options.stopSignal).catch(() => undefined);
  }
}
