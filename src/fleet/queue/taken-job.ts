import type { Job, JobJson } from 'bullmq';

/** What a job of the queue is about. */
export interface FleetJob {
  run: string;
  /** Undefined for the merge of all. */
  chunk?: number;
  /** The first attempt whose death counts. */
  from?: number;
}

/**
 * A job that this process has taken: it is its own until its lock runs out, which `renew` puts off. Whatever another process has taken
 * meanwhile is told by false.
 */
export class TakenJob {
  readonly #job: Job<FleetJob>;
  readonly #token: string;
  readonly #lockMs: number;
  readonly #keepNext: (next: JobJson, id: string) => void;

  /** @param keepNext is given the job that was taken when this one was finished, by the same token */
  constructor(job: Job<FleetJob>, token: string, lockMs: number, keepNext: (next: JobJson, id: string) => void) {
    this.#job = job;
    this.#token = token;
    this.#lockMs = lockMs;
    this.#keepNext = keepNext;
  }

  get data(): FleetJob {
    return this.#job.data;
  }

  async renew(): Promise<boolean> {
    return (await this.#job.extendLock(this.#token, this.#lockMs)) === 1;
  }

  finish(value: unknown): Promise<boolean> {
    return this.#whileOurs(() => this.#job.moveToCompleted(value, this.#token, false));
  }

  /** Finishes it, and takes the next one with the same message. */
  finishAndTakeNext(value: unknown): Promise<boolean> {
    return this.#whileOurs(async () => {
      const [next, id] = ((await this.#job.moveToCompleted(value, this.#token, true)) ?? []) as [JobJson?, string?];
      if (next && id !== undefined) this.#keepNext(next, id);
    });
  }

  /** Ends it without success: it is not given to anybody again, and what waits for it goes on. */
  setAside(reason: string): Promise<boolean> {
    return this.#whileOurs(() => this.#job.moveToFailed(new Error(reason), this.#token, false));
  }

  /** Gives it to whoever takes it next, after a delay. */
  putBack(delayMs = 0): Promise<boolean> {
    return this.#whileOurs(() =>
      delayMs === 0 ? this.#job.moveToWait(this.#token) : this.#job.moveToDelayed(Date.now() + delayMs, this.#token),
    );
  }

  async #whileOurs(move: () => Promise<unknown>): Promise<boolean> {
    try {
      await move();
      return true;
    } catch (error) {
      if (error instanceof Error && 'code' in error && NOT_OURS.has(error.code)) return false;
      throw error;
    }
  }
}

/** BullMQ's codes for a job that is no more, or not locked by us. */
const NOT_OURS: ReadonlySet<unknown> = new Set([-1, -2, -3, -6]);
