import { GleanerError } from '../../gleaner-error.ts';
import { delay } from '../../pacing/delay.ts';
import { formatDuration } from '../../text/format.ts';
import { messageOf } from '../../text/thrown-message.ts';
import { MOST_DEATHS, runChunk, type ChunkEnd, type ChunkWork } from '../parts/run-chunk.ts';
import type { ChunkQueue, MergeEnd, QueueCounts } from './chunk-queue.ts';
import { Lease } from './lease.ts';
import type { Submission } from './submission.ts';
import type { TakenJob } from './taken-job.ts';

/** A run, as a worker works on it. */
export interface WorkerRun extends Omit<ChunkWork, 'chunk' | 'worker' | 'from'> {
  /** Makes one run directory of what the parts hold. */
  merge(): Promise<MergeEnd>;
  close(): Promise<void>;
}

export type WorkQueue = Pick<
  ChunkQueue,
  'name' | 'take' | 'counts' | 'submission' | 'mergeOf' | 'mergeAgain' | 'lockMs' | 'close'
> &
  Partial<Pick<ChunkQueue, 'beat' | 'leave'>>;

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

/** How the work ended; the reason is undefined where all is well. */
export interface WorkEnd {
  exitCode: number;
  reason?: string | undefined;
}

const WAIT_MS = 60_000;
const LOOK_AGAIN_MS = 250;
/** A chunk that this worker cannot do is left to others for so long. */
const REFUSED_MS = 2000;
/** How often a worker says what it does. */
const BEAT_MS = 5000;
const STOPPED = 3;
const REFUSED = 2;
const CAPPED = 4;

interface OpenedRun {
  revision: string;
  submission: Submission;
  run: WorkerRun;
}

/** Takes chunks of runs from a queue, one at a time, until nothing is left, or somebody says stop. */
export class FleetWorker {
  readonly #options: FleetWorkerOptions;
  readonly #runs = new Map<string, OpenedRun>();
  /** Runs that this machine cannot work on, and why. */
  readonly #refused = new Map<string, string>();
  /** Jobs of these that were taken one after the other. */
  #refusedInARow = 0;
  #lostSince: number | undefined;
  #at: { run: string; chunk: number } | undefined;
  #records = 0;
  #recordsBefore = 0;

  constructor(options: FleetWorkerOptions) {
    this.#options = options;
  }

  async work(): Promise<WorkEnd> {
    const { stopSignal, waitMs = WAIT_MS, queue, name } = this.#options;
    const beats = setInterval(() => this.#beat(), BEAT_MS);
    this.#beat();
    try {
      for (;;) {
        if (stopSignal?.aborted === true) return { exitCode: STOPPED, reason: 'it was told to stop' };
        let end: WorkEnd | undefined;
        try {
          end = await this.#step();
          this.#noteFound();
        } catch (error) {
          if (error instanceof GleanerError || !isOfConnection(error)) throw error;
          const lostMs = this.#noteLost();
          if (lostMs >= waitMs) {
            return {
              exitCode: STOPPED,
              reason: `the queue at ${queue.name} has not answered for ${formatDuration(lostMs)} (${messageOf(error)}); what was done is written, and submitting the run again fills a queue that was lost`,
            };
          }
          await this.#pause(LOOK_AGAIN_MS);
        }
        if (end !== undefined) return end;
      }
    } finally {
      clearInterval(beats);
      await queue.leave?.(name).catch(() => undefined);
      for (const { run } of this.#runs.values()) await run.close();
    }
  }

  /** Only for those who look on: what is not heard is not said again. */
  #beat(): void {
    const { queue, name } = this.#options;
    const recordsPerSecond = (this.#records - this.#recordsBefore) / (BEAT_MS / 1000);
    this.#recordsBefore = this.#records;
    const { run = null, chunk = null } = this.#at ?? {};
    void queue.beat?.({ name, run, chunk, records: this.#records, recordsPerSecond }).catch(() => undefined);
  }

  /** One look at the queue, and the work on what it gave. */
  async #step(): Promise<WorkEnd | undefined> {
    const { queue, untilEmpty } = this.#options;
    const job = await queue.take();
    if (job === undefined) {
      const end = untilEmpty ? await this.#endIfEmpty(await queue.counts()) : undefined;
      if (end === undefined) await this.#pause(LOOK_AGAIN_MS);
      return end;
    }
    const opened = await this.#openRun(job);
    if (opened === undefined) return this.#endIfAllRefused();
    this.#refusedInARow = 0;
    const { chunk } = job.data;
    return chunk === undefined ? this.#merge(job, opened) : this.#workOn(job, chunk, opened);
  }

  async #workOn(job: TakenJob, chunk: number, { run, submission }: OpenedRun): Promise<WorkEnd | undefined> {
    const { queue, name, onChunk, onNotice } = this.#options;
    const lease = new Lease(job, queue.lockMs);
    const stops = [this.#options.stopSignal, lease.lost].filter((signal) => signal !== undefined);
    let end: ChunkEnd;
    this.#at = { run: submission.run, chunk };
    try {
      end = await runChunk({
        ...run,
        chunk,
        worker: name,
        from: job.data.from,
        options: {
          ...run.options,
          onEvent: (event) => {
            if (event.type === 'record-end') this.#records += 1;
            run.options.onEvent?.(event);
          },
          stopSignal: AbortSignal.any(stops),
          ...(this.#options.signal === undefined ? {} : { signal: this.#options.signal }),
        },
      });
    } catch (error) {
      if (stops.some((stop) => stop.aborted && stop.reason === error)) {
        await job.putBack();
        return undefined;
      }
      if (!(error instanceof GleanerError)) throw error;
      await this.#refuse(job, submission, error.message);
      return this.#endIfAllRefused();
    } finally {
      lease.end();
      this.#at = undefined;
    }
    onChunk?.(submission, chunk, end);
    if (lease.lost.aborted) onNotice?.(`Chunk ${chunk} was given up: ${messageOf(lease.lost.reason)}`);
    switch (end.kind) {
      case 'done': {
        await job.finish({ attempt: end.attempt, isOwn: end.isOwn });
        // Calls that are outside of what counts were paid, and belong into a ledger that may be merged already.
        if (!end.isOwn && (end.summary?.calls.sent ?? 0) > 0) await queue.mergeAgain(submission.run);
        return undefined;
      }
      case 'set-aside':
        await job.setAside(describeSetAside(run, chunk, end.deaths));
        onNotice?.(describeSetAside(run, chunk, end.deaths));
        return undefined;
      case 'stopped':
        return this.#afterStop(job, chunk, { run, submission, end, wasLost: lease.lost.aborted });
      default:
        return end satisfies never;
    }
  }

  /** What stopped a chunk stops the worker, too, unless it was the chunk's own matter. */
  async #afterStop(
    job: TakenJob,
    chunk: number,
    stopped: {
      run: WorkerRun;
      submission: Submission;
      end: Extract<ChunkEnd, { kind: 'stopped' }>;
      wasLost: boolean;
    },
  ): Promise<WorkEnd | undefined> {
    const { submission, end, wasLost } = stopped;
    const { exitCode, reason } = end.summary;
    if (wasLost) {
      if (end.summary.calls.sent > 0) await this.#options.queue.mergeAgain(submission.run);
      return undefined;
    }
    if (this.#options.stopSignal?.aborted === true) {
      await job.putBack();
      return undefined;
    }
    if (exitCode === REFUSED) {
      await this.#refuse(job, submission, reason ?? 'the service refuses');
      return this.#endIfAllRefused();
    }
    await job.putBack();
    return {
      exitCode: exitCode === CAPPED ? CAPPED : STOPPED,
      reason: `chunk ${chunk} of ${submission.definition.name} stopped: ${reason ?? 'it is not finished'}`,
    };
  }

  async #merge(job: TakenJob, { run, submission }: OpenedRun): Promise<WorkEnd | undefined> {
    const { queue, onNotice } = this.#options;
    const lease = new Lease(job, queue.lockMs);
    try {
      const end = await run.merge();
      await job.finish(end);
      onNotice?.(
        `The run in ${submission.out} is merged${end.exitCode === 0 ? '' : `, exit ${end.exitCode}${end.reason === null ? '' : `: ${end.reason}`}`}`,
      );
      return undefined;
    } catch (error) {
      if (!(error instanceof GleanerError)) throw error;
      // Another merge, or a command that reads and writes the run, holds the directory.
      if (error.code === 'run-locked') {
        await job.putBack(REFUSED_MS);
        return undefined;
      }
      await this.#refuse(job, submission, error.message);
      return this.#endIfAllRefused();
    } finally {
      lease.end();
    }
  }

  async #openRun(job: TakenJob): Promise<OpenedRun | undefined> {
    const { queue, openRun } = this.#options;
    const { run: name } = job.data;
    const submission = await queue.submission(name);
    if (submission === undefined) {
      await job.setAside('what it belongs to is not known; submit the run again');
      return undefined;
    }
    if (this.#refused.has(`${name} ${submission.revision}`)) {
      await this.#refuse(job, submission, '');
      return undefined;
    }
    const known = this.#runs.get(name);
    if (known?.revision === submission.revision) return known;
    try {
      const run = await openRun(submission);
      await known?.run.close();
      const opened = { revision: submission.revision, submission, run };
      this.#runs.set(name, opened);
      return opened;
    } catch (error) {
      if (!(error instanceof GleanerError)) throw error;
      await this.#refuse(job, submission, error.message);
      return undefined;
    }
  }

  /** Leaves a job to others, and says why, once for a run. */
  async #refuse(job: TakenJob, submission: Submission, why: string): Promise<void> {
    const key = `${submission.run} ${submission.revision}`;
    if (!this.#refused.has(key)) {
      this.#refused.set(key, why);
      this.#options.onNotice?.(`${why}. Its chunks are left to other workers`);
    }
    this.#refusedInARow += 1;
    await job.putBack(REFUSED_MS);
  }

  /** Nobody waits for others who never come: where all that is left was refused, the worker says so and ends. */
  async #endIfAllRefused(): Promise<WorkEnd | undefined> {
    const { queue, untilEmpty } = this.#options;
    if (!untilEmpty) return undefined;
    const { waiting, delayed, active } = await queue.counts();
    if (active > 0 || this.#refusedInARow < waiting + delayed) return undefined;
    return { exitCode: REFUSED, reason: [...this.#refused.values()].at(-1) };
  }

  async #endIfEmpty({ waiting, active, delayed, merges }: QueueCounts): Promise<WorkEnd | undefined> {
    if (waiting + active + delayed + merges > 0) return undefined;
    const { queue } = this.#options;
    let worst: WorkEnd = { exitCode: 0 };
    for (const [name, { submission }] of this.#runs) {
      const { state, end } = await queue.mergeOf(name);
      if (state === 'unknown') {
        return {
          exitCode: STOPPED,
          reason: `the queue at ${queue.name} has lost what it knew of the run in ${submission.out}; submit it again to continue`,
        };
      }
      if (end !== undefined && end.exitCode > worst.exitCode) {
        worst = { exitCode: end.exitCode, reason: `the run in ${submission.out}: ${end.reason ?? 'see its report'}` };
      }
    }
    return worst;
  }

  #noteLost(): number {
    const now = performance.now();
    const { onNotice, queue, waitMs = WAIT_MS } = this.#options;
    if (this.#lostSince === undefined) {
      this.#lostSince = now;
      onNotice?.(`The queue at ${queue.name} does not answer; it is waited for, for at most ${formatDuration(waitMs)}`);
    }
    return now - this.#lostSince;
  }

  #noteFound(): void {
    if (this.#lostSince !== undefined)
      this.#options.onNotice?.(`The queue at ${this.#options.queue.name} answers again`);
    this.#lostSince = undefined;
  }

  async #pause(ms: number): Promise<void> {
    await delay(ms, this.#options.stopSignal).catch(() => undefined);
  }
}

function describeSetAside({ plan }: Pick<WorkerRun, 'plan'>, chunk: number, deaths: number): string {
  const { index, rows } = plan.chunk(chunk);
  return `Chunk ${chunk} (rows ${index + 1} to ${index + rows}) was set aside: it ended its worker ${deaths < MOST_DEATHS ? MOST_DEATHS : deaths} times at the same rows`;
}

/** What ioredis says where the server is gone, stands still, or starts again. */
function isOfConnection(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return (
    /^E(?:CONN|PIPE|HOST|NET|TIMEDOUT)/.test(code) ||
    /Stream isn't writeable|Connection is closed|Command timed out|LOADING|READONLY|max retries|Connection is (?:in|not)/i.test(
      error.message,
    )
  );
}
