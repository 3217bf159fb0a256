import type { UsageReport } from '../../accounting/usage-report.ts';
import type { SessionEnd } from './run-session.ts';

/** What a finished run must be to count as a success. */
export interface AcceptanceLimits {
  /** Share of rejects that is taken, from 0 to 1. */
  maxRejectRate: number;
  /** Records that the input must hold at least. */
  minRecords: number;
}

export type RunExitCode = 0 | 1 | 2 | 3 | 4 | 130 | 143;

/**
 * What a scheduler is told of a run: 0, all is well; 1, it has finished with more rejects or fewer records than are taken; 2, it cannot run like
 * this; 3, it stopped, and time heals it; 4, a cap is used up; 130 and 143, it was interrupted by SIGINT, or by
 * SIGTERM or SIGHUP.
 */
export function exitCodeOf(
  { status, reason, isCapped }: Pick<SessionEnd, 'status' | 'reason' | 'isCapped'>,
  { read, rejected }: Pick<UsageReport['records'], 'read' | 'rejected'>,
  { maxRejectRate, minRecords }: AcceptanceLimits,
): RunExitCode {
  switch (status) {
    case 'finished':
      return rejected > maxRejectRate * read || read < minRecords ? 1 : 0;
    case 'refused':
      return 2;
    case 'interrupted':
      return reason !== undefined && /^SIG(?:TERM|HUP)/.test(reason) ? 143 : 130;
    case 'stopped':
      return isCapped === true ? 4 : 3;
    case 'failed':
    case 'running':
      return 3;
    default:
      return status satisfies never;
  }
}
