import { formatCount } from '../text/format.ts';
import type { UsageReport } from '../accounting/usage-report.ts';

export const exitCodes = {
  ok: 0,
  tooManyRejects: 1,
  checkFailed: 1,
  refused: 2,
  stopped: 3,
  SIGINT: 130,
  SIGTERM: 143,
} as const;

/** What the shell is told about a run. */
export function exitCodeOf(
  usage: UsageReport,
  options: { maxRejectRate: number; signal: 'SIGINT' | 'SIGTERM' | undefined },
): number {
  switch (usage.status) {
    case 'finished': {
      const { read, rejected } = usage.records;
      return rejected > options.maxRejectRate * read ? exitCodes.tooManyRejects : exitCodes.ok;
    }
    case 'refused':
      return exitCodes.refused;
    case 'interrupted':
      return exitCodes[options.signal ?? 'SIGINT'];
    case 'stopped':
    case 'failed':
    case 'running':
      return exitCodes.stopped;
    default:
      return usage.status satisfies never;
  }
}

/** Why a run that finished does not exit with 0. */
export function exitCodeReason(
  { records: { read, rejected } }: UsageReport,
  exitCode: number,
  maxRejectRate: number,
): string | undefined {
  if (exitCode !== exitCodes.tooManyRejects) return undefined;
  const were = rejected === 1 ? 'was' : 'were';
  return `exit ${exitCode}: ${formatCount(rejected)} of ${formatCount(read)} records ${were} rejected, --max-reject-rate allows ${maxRejectRate}`;
}
