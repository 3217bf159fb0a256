import type Bottleneck from 'bottleneck';
import { requirePackage } from '../packages/require-package.ts';

export interface BucketOptions {
  /** What the clock puts in. */
  perMinute: number;
  /** The most that it holds, from 1. No 60 seconds let through more than `perMinute` and this. */
  capacity: number;
  /** What it holds at first. */
  level: number;
}

/** So much time's worth is leased at a time, as a Bottleneck job costs some 0.4 ms of CPU. */
const PORTION_MS = 50;
/** A timer takes no more than some weeks. */
const LONGEST_SLEEP_MS = 60_000;

interface Waiter {
  amount: number;
  admit(): void;
}

/**
 * A Bottleneck reservoir that the clock fills: what comes in is reckoned from the time that has passed, never from timers, so that one
 * that fires late loses nothing that the bucket has room for. Bottleneck's own refresh lets a whole minute's worth through at once, its
 * `minTime` loses whatever its timers are late, and any later change of its settings stops its timers for good.
 *
 * Nothing is taken from the reservoir one by one: all that is there is leased from it, and a small portion at least, so that a job's cost is
 * paid some times a second whatever the rate, and no job can outweigh the reservoir, which would block the line for ever. The balance of what is leased may go below zero: an
 * amount larger than the bucket goes when the bucket is full, and is paid off before the next one goes. Credit, reservoir and balance together
 * never hold more than the bucket.
 */
export class Bucket {
  readonly #limiter: Bottleneck;
  readonly #perMs: number;
  readonly #capacity: number;
  readonly #portion: number;
  /** A balance that counts as a full bucket: less than a portion may stay in the reservoir, where it cannot be leased. */
  readonly #full: number;
  readonly #waiters = new Set<Waiter>();
  /** What has come in, not put into the reservoir yet. */
  #credit = 0;
  #creditedAt = performance.now();
  /** What the reservoir holds, kept here because asking Bottleneck is asynchronous. */
  #level: number;
  #balance = 0;
  #isLeasing = false;
  #timer: NodeJS.Timeout | undefined;

  constructor({ perMinute, capacity, level }: BucketOptions) {
    this.#perMs = perMinute / 60_000;
    this.#capacity = capacity;
    this.#portion = Math.max(1, Math.min(Math.ceil(this.#perMs * PORTION_MS), Math.floor(capacity / 2)));
    this.#full = Math.max(1, Math.floor(capacity) - this.#portion);
    this.#level = level;
    const Limiter = requirePackage('bottleneck') as typeof Bottleneck;
    this.#limiter = new Limiter({ reservoir: level });
  }

  /** Takes a whole number, waiting for it if need be; those who wait are served in the order of coming. */
  take(amount: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true) return Promise.reject(signal.reason as Error);
    this.#creditTime();
    if (this.#waiters.size === 0 && this.#balance >= Math.min(amount, this.#full)) {
      this.#balance -= amount;
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        this.#waiters.delete(waiter);
        reject(signal?.reason);
        // Whoever is first now may want less.
        this.#serve();
      };
      const waiter: Waiter = {
        amount,
        admit: () => {
          signal?.removeEventListener('abort', onAbort);
          resolve();
        },
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#waiters.add(waiter);
      if (this.#waiters.size === 1) this.#serve();
    });
  }

  /** Puts back what was taken and not used, as far as there is room for it; what was used beyond it is taken. */
  giveBack(amount: number): void {
    this.#creditTime();
    this.#balance += Math.min(amount, Math.floor(this.#room));
    this.#serve();
  }

  /** Ends timers and what is with Bottleneck; nothing may be taken afterwards. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#limiter.stop({ dropWaitingJobs: true });
    await this.#limiter.disconnect();
  }

  get #room(): number {
    return this.#capacity - this.#credit - this.#level - this.#balance;
  }

  #creditTime(): void {
    const now = performance.now();
    // A debt makes room for what pays it off, while nobody waits as well.
    this.#credit += Math.min((now - this.#creditedAt) * this.#perMs, this.#room);
    this.#creditedAt = now;
  }

  #serve(): void {
    for (const waiter of this.#waiters) {
      if (this.#balance < Math.min(waiter.amount, this.#full)) {
        if (!this.#isLeasing) this.#lease();
        return;
      }
      this.#waiters.delete(waiter);
      this.#balance -= waiter.amount;
      waiter.admit();
    }
  }

  /** Leases all that is there, or a portion as soon as it is. */
  #lease(): void {
    this.#isLeasing = true;
    this.#pour();
    const amount = Math.max(this.#portion, this.#level);
    this.#limiter
      .schedule({ weight: amount }, () => Promise.resolve())
      .then(
        () => {
          this.#isLeasing = false;
          this.#level -= amount;
          this.#balance += amount;
          this.#serve();
        },
        // Only close() makes the job fail; those waiting leave by their own signal.
        () => undefined,
      );
  }

  /** Puts what has come in into the reservoir, again and again until a portion is there. */
  #pour(): void {
    this.#creditTime();
    const whole = Math.floor(this.#credit);
    if (whole > 0) {
      this.#credit -= whole;
      this.#level += whole;
      void this.#limiter.incrementReservoir(whole);
    }
    if (this.#level >= this.#portion) return;
    const waitMs = Math.ceil((this.#portion - this.#level - this.#credit) / this.#perMs);
    this.#timer = setTimeout(() => this.#pour(), Math.min(waitMs, LONGEST_SLEEP_MS));
  }
}
