import { WaitQueue } from './wait-queue.ts';

/** What a finished call says about the service's capacity. */
export type CallSignal = 'ok' | 'throttled' | 'failed';

/**
 * Bounds the calls in flight. The bound adapts: a 429 halves it, and as many successes as the bound is high raise it by one,
 * up to the maximum. A burst of 429s counts once: only a call started after the last cut can cause another, since the
 * ones before it speak of a pace that has been given up already.
 */
export class AdaptiveConcurrency {
  readonly #maximum: number;
  readonly #onChange: ((limit: number) => void) | undefined;
  readonly #line = new WaitQueue();
  #limit: number;
  #inFlight = 0;
  #successes = 0;
  #started = 0;
  #lastCut = 0;

  /** `onChange` is told every new bound. */
  constructor(maximum: number, onChange?: (limit: number) => void) {
    if (!(Number.isInteger(maximum) && maximum >= 1)) {
      throw new RangeError(
        `Cannot bound the calls in flight: concurrency must be a whole number from 1, got ${maximum}`,
      );
    }
    this.#maximum = maximum;
    this.#onChange = onChange;
    this.#limit = maximum;
  }

  get limit(): number {
    return this.#limit;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** Takes a slot, waiting for one if need be; the number it returns is handed back to `release`. */
  async acquire(signal?: AbortSignal): Promise<number> {
    if (this.#inFlight < this.#limit) this.#inFlight += 1;
    // Whoever is let go has been counted in already, so that nobody can slip in before it wakes.
    else await this.#line.wait(signal);
    this.#started += 1;
    return this.#started;
  }

  release(slot: number, signal: CallSignal): void {
    this.#inFlight -= 1;
    if (signal === 'throttled' && slot > this.#lastCut) {
      this.#setLimit(Math.max(1, Math.floor(this.#limit / 2)));
      this.#lastCut = this.#started;
      this.#successes = 0;
    } else if (signal === 'ok' && this.#limit < this.#maximum) {
      this.#successes += 1;
      if (this.#successes >= this.#limit) {
        this.#setLimit(this.#limit + 1);
        this.#successes = 0;
      }
    }
    while (this.#inFlight < this.#limit && this.#line.admitNext()) this.#inFlight += 1;
  }

  #setLimit(limit: number): void {
    if (limit === this.#limit) return;
    this.#limit = limit;
    this.#onChange?.(limit);
  }
}
