import { GleanerError } from '../../gleaner-error.ts';
import { delay } from '../../pacing/delay.ts';
import { messageOf } from '../../text/thrown-message.ts';
import { RunStop } from '../../run/run-stop.ts';
import { MOST_DEATHS, runChunk, type ChunkEnd, type ChunkWork } from '../parts/run-chunk.ts';
import type { ChunkQueue, MergeEnd, QueueCounts } from './chunk-queue.ts';
import { Lease } from './lease.ts';
import { isOfConnection, Outage } from './outage.ts';
import { capsIn } from './stop-note.ts';
import type { Submission } from './submission.ts';
import type { TakenJob } from './taken-job.ts';

/** A run, as a worker works on it. */
export interface WorkerRun extends Omit<ChunkWork, 'chunk' | 'worker' | 'from'> {
  /** Puts right what lost workers have claimed of a budget: how many claims were lowered. Default: nothing is claimed. */
  returnClaims?(): Promise<number>;
  /** Makes one run directory of what the parts hold. */
  merge(signal?: AbortSignal): Promise<MergeEnd>;
  close(): Promise<void>;
}

export type WorkQueue = Pick<
  ChunkQueue,
  | 'name'
  | 'take'
  | 'counts'
  | 'waitingRuns'
  | 'submission'
  | 'mergeOf'
  | 'mergeAgain'
  | 'isWithdrawn'
  | 'noteStop'
  | 'stopOf'
  | 'clearStop'
  | 'lockMerge'
  | 'explain'
  | 'lockMs'
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

const LOOK_AGAIN_MS = 250;
/** A worker that finds nothing looks half as often each time, down to this: those that wait for the last chunk are most of a queue's traffic. */
const LOOK_AT_LEAST_MS = 2000;
/** A worker that cannot do what it took, or what waits, looks again after so long. */
const REFUSED_MS = 2000;
/** How often a worker says what it does. */
const BEAT_MS = 5000;
const STOPPED = 3;
const REFUSED = 2;
const CAPPED = 4;

interface OpenedRun {
  revision: number;
  submission: Submission;
  run: WorkerRun;
  /** Whether workers before this one had stopped at a cap. */
  wasStopped: boolean;
}

/** Takes chunks of runs from a queue, one at a time, until nothing is left, or somebody says stop. */
export class FleetWorker {
  readonly #options: FleetWorkerOptions;
  readonly #runs = new Map<string, OpenedRun>();
  /** Runs that this machine cannot work on, and why. */
  readonly #refused = new Map<string, string>();
  readonly #outage: Outage;
  /** Submissions whose used-up budget was tried once more. */
  readonly #triedAgain = new Set<string>();
  #at: { run: string; chunk: number } | undefined;
  /** How long it waits where it finds nothing. */
  #idleMs = LOOK_AGAIN_MS;
  #records = 0;
  #recordsBefore = 0;

  constructor(options: FleetWorkerOptions) {
    this.#options = options;
    const { queue, waitMs, onNotice } = options;
    this.#outage = new Outage({ name: queue.name, waitMs, onNotice });
  }

  async work(): Promise<WorkEnd> {
    const { stopSignal, queue, name } = this.#options;
    const beats = setInterval(() => this.#beat(), BEAT_MS);
    this.#beat();
    try {
      for (;;) {
        if (stopSignal?.aborted === true) return { exitCode: STOPPED, reason: 'it was told to stop' };
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
        exitCode: STOPPED,
        reason: `${error.message}; what was done is written, and submitting the run again fills a queue that was lost`,
      };
    } finally {
      clearInterval(beats);
      await queue.leave?.(name).catch(() => undefined);
      for (const { run } of this.#runs.values()) await run.close();
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
    const recordsPerSecond = (this.#records - this.#recordsBefore) / (BEAT_MS / 1000);
    this.#recordsBefore = this.#records;
    const { run = null, chunk = null } = this.#at ?? {};
    void queue.beat?.({ name, run, chunk, records: this.#records, recordsPerSecond }).catch(() => undefined);
  }

  /** One look at the queue, and the work on what it gave. */
  async #step(): Promise<WorkEnd | undefined> {
    const { queue, untilEmpty } = this.#options;
    if (await this.#hasRefusedAll()) return this.#afterRefusal();
    const job = await queue.take();
    if (job === undefined) {
      const end = untilEmpty ? await this.#endIfEmpty(await queue.counts()) : undefined;
      if (end === undefined) {
        await this.#pause(this.#idleMs);
        this.#idleMs = Math.min(LOOK_AT_LEAST_MS, this.#idleMs * 2);
      }
      return end;
    }
    this.#idleMs = LOOK_AGAIN_MS;
    const opened = await this.#openRun(job);
    if (opened === undefined) return this.#afterRefusal();
    const { chunk } = job.data;
    return chunk === undefined ? this.#merge(job, opened) : this.#workOn(job, chunk, opened);
  }

  async #workOn(job: TakenJob, chunk: number, opened: OpenedRun): Promise<WorkEnd | undefined> {
    const { run, submission } = opened;
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
      return this.#afterRefusal();
    } finally {
      lease.end();
      this.#at = undefined;
    }
    onChunk?.(submission, chunk, end);
    if (lease.lost.aborted) onNotice?.(`Chunk ${chunk} was given up: ${messageOf(lease.lost.reason)}`);
    switch (end.kind) {
      case 'done': {
        await job.finish({ attempt: end.attempt, isOwn: end.isOwn });
        if (opened.wasStopped) {
          opened.wasStopped = false;
          await queue.clearStop(submission.run);
        }
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
    const { run, submission, end, wasLost } = stopped;
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
      return this.#afterRefusal();
    }
    await job.putBack();
    if (exitCode === CAPPED) {
      // It may have been submitted with another cap meanwhile.
      const { revision } = (await this.#options.queue.submission(submission.run)) ?? submission;
      if (revision !== submission.revision || (await this.#hasRoomAgain(run, submission))) return undefined;
    }
    const stop = {
      exitCode: exitCode === CAPPED ? CAPPED : STOPPED,
      reason: `chunk ${chunk} of ${submission.definition.name} stopped: ${reason ?? 'it is not finished'}`,
    };
    // Whoever waits for the merge is told: no worker brings the run further before it is submitted with a higher cap.
    if (exitCode === CAPPED) {
      const { revision, settings } = submission;
      await this.#options.queue.noteStop(submission.run, { ...stop, revision, caps: capsIn(settings) });
    }
    return stop;
  }

  /**
   * Whether a budget that is used up may have room: lost workers had claimed of it what they did not spend. Each worker tries once more
   * after it found nothing, since another one may have been faster.
   */
  async #hasRoomAgain({ returnClaims }: WorkerRun, submission: Submission): Promise<boolean> {
    const key = keyOf(submission);
    if (returnClaims === undefined) return false;
    if ((await returnClaims()) > 0) {
      this.#triedAgain.delete(key);
      return true;
    }
    if (this.#triedAgain.has(key)) return false;
    this.#triedAgain.add(key);
    return true;
  }

  async #merge(job: TakenJob, { run, submission }: OpenedRun): Promise<WorkEnd | undefined> {
    const { queue, onNotice } = this.#options;
    const lock = await queue.lockMerge(submission.run);
    if (lock === undefined) {
      await job.putBack(REFUSED_MS);
      return undefined;
    }
    const lease = new Lease(job, queue.lockMs);
    const ends = [lease.lost, lock.lost, this.#options.signal].filter((signal) => signal !== undefined);
    try {
      const end = await run.merge(AbortSignal.any(ends));
      await job.finish(end);
      onNotice?.(
        `The run in ${submission.out} is merged${end.exitCode === 0 ? '' : `, exit ${end.exitCode}${end.reason === null ? '' : `: ${end.reason}`}`}`,
      );
      return undefined;
    } catch (error) {
      // Whatever it met then: its files may be another's.
      const lost = [lease.lost, lock.lost].find((signal) => signal.aborted);
      if (lost !== undefined) {
        onNotice?.(`The merge into ${submission.out} was given up: ${messageOf(lost.reason)}`);
        await job.putBack(REFUSED_MS);
        return undefined;
      }
      if (ends.some((signal) => signal.aborted && signal.reason === error)) {
        await job.putBack();
        return undefined;
      }
      if (!(error instanceof GleanerError) && isOfConnection(error)) throw error;
      // Another merge, or a command that reads and writes the run, holds the directory.
      if (error instanceof GleanerError && error.code === 'run-locked') {
        await job.putBack(REFUSED_MS);
        return undefined;
      }
      // All others would find the same in the parts, or on the disk.
      await job.setAside(messageOf(error));
      onNotice?.(`The run in ${submission.out} could not be merged: ${messageOf(error)}`);
      return undefined;
    } finally {
      lease.end();
      await lock.release();
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
    if (this.#refused.has(keyOf(submission))) {
      await this.#refuse(job, submission, '');
      return undefined;
    }
    const known = this.#runs.get(name);
    if (known?.revision === submission.revision) return known;
    try {
      const run = await openRun(submission);
      await known?.run.close();
      const wasStopped = (await queue.stopOf(submission)) !== undefined;
      const opened = { revision: submission.revision, submission, run, wasStopped };
      this.#runs.set(name, opened);
      return opened;
    } catch (error) {
      if (!(error instanceof GleanerError)) throw error;
      await this.#refuse(job, submission, error.message);
      return undefined;
    }
  }

  /** Leaves a job to others, at once, and says why, once for a run. */
  async #refuse(job: TakenJob, submission: Submission, why: string): Promise<void> {
    const key = keyOf(submission);
    if (!this.#refused.has(key)) {
      this.#refused.set(key, why);
      this.#options.onNotice?.(`${why}. Its chunks are left to other workers`);
    }
    await job.putBack();
  }

  /** Whether all that waits was refused here: it is taken from nobody then. */
  async #hasRefusedAll(): Promise<boolean> {
    if (this.#refused.size === 0) return false;
    const { queue } = this.#options;
    const waiting = await Promise.all([...(await queue.waitingRuns())].map((run) => queue.submission(run)));
    return waiting.length > 0 && waiting.every((one) => one !== undefined && this.#refused.has(keyOf(one)));
  }

  /** Where all that is left was refused, and nobody is at work on it, the worker says so and ends. */
  async #afterRefusal(): Promise<WorkEnd | undefined> {
    const { queue, untilEmpty } = this.#options;
    if (untilEmpty && (await this.#hasRefusedAll()) && (await queue.counts()).active === 0)
      return { exitCode: REFUSED, reason: [...this.#refused.values()].at(-1) };
    await this.#pause(REFUSED_MS);
    return undefined;
  }

  async #endIfEmpty({ waiting, active, delayed, merges }: QueueCounts): Promise<WorkEnd | undefined> {
    if (waiting + active + delayed + merges > 0) return undefined;
    const { queue } = this.#options;
    let worst: WorkEnd = { exitCode: 0 };
    for (const [name, { submission }] of this.#runs) {
      const { state, end, failure } = await queue.mergeOf(name);
      if (failure !== undefined) {
        worst = { exitCode: STOPPED, reason: `the run in ${submission.out} could not be merged: ${failure}` };
        continue;
      }
      if (state === 'unknown') {
        if (await queue.isWithdrawn(name)) {
          this.#options.onNotice?.(`The run in ${submission.out} was withdrawn`);
          continue;
        }
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

  async #pause(ms: number): Promise<void> {
    await delay(ms, this.#options.stopSignal).catch(() => undefined);
  }
}

/** A run as it was submitted last: another submission of it is looked at anew. */
function keyOf({ run, revision }: Submission): string {
  return `${run} ${revision}`;
}

function describeSetAside({ plan }: Pick<WorkerRun, 'plan'>, chunk: number, deaths: number): string {
  const { index, rows } = plan.chunk(chunk);
  return `Chunk ${chunk} (rows ${index + 1} to ${index + rows}) was set aside: it ended its worker ${deaths < MOST_DEATHS ? MOST_DEATHS : deaths} times at the same rows`;
}
