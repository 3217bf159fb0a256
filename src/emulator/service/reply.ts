import type { TokenUsage } from '../../completion/usage.ts';
import type { DeliveryFault, FaultKind, SilenceFault } from './faults.ts';
import {
  dailyQuotaExceeded,
  errorBody,
  resourceExhausted,
  retryInfo,
  type ErrorForm,
  type GoogleError,
} from './google-error.ts';

/** What goes back, and how; no bytes are written yet. */
export interface Reply {
  status: number;
  headers: Record<string, string>;
  body: string;
  /** The pieces of a streamed body; undefined for a plain one. */
  events: readonly string[] | undefined;
  /** What goes wrong on the wire; undefined when nothing does. */
  wireFault: SilenceFault | DeliveryFault | undefined;
  fault: FaultKind | undefined;
  attempt: number;
  /** What the reply costs; undefined for errors, which cost nothing. */
  usage: TokenUsage | undefined;
  /** Whether a client that gets the whole body can read `usage` from it. */
  reportsUsage: boolean;
  /** In [0, 1), for the reply's latency. */
  draw: number;
}

/** An error reply: nothing was generated, nothing is billed. */
export function refusal(error: GoogleError, form: ErrorForm): Reply {
  const { contentType, text } = errorBody(error, form);
  return {
    status: error.code,
    headers: contentType === undefined ? {} : { 'content-type': contentType },
    body: text,
    events: undefined,
    wireFault: undefined,
    fault: undefined,
    attempt: 0,
    usage: undefined,
    reportsUsage: false,
    draw: 0,
  };
}

/** The 429 of a fault that tells how long to wait, or that today is over. */
export function quotaFault(model: string, fault: FaultKind, seconds: number): Reply {
  if (fault === 'daily-quota') return refusal(dailyQuotaExceeded(model), 'array');
  if (fault === 'retry-info') return refusal(resourceExhausted([retryInfo(seconds)]), 'array');
  const reply = refusal(resourceExhausted(), 'array');
  reply.headers['retry-after'] = String(seconds);
  return reply;
}
