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
  /** Whether the same request may succeed later. Decided here, once, where the facts are known. */
  readonly isRetryable: boolean;
  /** Whether the service may have billed the call all the same: it may have worked on what it then failed to deliver. */
  readonly mayBeBilled: boolean;

  constructor(message: string, facts: ApiErrorFacts) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.kind = facts.kind;
    this.status = facts.status;
    this.code = facts.code;
    this.retryAfterMs = facts.retryAfterMs;
    this.quotas = facts.quotas ?? [];
    this.isRetryable = isRetryable(facts.kind, facts.status);
    this.mayBeBilled = mayBeBilled(facts.kind, facts.code);
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
      return code === undefined || !neverConnected.has(code);
    case 'timeout':
    case 'unreadable':
    case 'service':
      return true;
    default:
      return kind satisfies never;
  }
}

const neverConnected: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);
