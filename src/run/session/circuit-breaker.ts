import type { ApiError } from '../../completion/api-error.ts';
import { quotaClassOf } from '../../pacing/quota-class.ts';

/** Failed calls in a row after which single calls probe the service, instead of all records retrying at once. */
const PROBE_AFTER = 20;
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 60_000;
/** Failed calls in a row without which a silence is not taken for an outage. */
const LEAST_FAILURES = 5;
/** A service that has not answered once in this session is given up sooner: nothing is lost by coming back later. */
const NEVER_ANSWERED_MS = 30_000;
/** Long enough for a quota of a minute to come back twice. */
const OUTAGE_MS = 150_000;

export type ServiceVerdict =
  | { kind: 'go-on' }
  /** Hold back all calls for a while, then send one at a time. */
  | { kind: 'probe'; pauseMs: number }
  | { kind: 'stop'; reason: string };

/**
 * The circuit breaker: tells a service that is down, or a quota that is spent for the day, from failures that pass. A
 * partial outage, in which some calls still get an answer, is waited out by retries alone.
 */
export class CircuitBreaker {
  readonly #now: () => number;
  #firstFailureAt = 0;
  #hasAnswered = false;
  #failuresInRow = 0;
  #rateLimitedInRow = 0;
  #pauses = 0;
  #pausedUntil = 0;
  #lastMessage = '';

  /** `now` is the time in milliseconds since any moment. */
  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** Whether so many calls have failed in a row that the pace must fall. */
  get isOutage(): boolean {
    return this.#failuresInRow >= PROBE_AFTER;
  }

  /**
   * When the service is given up unless it answers before; undefined while nothing looks like an outage. Calls that wait, for a pause of
   * ten minutes perhaps, will not tell that it has come.
   */
  get givesUpAt(): number | undefined {
    if (this.#failuresInRow < LEAST_FAILURES) return undefined;
    const isPatient = this.#hasAnswered || this.#rateLimitedInRow > 0;
    return this.#firstFailureAt + (isPatient ? OUTAGE_MS : NEVER_ANSWERED_MS);
  }

  /** Why the service is given up. */
  describeSilence(): string {
    const seconds = Math.round((this.#now() - this.#firstFailureAt) / 1000);
    return `the service has not answered for ${seconds} s; ${this.#failuresInRow} calls failed in a row, the last with: ${this.#lastMessage}`;
  }

  noteAnswer(): void {
    this.#hasAnswered = true;
    this.#failuresInRow = 0;
    this.#rateLimitedInRow = 0;
    this.#pauses = 0;
  }

  /** Takes note of a failed call that may be repeated; `safeMessage` is its message without what it repeats of the record. */
  noteFailure(error: ApiError, safeMessage: string): ServiceVerdict {
    const quota = error.status === 429 ? quotaClassOf(error) : undefined;
    if (quota === 'day') return { kind: 'stop', reason: `the quota of the day is used up: ${safeMessage}` };
    if (quota === 'account') return { kind: 'stop', reason: `the account's quota is used up: ${safeMessage}` };
    if (this.#failuresInRow === 0) this.#firstFailureAt = this.#now();
    this.#failuresInRow += 1;
    if (error.status === 429) this.#rateLimitedInRow += 1;
    this.#lastMessage = safeMessage;
    // Time in which nothing was asked is no silence of the service: it is counted from the first failure.
    if (this.#now() >= (this.givesUpAt ?? Infinity)) return { kind: 'stop', reason: this.describeSilence() };
    // Calls that were under way when a pause began tell nothing new.
    if (!this.isOutage || this.#now() < this.#pausedUntil) return { kind: 'go-on' };
    const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** this.#pauses);
    this.#pauses += 1;
    this.#pausedUntil = this.#now() + pauseMs;
    return { kind: 'probe', pauseMs };
  }
}
