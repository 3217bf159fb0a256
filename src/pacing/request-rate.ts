import { Bucket } from './bucket.ts';
import type { Quota } from './quota.ts';

/** What is not used of the quota: 0.6 s of a minute. */
const MARGIN = 0.99;
/** Half of that is for calls that are let go late, since timers and the event loop are; the other half for what the network does to their times. */
const CATCH_UP_MS = 300;
/** As much is let go at the start. */
const FIRST_MS = 50;

/**
 * Spaces calls evenly to stay below a requests-per-minute quota. Permits come in by the clock and are kept for `catchUpMs`, so that
 * calls held up by this process leave as soon as it can send them. A whole minute of permits and those that were kept are below the quota by what
 * calls may be apart on their way, some 0.3 s.
 */
export class RequestRate implements Quota {
  readonly #bucket: Bucket;

  /** `margin`: the share of the quota that is used. `catchUpMs`: for how long a permit is kept that nobody takes. */
  constructor(requestsPerMinute: number, { margin = MARGIN, catchUpMs = CATCH_UP_MS } = {}) {
    if (!(requestsPerMinute > 0)) {
      throw new RangeError(
        `Cannot limit the request rate: requests per minute must be above 0, got ${requestsPerMinute}`,
      );
    }
    const perMinute = requestsPerMinute * margin;
    const within = (ms: number): number => (perMinute * ms) / 60_000;
    this.#bucket = new Bucket({
      perMinute,
      capacity: 1 + within(catchUpMs),
      level: Math.max(1, Math.floor(within(Math.min(catchUpMs, FIRST_MS)))),
    });
  }

  /** Takes `amount` requests, each in its own turn. */
  async take(amount: number, signal?: AbortSignal): Promise<void> {
    for (let left = amount; left > 0; left -= 1) await this.#bucket.take(1, signal);
  }

  /** Does nothing: a request that was let go has been made, and a permit given back would be a burst later. */
  settle(): void {}

  /** Ends timers; nothing may be taken afterwards. */
  async close(): Promise<void> {
    await this.#bucket.close();
  }
}
