import { WaitQueue } from './wait-queue.ts';

/** Bounds how many hold a slot at a time; those who find none wait in the order of coming. */
export class Slots {
  readonly #line = new WaitQueue();
  #limit: number;
  #taken = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get limit(): number {
    return this.#limit;
  }

  get taken(): number {
    return this.#taken;
  }

  /** Whether somebody waits. */
  get hasLine(): boolean {
    return this.#line.length > 0;
  }

  /** Undefined where a slot is free, which costs no promise; else one that rejects with the signal's reason when that aborts first. */
  take(signal?: AbortSignal): Promise<void> | undefined {
    // Whoever is let go of the line has been counted in already, so that nobody can slip in before it wakes.
    if (this.#taken >= this.#limit) return this.#line.wait(signal);
    this.#taken += 1;
    return undefined;
  }

  /** Gives a slot back, with the bound as it is from now on. */
  giveBack(limit = this.#limit): void {
    this.#taken -= 1;
    this.bound(limit);
  }

  /** Sets the bound; those who wait have what it gives. */
  bound(limit: number): void {
    this.#limit = limit;
    while (this.#taken < this.#limit && this.#line.admitNext()) this.#taken += 1;
  }
}
