import { Bucket } from './bucket.ts';
import type { Quota } from './quota.ts';

/** The bucket holds this much of the quota: what an idle spell saves up goes on top of the minute that follows it. */
const BUCKET_SECONDS = 1.8;
/** Keeps the worst 60 s window below the quota: a full bucket, a minute of what comes in, and a percent for calls not settled yet. */
const MARGIN = 0.96;

/**
 * Paces calls to stay below a tokens-per-minute quota. A call larger than the bucket goes when the bucket is full, and is paid off before
 * the next one goes; an estimate that was too low is made up for in the same way. So no 60 s exceed the quota, but for what the largest
 * call has above the bucket's size, 3 % of the quota.
 */
export class TokenRate implements Quota {
  readonly #bucket: Bucket;

  constructor(tokensPerMinute: number) {
    if (!(tokensPerMinute > 0)) {
      throw new RangeError(`Cannot limit the token rate: tokens per minute must be above 0, got ${tokensPerMinute}`);
    }
    const perMinute = tokensPerMinute * MARGIN;
    const capacity = Math.max(2, Math.floor((perMinute * BUCKET_SECONDS) / 60));
    this.#bucket = new Bucket({ perMinute, capacity, level: capacity });
  }

  /** Takes `tokens`, waiting for them if need be; calls are let through in the order they came. */
  take(tokens: number, signal?: AbortSignal): Promise<void> {
    return this.#bucket.take(tokens, signal);
  }

  /** Puts an estimate right once the real usage is known; what does not fit into the bucket any more is lost. */
  settle(estimated: number, actual: number): void {
    this.#bucket.giveBack(estimated - actual);
  }

  /** Ends timers; nothing may be taken afterwards. */
  async close(): Promise<void> {
    await this.#bucket.close();
  }
}
