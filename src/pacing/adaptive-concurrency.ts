import { Capacity, SILENCE_MS, type CallSignal } from './capacity.ts';
import { Slots } from './slots.ts';

export interface AdaptiveConcurrencyOptions {
  /** Told every new bound. */
  onChange?: ((limit: number) => void) | undefined;
  /** Milliseconds of a clock that is never set back. Default performance.now. */
  now?: (() => number) | undefined;
  /** Calls that the service is known, or said, to bear at once. Default: that is to be found out. */
  first?: number | undefined;
}

/** Bounds the calls in flight, by what the service has been found to bear and at most by `maximum`. */
export class AdaptiveConcurrency {
  readonly #capacity: Capacity;
  readonly #slots: Slots;
  #most = 0;
  readonly #onChange: ((limit: number) => void) | undefined;
  #begun = 0;
  /** Runs while calls wait for a slot and no call has ended yet. */
  #silence: NodeJS.Timeout | undefined;

  constructor(maximum: number, { onChange, now = () => performance.now(), first }: AdaptiveConcurrencyOptions = {}) {
    if (!(Number.isInteger(maximum) && maximum >= 1)) {
      throw new RangeError(
        `Cannot bound the calls in flight: concurrency must be a whole number from 1, got ${maximum}`,
      );
    }
    this.#capacity = new Capacity(maximum, now, first);
    this.#slots = new Slots(this.#capacity.limit);
    this.#onChange = onChange;
  }

  get limit(): number {
    return this.#slots.limit;
  }

  get inFlight(): number {
    return this.#slots.taken;
  }

  /** Most calls that were in flight at once, as far as the bound still stands for them. */
  get borne(): number {
    return Math.min(this.#most, this.#slots.limit);
  }

  /** Takes a slot, waiting for one if need be; the number it returns is handed back to `release`. */
  async acquire(signal?: AbortSignal): Promise<number> {
    const slot = this.tryAcquire();
    if (slot !== undefined) return slot;
    const turn = this.#slots.take(signal);
    if (this.#capacity.listensToSilence) this.#listen();
    await turn;
    this.#begun += 1;
    return this.#begun;
  }

  /** Takes a slot where one is free. */
  tryAcquire(): number | undefined {
    if (this.#slots.taken >= this.#slots.limit) return undefined;
    // It is free, so nobody waits.
    void this.#slots.take();
    this.#begun += 1;
    return this.#begun;
  }

  /** @returns for how many milliseconds nothing is to be sent; 0 but where everything is refused */
  release(slot: number, signal: CallSignal): number {
    clearTimeout(this.#silence);
    const before = this.#slots.limit;
    this.#most = Math.max(this.#most, this.#slots.taken);
    this.#capacity.note({ signal, ordinal: slot, begun: this.#begun, inFlight: this.#slots.taken - 1 });
    const { limit, holdMs } = this.#capacity;
    if (limit !== before) this.#onChange?.(limit);
    this.#slots.giveBack(limit);
    return signal === 'throttled' ? holdMs : 0;
  }

  #listen(): void {
    this.#silence ??= setTimeout(() => {
      this.#silence = undefined;
      if (!this.#slots.hasLine) return;
      this.#capacity.noteSilence();
      const { limit, listensToSilence } = this.#capacity;
      this.#onChange?.(limit);
      this.#slots.bound(limit);
      if (this.#slots.hasLine && listensToSilence) this.#listen();
    }, SILENCE_MS).unref();
  }
}
