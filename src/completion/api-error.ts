import type { TokenUsage } from './usage.ts';

/**
 * How a call failed:
 * - `status`: the service answered with an error status;
 * - `network`: no answer (refused, reset, DNS, TLS);
 * - `timeout`: no complete answer within the per-attempt limit;
 * - `unreadable`: a 200 whose body is no completion (empty, truncated, HTML, too large);
 * - `credentials`: no access token could be had, so nothing was sent;
 * - `service`: another service answered than the one that the run is about, or the emulator in its place.
 */
export type ApiErrorKind = 'status' | 'network' | 'timeout' | 'unreadable' | 'credentials' | 'service';

/** What the person who runs gleaner can do about an error. */
export interface ApiAdvice {
  text: string;
  /** Names it for programs that know more, such as the flag that would help. */
  code?: string;
}

export interface ApiErrorFacts {
  kind: ApiErrorKind;
  /** HTTP status, where there was one. */
  status?: number | undefined;
  /** The service's own code, such as `RESOURCE_EXHAUSTED`, or the system's, such as `ECONNRESET`. */
  code?: string | undefined;
  /** How long the service asked us to wait (Retry-After header or RetryInfo detail), in milliseconds. */
  retryAfterMs?: number | undefined;
  /** Names of violated quotas, where the service lists them; they tell a daily quota from a per-minute one. */
  quotas?: readonly string[] | undefined;
  /** Tokens that were reported before or beside the error. */
  usage?: TokenUsage | undefined;
  /** Whether no more than these tokens is billed, because the answer was at its end when they were reported. Default false. */
  isUsageFinal?: boolean | undefined;
  /** What the person who runs gleaner can do about it, at this service. */
  advice?: ApiAdvice | undefined;
  /** Whether the service may have billed the call, where the client knows better than kind and code tell. */
  mayBeBilled?: boolean | undefined;
  /** Whether a connection that had served before was closed under the call, before a byte of the answer. Default false. */
  isStaleConnection?: boolean | undefined;
  cause?: unknown;
}

/** The one error of a call to the service. Its message holds no credentials and no request content. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly kind: ApiErrorKind;
  readonly status: number | undefined;
  readonly code: string | undefined;
  readonly retryAfterMs: number | undefined;
  readonly quotas: readonly string[];
  readonly usage: TokenUsage | undefined;
  /** Whether the tokens are all that the call is billed. */
  readonly isUsageFinal: boolean;
  readonly advice: ApiAdvice | undefined;
  /** Whether the connection was most likely closed before the call went out on it: worth one repetition at once. */
  readonly isStaleConnection: boolean;
  /** Whether the same request may succeed later. Decided here, once, where the facts are known. */
  readonly isRetryable: boolean;
  /** Whether the service may have billed the call all the same: it may have worked on what it then failed to deliver. */
  readonly mayBeBilled: boolean;
  readonly #facts: ApiErrorFacts;

  constructor(message: string, facts: ApiErrorFacts) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.#facts = facts;
    this.kind = facts.kind;
    this.status = facts.status;
    this.code = facts.code;
    this.retryAfterMs = facts.retryAfterMs;
    this.quotas = facts.quotas ?? [];
    this.usage = facts.usage;
    this.isUsageFinal = facts.isUsageFinal ?? false;
    this.advice = facts.advice;
    this.isStaleConnection = facts.isStaleConnection ?? false;
    this.isRetryable = isRetryable(facts.kind, facts.status);
    this.mayBeBilled = facts.mayBeBilled ?? mayBeBilled(facts.kind, facts.code);
  }

  /** The same error with tokens that the service had reported before it failed; they are billed then. */
  withUsage(usage: TokenUsage, { isFinal }: { isFinal: boolean }): ApiError {
    const error = new ApiError(this.message, { ...this.#facts, usage, isUsageFinal: isFinal, mayBeBilled: true });
    if (this.stack !== undefined) error.stack = this.stack;
    return error;
  }
}

/** 408, 429, 5xx and lost connections, as the "Retry strategy" page of Vertex AI's documentation lists them. */
function isRetryable(kind: ApiErrorKind, status: number | undefined): boolean {
  switch (kind) {
    case 'network':
    case 'timeout':
    case 'unreadable':
      return true;
    case 'credentials':
    case 'service':
      return false;
    case 'status':
      return status === 408 || status === 429 || (status !== undefined && status >= 500);
    default:
      return kind satisfies never;
  }
}

/** An error status is not billed, and neither is a request that never left. */
function mayBeBilled(kind: ApiErrorKind, code: string | undefined): boolean {
  switch (kind) {
    case 'status':
    case 'credentials':
      return false;
    case 'network':
      return code === undefined || !NEVER_CONNECTED.has(code);
    case 'timeout':
    case 'unreadable':
    case 'service':
      return true;
    default:
      return kind satisfies never;
  }
}

/** For clients that cannot tell whether a request went out. */
const NEVER_CONNECTED: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);
