import type { TakenJob } from './taken-job.ts';

/** Renewals in the time of a lock. */
const BEATS_PER_LOCK = 3;

/**
 * Keeps a job, or a lock, for as long as it is worked on. Once it is another's, or it could not be renewed for as long as its lock holds, `lost` aborts: no
 * new calls, and what is in flight is written.
 */
export class Lease {
  readonly #job: Pick<TakenJob, 'renew'>;
  readonly #lockMs: number;
  readonly #lost = new AbortController();
  readonly #timer: NodeJS.Timeout;
  #renewedAt = performance.now();
  #isRenewing = false;

  constructor(job: Pick<TakenJob, 'renew'>, lockMs: number) {
    this.#job = job;
    this.#lockMs = lockMs;
    this.#timer = setInterval(() => void this.#renew(), lockMs / BEATS_PER_LOCK);
  }

  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  end(): void {
    clearInterval(this.#timer);
  }

  /**
   * For a process that may just have stood still, whose timer has not run since.
   *
   * @throws the reason of `lost`
   */
  demand(): void {
    this.#checkAge(performance.now());
    this.#lost.signal.throwIfAborted();
  }

  async #renew(): Promise<void> {
    const began = performance.now();
    if (this.#isRenewing) return this.#checkAge(began);
    this.#isRenewing = true;
    try {
      if (await this.#job.renew()) this.#renewedAt = began;
      else this.#lose('another one has taken it over');
    } catch {
      this.#checkAge(performance.now());
    } finally {
      this.#isRenewing = false;
    }
  }

  #checkAge(now: number): void {
    if (now - this.#renewedAt >= this.#lockMs)
      this.#lose('the queue could not be reached for so long that it is given to another');
  }

  #lose(why: string): void {
    this.end();
    this.#lost.abort(new Error(why));
  }
}
