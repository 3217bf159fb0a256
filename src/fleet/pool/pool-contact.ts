import { messageOf } from '../../text/thrown-message.ts';
import { RunStop } from '../../run/run-stop.ts';

export interface PoolContactOptions {
  /** The pool, for people. */
  name: string;
  /** For how long the pool keeps what a session that is not heard of holds. */
  leaseMs: number;
  /** How long a pool that does not answer is waited for. */
  waitMs: number;
  /** Told when the pool is lost, and when it is back. */
  onNotice?: ((notice: string) => void) | undefined;
  /** Milliseconds of a clock that is never set back. */
  now: () => number;
}

/** Whether a pool answers, and since when it does not. */
export class PoolContact {
  readonly #options: PoolContactOptions;
  /** When the last exchange that came to its end began. */
  #last = -Infinity;
  #lostSince: number | undefined;

  constructor(options: PoolContactOptions) {
    this.#options = options;
  }

  get isLost(): boolean {
    return this.#lostSince !== undefined;
  }

  /** Whether the pool answers, and has been heard of within the lease. */
  get isFresh(): boolean {
    const { now, leaseMs } = this.#options;
    return !this.isLost && now() - this.#last < leaseMs;
  }

  /** Notes that an exchange has come to its end. */
  noteAnswer(began: number): void {
    const { onNotice, name } = this.#options;
    if (this.isLost) onNotice?.(`The pool at ${name} answers again`);
    this.#lostSince = undefined;
    this.#last = began;
  }

  /** Notes that the pool was asked in vain. @returns why it is waited for no longer, where that is so */
  noteSilence(error: unknown): RunStop | undefined {
    const { now, name, waitMs, onNotice } = this.#options;
    const at = now();
    if (this.#lostSince === undefined) {
      this.#lostSince = at;
      onNotice?.(
        `The pool at ${name} does not answer: no call begins until it does, for at most ${Math.round(waitMs / 1000)} s`,
      );
    }
    const lostMs = at - this.#lostSince;
    if (lostMs < waitMs) return undefined;
    return new RunStop(`the pool at ${name} has not answered for ${Math.round(lostMs / 1000)} s: ${messageOf(error)}`);
  }
}
