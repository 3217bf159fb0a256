import { GleanerError } from '../gleaner-error.ts';
import type { BatchLog } from './batch-log.ts';
import type { BatchSettings } from './batch-options.ts';
import type { Shard } from './batch-state.ts';
import { hasEnded, type JobResource } from './job-client.ts';

const GROWTH = 1.5;

/** Looks at the jobs of a run and notes which have ended. */
export class JobWatch {
  readonly #log: BatchLog;
  readonly #settings: BatchSettings;
  readonly #signal: AbortSignal;
  readonly #onNotice: ((notice: string) => void) | undefined;
  #twins: Shard[] = [];
  /** Jobs that this session has told to stop. */
  readonly #told = new Set<string>();

  constructor(
    log: BatchLog,
    settings: BatchSettings,
    { signal, onNotice }: { signal: AbortSignal; onNotice: ((notice: string) => void) | undefined },
  ) {
    this.#log = log;
    this.#settings = settings;
    this.#signal = signal;
    this.#onNotice = onNotice;
  }

  /** Second jobs that were found since the last time. */
  takeTwins(): Shard[] {
    return this.#twins.splice(0);
  }

  /** One look at all jobs. @returns whether any has ended */
  async look(): Promise<boolean> {
    const { jobs } = this.#settings;
    const found = new Map<string, JobResource>();
    for await (const job of jobs.list(`gleaner-${this.#log.runName()}-*`, this.#signal)) {
      found.set(job.name, job);
      await this.#noteTwin(job);
    }
    let isAny = false;
    for (const shard of this.#log.state.open) {
      if (shard.job === undefined) continue;
      const job = found.get(shard.job) ?? (await jobs.get(shard.job, this.#signal));
      if (job !== undefined && !hasEnded(job)) continue;
      await this.#noteEnd(shard, job);
      isAny = true;
    }
    return isAny;
  }

  /** Waits until a job has ended or a moment has come, looking less and less often. */
  async untilOneEnds(until: number | undefined): Promise<void> {
    const { clock, timings } = this.#settings;
    for (let pauseMs = timings.firstPollMs; ; pauseMs = Math.min(pauseMs * GROWTH, timings.longestPollMs)) {
      const restMs = until === undefined ? pauseMs : until - clock.now();
      if (restMs <= 0) return;
      await clock.delay(Math.min(pauseMs, restMs), this.#signal);
      if (await this.look()) return;
    }
  }

  /** Tells jobs once more to stop: a killed session may have written that down and not come to say it. */
  async cancelAgain(): Promise<void> {
    for (const shard of this.#log.state.open) if (shard.isCancelled) await this.cancel(shard);
  }

  /** Tells a job to stop, once a session. One that this account may not stop goes on, and so does the run. */
  async cancel(shard: Shard): Promise<void> {
    const { job } = shard;
    if (job === undefined || this.#told.has(job)) return;
    if (!shard.isCancelled) this.#log.note({ event: 'cancelling', shard: shard.shard });
    try {
      await this.#settings.jobs.cancel(job, this.#signal);
    } catch (error) {
      if (!(error instanceof GleanerError) || error.facts['status'] !== 403) throw error;
      this.#onNotice?.(`${error.message}. Until then it goes on, and what it answers is paid for`);
    }
    this.#told.add(job);
  }

  /** Tells open jobs to stop, and waits for it. @returns those that have not stopped in time and were not left before */
  async cancelAll(): Promise<Shard[]> {
    const { clock, timings } = this.#settings;
    const open = (): Shard[] => this.#log.state.open.filter(({ job, isLeft }) => job !== undefined && !isLeft);
    for (const shard of open()) await this.cancel(shard);
    const givesUpAt = clock.now() + timings.cancelWaitMs;
    for (let pauseMs = timings.firstPollMs; open().length > 0 && clock.now() < givesUpAt; pauseMs *= GROWTH) {
      await clock.delay(Math.min(pauseMs, timings.longestPollMs, givesUpAt - clock.now()), this.#signal);
      await this.look();
    }
    return open();
  }

  /** A job that is gone has ended without a line: what it wrote may still be there. */
  async #noteEnd(shard: Shard, job: JobResource | undefined): Promise<void> {
    const output = await this.#settings.store.find(shard, job, this.#signal);
    this.#log.note({
      event: 'ended',
      shard: shard.shard,
      state: job?.state ?? 'GONE',
      output,
      ...(job?.error === undefined ? {} : { error: job.error }),
      ...(job?.stats === undefined ? {} : { stats: job.stats }),
    });
  }

  /** Two jobs of one name: one create call made both, or an answer was lost and came late. */
  async #noteTwin(job: JobResource): Promise<void> {
    const { state } = this.#log;
    const shard = state.shards.find(({ displayName, isTwin }) => displayName === job.displayName && !isTwin);
    if (shard?.job === undefined || shard.job === job.name || state.find(job.name) !== undefined) return;
    const twin = state.nextShard;
    this.#log.note({ event: 'doubled', shard: shard.shard, twin, job: job.name });
    const noted = state.shards.find((one) => one.shard === twin);
    if (noted === undefined) return;
    this.#twins.push(noted);
    await this.cancel(noted);
  }
}
