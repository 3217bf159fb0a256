import type { RejectCode } from './record/outcome.ts';
import type { AttemptKind, AttemptOutcome } from '../store/entries.ts';
import type { TokenUsage } from '../completion/usage.ts';

/**
 * What happens in a run, in the order in which it happens. Nothing in it holds contents of a record or of an answer: ids,
 * codes, figures and messages that are safe to log.
 */
export type RunEvent =
  | { type: 'run-start'; extraction: string; out: string; endedBefore: number }
  | { type: 'call-start'; id: string; index: number; attempt: number; kind: AttemptKind }
  | {
      type: 'call-end';
      id: string;
      index: number;
      attempt: number;
      outcome: AttemptOutcome;
      /** HTTP status; null where no answer came. */
      status: number | null;
      code?: string;
      /** What failed, without what the error repeats of the record. */
      message?: string;
      tokens: TokenUsage;
      latencyMs: number;
    }
  | { type: 'retry-wait'; id: string; index: number; attempt: number; delayMs: number }
  | {
      type: 'pause';
      /** `retry-after`: the service asked for the wait; `outage`: so many calls failed that single ones probe it. */
      reason: 'retry-after' | 'outage';
      pauseMs: number;
      /** When calls go on, in milliseconds since 1970. */
      until: number;
      status?: number;
    }
  /** How many calls are allowed in flight from now on. */
  | { type: 'limit-changed'; concurrencyLimit: number }
  | {
      type: 'record-end';
      id: string | null;
      index: number;
      status: 'extracted' | 'rejected';
      code?: RejectCode;
      isReused: boolean;
    }
  /** What the user should know, in a sentence. */
  | { type: 'notice'; message: string }
  | { type: 'session-end'; status: string; reason?: string };

/** Takes events as they happen; must be quick, and must not throw. */
export type EventListener = (event: RunEvent) => void;
