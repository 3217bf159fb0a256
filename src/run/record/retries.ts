import { isPassingEnd } from '../../answer/finish.ts';
import type { ApiError } from '../../completion/api-error.ts';
import type { Completion } from '../../completion/response.ts';
import { backoffDelayMs } from '../../pacing/backoff.ts';
import { decideRetry } from '../../pacing/retry-policy.ts';
import type { RecordContext, RecordTask } from '../ports.ts';
import type { CallEnd } from './call.ts';

/** Most times that a record's questions are repeated for ends that pass: such calls may be billed, and may go on so. */
const MOST_BILLED_REPEATS = 1;
const MOST_UNBILLED_REPEATS = 2;
/** Idle connections that a server has closed, met one after another; more of them is no coincidence. */
const MOST_STALE_CONNECTIONS = 3;

/** Decides when a question of a record is asked again as it is, and waits for it. */
export class Retries {
  readonly #context: RecordContext;
  #failures = 0;
  #passingEnds = 0;
  #staleConnections = 0;
  #tokenRefreshed = false;

  constructor(context: RecordContext) {
    this.#context = context;
  }

  /** Failed calls of the question so far. */
  get failures(): number {
    return this.#failures;
  }

  beginQuestion(): void {
    this.#failures = 0;
    this.#staleConnections = 0;
  }

  /** Milliseconds after which the question is asked again; undefined where what came of it is final. */
  delayAfter(end: CallEnd): number | undefined {
    return end.kind === 'failed' ? this.#afterFailure(end.error) : this.#afterAnswer(end.completion);
  }

  #afterFailure(error: ApiError): number | undefined {
    const { maxAttempts, backoff } = this.#context;
    if (error.isStaleConnection) {
      this.#staleConnections += 1;
      // The question has not reached the service: that is no failed attempt of it.
      if (this.#staleConnections <= MOST_STALE_CONNECTIONS) return 0;
    }
    this.#failures += 1;
    const state = { failures: this.#failures, maxAttempts, tokenRefreshed: this.#tokenRefreshed };
    const decision = decideRetry(error, state, backoff);
    if (!decision.retry) return undefined;
    this.#tokenRefreshed ||= error.status === 401;
    return decision.delayMs;
  }

  /** An end of the service's making that says nothing of the question counts as a failed call. */
  #afterAnswer(completion: Completion): number | undefined {
    if (!isPassingEnd(completion)) return undefined;
    const { maxAttempts, backoff } = this.#context;
    this.#failures += 1;
    this.#passingEnds += 1;
    const most = completion.usage === undefined ? MOST_UNBILLED_REPEATS : MOST_BILLED_REPEATS;
    if (this.#failures >= maxAttempts || this.#passingEnds > most) return undefined;
    return backoffDelayMs(this.#failures - 1, backoff);
  }

  /** Returns false when the run stops meanwhile. */
  async wait(delayMs: number, { id, index }: RecordTask, attempt: number): Promise<boolean> {
    const { clock, emit, observer, stopping } = this.#context;
    emit?.({ type: 'retry-wait', id, index, attempt, delayMs });
    observer.onWait();
    try {
      await clock.delay(delayMs, stopping);
      return true;
    } catch (reason) {
      if (stopping.aborted) return false;
      throw reason;
    } finally {
      observer.onWaitEnd();
    }
  }
}
