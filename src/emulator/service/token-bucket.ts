/** A quota of `perMinute` units: full at first, refilled steadily; taking may overdraw it, and then nobody is let in. */
export class TokenBucket {
  readonly #perMinute: number;
  #level: number;
  #updatedAt: number;

  constructor(perMinute: number, now: number) {
    this.#perMinute = perMinute;
    this.#level = perMinute;
    this.#updatedAt = now;
  }

  /** Whether `amount` is there at time `now` (milliseconds); more than a minute's worth needs a full bucket. */
  has(amount: number, now: number): boolean {
    this.#level = Math.min(this.#perMinute, this.#level + ((now - this.#updatedAt) * this.#perMinute) / 60_000);
    this.#updatedAt = now;
    return this.#level >= Math.min(amount, this.#perMinute);
  }

  take(amount: number): void {
    this.#level -= amount;
  }
}
