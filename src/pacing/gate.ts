import { delay } from './delay.ts';

/**
 * Holds back every new call while the service has asked for a pause. Calls in flight are not touched; whoever passes the
 * gate asks again right before sending, because a pause may have begun while it waited elsewhere.
 */
export class Gate {
  #openAt = 0;
  readonly #now: () => number;

  /** `now`: milliseconds of a clock that is never set back. Default performance.now. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Closes the gate for `ms` from now; a shorter pause never cuts a longer one. */
  pause(ms: number): void {
    this.#openAt = Math.max(this.#openAt, this.#now() + ms);
  }

  get isOpen(): boolean {
    return this.#now() >= this.#openAt;
  }

  async pass(signal?: AbortSignal): Promise<void> {
    while (!this.isOpen) await delay(this.#openAt - this.#now(), signal);
  }
}
