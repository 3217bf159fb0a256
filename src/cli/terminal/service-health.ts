import type { RunEvent } from '../../run/events.ts';

/** What calls are held back for, and until when, in milliseconds since 1970. */
export interface Pause {
  reason: 'retry-after' | 'outage';
  until: number;
}

/** How the service fares in this session, from the events of the run. */
export class ServiceHealth {
  readonly #now: () => number;
  #failed = 0;
  #retries = 0;
  #lastError: string | undefined;
  #isFailing = false;
  #pause: Pause | undefined;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  onEvent(event: RunEvent): void {
    switch (event.type) {
      case 'call-end':
        if (event.outcome === 'failed') {
          this.#failed += 1;
          this.#isFailing = true;
          this.#lastError = event.message ?? event.code ?? this.#lastError;
        } else if (event.status === 200) {
          this.#isFailing = false;
        }
        return;
      case 'retry-wait':
        this.#retries += 1;
        return;
      case 'pause':
        // A shorter pause never cuts a longer one.
        if (this.#pause === undefined || event.until > this.#pause.until) {
          this.#pause = { reason: event.reason, until: event.until };
        }
        return;
      default:
    }
  }

  /** Calls that failed. */
  get failed(): number {
    return this.#failed;
  }

  /** Failed calls that were, or are going to be, repeated. */
  get retries(): number {
    return this.#retries;
  }

  /** What the last failed call failed with. */
  get lastError(): string | undefined {
    return this.#lastError;
  }

  /** Whether no answer has come since a call failed. */
  get isFailing(): boolean {
    return this.#isFailing;
  }

  /** What holds back all calls now. */
  get pause(): Pause | undefined {
    return this.#pause !== undefined && this.#pause.until > this.#now() ? this.#pause : undefined;
  }
}
