import type { ApiError } from '../../completion/api-error.ts';
import type { ErrorFacts } from '../../gleaner-error.ts';

/** Refusals before any answer that make the run end: enough to rule out a single odd record. */
const UNPROVEN_ACCESS_REFUSALS = 3;
const UNPROVEN_REQUEST_REFUSALS = 10;
/** Access refusals in a row, after answers had come, that make the run end: the permission was taken away. */
const CONSECUTIVE_ACCESS_REFUSALS = 10;

export type RefusalVerdict = 'reject-record' | 'hold-record' | 'stop-run';

/**
 * Judges whether a refusal speaks of one record or of the whole run. Until the service has answered once, nothing shows that
 * the credentials, the model and the schema are good: refused records are then held back, to be asked again in a later session if the run
 * ends for it, or to be rejected once an answer has come.
 */
export class ClientErrorBreaker {
  #hasAnswered = false;
  #unprovenAccess = 0;
  #unprovenRequests = 0;
  #consecutiveAccess = 0;

  get hasAnswered(): boolean {
    return this.#hasAnswered;
  }

  noteAnswer(): void {
    this.#hasAnswered = true;
    this.#consecutiveAccess = 0;
  }

  judge(error: ApiError): RefusalVerdict {
    if (error.kind === 'credentials' || error.kind === 'service') return 'stop-run';
    // How long a service may fail is for the circuit breaker to say.
    if (error.isRetryable) return this.#hasAnswered ? 'reject-record' : 'hold-record';
    if (this.#hasAnswered) {
      if (!isAccessRefusal(error)) return 'reject-record';
      this.#consecutiveAccess += 1;
      return this.#consecutiveAccess >= CONSECUTIVE_ACCESS_REFUSALS ? 'stop-run' : 'reject-record';
    }
    if (isAccessRefusal(error)) this.#unprovenAccess += 1;
    else this.#unprovenRequests += 1;
    const isHopeless =
      this.#unprovenAccess >= UNPROVEN_ACCESS_REFUSALS ||
      this.#unprovenAccess + this.#unprovenRequests >= UNPROVEN_REQUEST_REFUSALS;
    return isHopeless ? 'stop-run' : 'hold-record';
  }
}

/**
 * Who asks is not accepted (401, 403, a proxy's 407) or has not paid (402), what is asked for is not there (404, 405, 410) or
 * elsewhere (3xx): no record would fare better.
 */
export function isAccessRefusal({ kind, status = 0 }: ApiError): boolean {
  return kind === 'credentials' || (status >= 300 && status < 400) || OF_ACCESS.has(status);
}

const OF_ACCESS: ReadonlySet<number> = new Set([401, 402, 403, 404, 405, 407, 410]);

/** What the service said, and what the person who started the run can do about it. */
export function refusalText(error: ApiError, safeMessage: string): string {
  // The messages of these errors end with what to do.
  if (error.kind === 'credentials' || error.kind === 'service') return safeMessage;
  return `${safeMessage.replace(/\.$/, '')}. ${error.advice?.text ?? NOTHING_ANSWERED}`;
}

/** What a refusal of the run is about, for whoever can say more of what to do. */
export function refusalFacts({ advice, status }: ApiError): ErrorFacts {
  return {
    ...(status === undefined ? {} : { status }),
    ...(advice?.code === undefined ? {} : { advice: advice.code }),
  };
}

const NOTHING_ANSWERED =
  'Every request so far was refused, none was answered: check the model, the request settings and the schema (gleaner schema show prints what is sent)';
