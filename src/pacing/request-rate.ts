import type Bottleneck from 'bottleneck';
import { requirePackage } from '../packages/require-package.ts';
import type { Quota } from './quota.ts';
import { WaitQueue } from './wait-queue.ts';

/** Most Bottleneck jobs a second. Each costs some 0.4 ms of CPU, so faster rates lease several permits with one job. */
const JOBS_PER_SECOND = 20;

/** Keeps every 60 s window below the quota although timers jitter: the overshoot measured with minTime is about 1 %. */
const MARGIN = 0.98;

/**
 * Spaces calls evenly to stay below a requests-per-minute quota. Bottleneck's `minTime` keeps the pace; a reservoir would
 * let twice the quota through around the edge of its window.
 */
export class RequestRate implements Quota {
  readonly #limiter: Bottleneck;
  readonly #permitsPerJob: number;
  readonly #line = new WaitQueue();
  #jobs = 0;

  /** `margin`: the share of the quota that is used. */
  constructor(requestsPerMinute: number, { margin = MARGIN } = {}) {
    if (!(requestsPerMinute > 0)) {
      throw new RangeError(
        `Cannot limit the request rate: requests per minute must be above 0, got ${requestsPerMinute}`,
      );
    }
    const perMinute = requestsPerMinute * margin;
    this.#permitsPerJob = Math.max(1, Math.ceil(perMinute / 60 / JOBS_PER_SECOND));
    const Limiter = requirePackage('bottleneck') as typeof Bottleneck;
    this.#limiter = new Limiter({ minTime: (60_000 * this.#permitsPerJob) / perMinute });
  }

  /** Takes `amount` requests, each in its own turn. */
  async take(amount: number, signal?: AbortSignal): Promise<void> {
    for (let left = amount; left > 0; left -= 1) {
      const turn = this.#line.wait(signal);
      this.#orderPermits();
      await turn;
    }
  }

  /** Does nothing: a request that was let go has been made, and a permit given back would be a burst later. */
  settle(): void {}

  /** Ends waiting jobs; nothing may be taken afterwards. */
  async close(): Promise<void> {
    await this.#limiter.stop({ dropWaitingJobs: true });
    await this.#limiter.disconnect();
  }

  #orderPermits(): void {
    while (this.#jobs * this.#permitsPerJob < this.#line.length) {
      this.#jobs += 1;
      this.#limiter
        .schedule(() => Promise.resolve())
        .then(
          () => {
            this.#jobs -= 1;
            // What nobody waits for is given up: a permit kept for later would be a burst later.
            let permits = this.#permitsPerJob;
            while (permits > 0 && this.#line.admitNext()) permits -= 1;
          },
          // Only close() makes a job fail; those waiting leave by their own signal.
          () => (this.#jobs -= 1),
        );
    }
  }
}
