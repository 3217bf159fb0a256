import { GleanerError } from '../../gleaner-error.ts';
import { messageOf } from '../../text/thrown-message.ts';
import { MOST_DEATHS, runChunk, type ChunkEnd } from '../parts/run-chunk.ts';
import type { ChunkQueue } from './chunk-queue.ts';
import { Lease } from './lease.ts';
import { keyOf, type OpenedRuns } from './opened-runs.ts';
import { capsIn } from './stop-note.ts';
import type { Submission } from './submission.ts';
import type { TakenJob } from './taken-job.ts';
import { WORK_EXITS, type JobEnd, type OpenedRun, type WorkerRun } from './worker-run.ts';

export interface ChunkJobsOptions {
  queue: {
    lockMs: number;
    runs: Pick<ChunkQueue['runs'], 'submission' | 'noteStop' | 'clearStop'>;
    jobs: Pick<ChunkQueue['jobs'], 'mergeAgain'>;
  };
  runs: Pick<OpenedRuns, 'refuse'>;
  /** The worker, for people. */
  name: string;
  /** Aborts to stop in order. */
  stopSignal?: AbortSignal | undefined;
  /** Aborts to give up calls in flight. */
  signal?: AbortSignal | undefined;
  onNotice?: ((notice: string) => void) | undefined;
  /** Told of each chunk that ended, and how. */
  onChunk?: ((submission: Submission, chunk: number, end: ChunkEnd) => void) | undefined;
}

/** A worker's work on chunks: a job is kept while its chunk runs, and told how that ended. */
export class ChunkJobs {
  readonly #options: ChunkJobsOptions;
  /** Submissions whose used-up budget was tried once more. */
  readonly #triedAgain = new Set<string>();
  #at: { run: string; chunk: number } | undefined;
  #records = 0;

  constructor(options: ChunkJobsOptions) {
    this.#options = options;
  }

  /** The chunk that is worked on. */
  get at(): { run: string; chunk: number } | undefined {
    return this.#at;
  }

  /** How many records have ended so far. */
  get records(): number {
    return this.#records;
  }

  async work(job: TakenJob, chunk: number, opened: OpenedRun): Promise<JobEnd> {
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
      await this.#options.runs.refuse(job, submission, error.message);
      return 'refused';
    } finally {
      lease.end();
      this.#at = undefined;
    }
    onChunk?.(submission, chunk, end);
    if (lease.lost.aborted) onNotice?.(`Chunk ${chunk} was given up: ${messageOf(lease.lost.reason)}`);
    switch (end.kind) {
      case 'done': {
        await job.finishAndTakeNext({ attempt: end.attempt, isOwn: end.isOwn });
        if (opened.wasStopped) {
          opened.wasStopped = false;
          await queue.runs.clearStop(submission.run);
        }
        // Calls that are outside of what counts were paid, and belong into a ledger that may be merged already.
        if (!end.isOwn && (end.summary?.calls.sent ?? 0) > 0) await queue.jobs.mergeAgain(submission.run);
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
  ): Promise<JobEnd> {
    const { run, submission, end, wasLost } = stopped;
    const { exitCode, reason } = end.summary;
    if (wasLost) {
      if (end.summary.calls.sent > 0) await this.#options.queue.jobs.mergeAgain(submission.run);
      return undefined;
    }
    if (this.#options.stopSignal?.aborted === true) {
      await job.putBack();
      return undefined;
    }
    if (exitCode === WORK_EXITS.refused) {
      await this.#options.runs.refuse(job, submission, reason ?? 'the service refuses');
      return 'refused';
    }
    await job.putBack();
    if (exitCode === WORK_EXITS.capped) {
      // It may have been submitted with another cap meanwhile.
      const { revision } = (await this.#options.queue.runs.submission(submission.run)) ?? submission;
      if (revision !== submission.revision || (await this.#hasRoomAgain(run, submission))) return undefined;
    }
    const stop = {
      exitCode: exitCode === WORK_EXITS.capped ? WORK_EXITS.capped : WORK_EXITS.stopped,
      reason: `chunk ${chunk} of ${submission.definition.name} stopped: ${reason ?? 'it is not finished'}`,
    };
    // Whoever waits for the merge is told: no worker brings the run further before it is submitted with a higher cap.
    if (exitCode === WORK_EXITS.capped) {
      const { revision, settings } = submission;
      await this.#options.queue.runs.noteStop(submission.run, { ...stop, revision, caps: capsIn(settings) });
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
}

function describeSetAside({ plan }: Pick<WorkerRun, 'plan'>, chunk: number, deaths: number): string {
  const { index, rows } = plan.chunk(chunk);
  return `Chunk ${chunk} (rows ${index + 1} to ${index + rows}) was set aside: it ended its worker ${deaths < MOST_DEATHS ? MOST_DEATHS : deaths} times at the same rows`;
}
