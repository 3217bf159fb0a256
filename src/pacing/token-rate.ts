import type Bottleneck from 'bottleneck';
import { requirePackage } from '../packages/require-package.ts';
import type { Quota } from './quota.ts';

const REFILL_MS = 250;
/** The bucket holds this much of the quota: what an idle spell saves up goes on top of the minute that follows it. */
const BUCKET_SECONDS = 1.8;
/** Keeps the worst 60 s window below the quota: a full bucket, a minute of refills, and a percent for calls not settled yet. */
const MARGIN = 0.96;

interface Waiter {
  tokens: number;
  admit(): void;
}

/**
 * Paces calls to stay below a tokens-per-minute quota.
 *
 * A Bottleneck reservoir is the bucket; our own timer refills it, because Bottleneck's periodic refresh lets a whole
 * minute's tokens through at once, and any later change of its settings stops it for good. Calls do not take from the
 * reservoir one by one: tokens are leased from it in portions of one refill each, so that a job's cost is paid a few
 * times a second whatever the rate, and no job can outweigh the reservoir, which would block the line for ever. The
 * balance of leased tokens may go below zero: a call larger than the bucket goes when the bucket is full and is paid
 * off before the next one goes; an estimate that was too low is made up for in the same way. Reservoir and positive
 * balance together never hold more than the bucket. So no 60 s exceed the quota, but for what the largest call has above
 * the bucket's size, 3 % of the quota.
 */
export class TokenRate implements Quota {
  readonly #limiter: Bottleneck;
  readonly #capacity: number;
  readonly #portion: number;
  readonly #refill: number;
  readonly #waiters = new Set<Waiter>();
  /** The reservoir's level, kept here because asking Bottleneck is asynchronous; refills must not lift it above capacity. */
  #level: number;
  #fraction = 0;
  #balance = 0;
  #leasing = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(tokensPerMinute: number) {
    if (!(tokensPerMinute > 0)) {
      throw new RangeError(`Cannot limit the token rate: tokens per minute must be above 0, got ${tokensPerMinute}`);
    }
    const perMinute = tokensPerMinute * MARGIN;
    this.#refill = (perMinute * REFILL_MS) / 60_000;
    this.#portion = Math.max(1, Math.floor(this.#refill));
    this.#capacity = Math.max(2 * this.#portion, Math.floor((perMinute * BUCKET_SECONDS) / 60));
    this.#level = this.#capacity;
    const Limiter = requirePackage('bottleneck') as typeof Bottleneck;
    this.#limiter = new Limiter({ reservoir: this.#capacity });
  }

  /** Takes `tokens`, waiting for them if need be; calls are let through in the order they came. */
  take(tokens: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason);
        return;
      }
      this.#timer ??= setInterval(() => this.#refillBucket(), REFILL_MS);
      const onAbort = (): void => {
        this.#waiters.delete(waiter);
        reject(signal?.reason);
      };
      const waiter: Waiter = {
        tokens,
        admit: () => {
          signal?.removeEventListener('abort', onAbort);
          resolve();
        },
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#waiters.add(waiter);
      this.#admit();
    });
  }

  /** Puts an estimate right once the real usage is known; what does not fit into the bucket any more is lost. */
  settle(estimated: number, actual: number): void {
    const corrected = this.#balance + estimated - actual;
    this.#balance = Math.min(corrected, Math.max(this.#balance, this.#capacity - this.#level));
    this.#admit();
  }

  /** Stops the timer and ends what is waiting in Bottleneck; nothing may be taken afterwards. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#limiter.stop({ dropWaitingJobs: true });
    await this.#limiter.disconnect();
  }

  #admit(): void {
    // Less than a portion may stay in the reservoir, where it cannot be leased: a full bucket is to count as one.
    const full = this.#capacity - this.#portion;
    for (const waiter of this.#waiters) {
      if (this.#balance < Math.min(waiter.tokens, full)) {
        this.#lease();
        return;
      }
      this.#waiters.delete(waiter);
      this.#balance -= waiter.tokens;
      waiter.admit();
    }
  }

  #lease(): void {
    if (this.#leasing) return;
    this.#leasing = true;
    this.#limiter
      .schedule({ weight: this.#portion }, () => {
        this.#level -= this.#portion;
        return Promise.resolve();
      })
      .then(
        () => {
          this.#leasing = false;
          this.#balance += this.#portion;
          this.#admit();
        },
        // Only close() makes the job fail; those waiting leave by their own signal.
        () => undefined,
      );
  }

  #refillBucket(): void {
    // A debt is paid off even while nobody waits.
    if (this.#balance < 0) this.#lease();
    this.#fraction += this.#refill;
    const room = this.#capacity - this.#level - Math.max(0, this.#balance);
    const tokens = Math.min(Math.floor(this.#fraction), room);
    this.#fraction -= Math.floor(this.#fraction);
    if (tokens <= 0) return;
    this.#level += tokens;
    void this.#limiter.incrementReservoir(tokens);
  }
}
