import { GleanerError } from '../../gleaner-error.ts';
import type { ChunkQueue } from './chunk-queue.ts';
import type { Submission } from './submission.ts';
import type { TakenJob } from './taken-job.ts';
import type { OpenedRun, WorkerRun } from './worker-run.ts';

export interface OpenedRunsOptions {
  queue: {
    runs: Pick<ChunkQueue['runs'], 'submission' | 'stopOf'>;
    jobs: Pick<ChunkQueue['jobs'], 'waitingRuns'>;
  };
  /** @throws {GleanerError} where this machine cannot work on the run: it is left to others */
  openRun(submission: Submission): Promise<WorkerRun>;
  onNotice?: ((notice: string) => void) | undefined;
}

/** The runs that a worker has open, each as it was submitted last, and those that it refuses. */
export class OpenedRuns {
  readonly #options: OpenedRunsOptions;
  readonly #opened = new Map<string, OpenedRun>();
  /** Submissions that this machine cannot work on, and why. */
  readonly #refused = new Map<string, string>();

  constructor(options: OpenedRunsOptions) {
    this.#options = options;
  }

  /** The runs by name. */
  get all(): ReadonlyMap<string, OpenedRun> {
    return this.#opened;
  }

  /** Why the last submission was refused that was. */
  get lastRefusal(): string | undefined {
    return [...this.#refused.values()].at(-1);
  }

  /** Opens the run of a job. @returns undefined where the job was left to others, or set aside */
  async open(job: TakenJob): Promise<OpenedRun | undefined> {
    const { queue, openRun } = this.#options;
    const { run: name } = job.data;
    const submission = await queue.runs.submission(name);
    if (submission === undefined) {
      await job.setAside('what it belongs to is not known; submit the run again');
      return undefined;
    }
    if (this.#refused.has(keyOf(submission))) {
      await this.refuse(job, submission, '');
      return undefined;
    }
    const known = this.#opened.get(name);
    if (known?.submission.revision === submission.revision) return known;
    try {
      const run = await openRun(submission);
      await known?.run.close();
      const wasStopped = (await queue.runs.stopOf(submission)) !== undefined;
      const opened = { submission, run, wasStopped };
      this.#opened.set(name, opened);
      return opened;
    } catch (error) {
      if (!(error instanceof GleanerError)) throw error;
      await this.refuse(job, submission, error.message);
      return undefined;
    }
  }

  /** Leaves a job to others, at once, and says why, once for a submission. */
  async refuse(job: TakenJob, submission: Submission, why: string): Promise<void> {
    const key = keyOf(submission);
    if (!this.#refused.has(key)) {
      this.#refused.set(key, why);
      this.#options.onNotice?.(`${why}. Its chunks are left to other workers`);
    }
    await job.putBack();
  }

  /** Whether all that waits was refused here: it is taken from nobody then. */
  async hasRefusedAll(): Promise<boolean> {
    if (this.#refused.size === 0) return false;
    const { runs, jobs } = this.#options.queue;
    const waiting = await Promise.all([...(await jobs.waitingRuns())].map((run) => runs.submission(run)));
    return waiting.length > 0 && waiting.every((one) => one !== undefined && this.#refused.has(keyOf(one)));
  }

  async close(): Promise<void> {
    for (const { run } of this.#opened.values()) await run.close();
  }
}

/** A run as it was submitted last: another submission of it is looked at anew. */
export function keyOf({ run, revision }: Submission): string {
  return `${run} ${revision}`;
}
