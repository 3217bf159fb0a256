import type { UsageReport } from '../accounting/usage-report.ts';
import { counted } from '../text/counted.ts';
import { formatCount } from '../text/format.ts';

export const EXIT_CODES = {
  ok: 0,
  tooManyRejects: 1,
  checkFailed: 1,
  refused: 2,
  stopped: 3,
  capped: 4,
  SIGINT: 130,
  SIGTERM: 143,
  /** As for SIGTERM: whoever runs the command need know only that it was told to stop. */
  SIGHUP: 143,
} as const;

/** Why a run that finished does not exit with 0; why one that stopped does, its headline says. */
export function exitCodeReason({ exitCode, limits, records: { read, rejected } }: UsageReport): string | undefined {
  if (exitCode !== EXIT_CODES.tooManyRejects) return undefined;
  const reasons: string[] = [];
  if (rejected > limits.rejectRate * read) {
    const were = rejected === 1 ? 'was' : 'were';
    reasons.push(
      `${formatCount(rejected)} of ${counted(read, 'record')} ${were} rejected, --max-reject-rate allows ${limits.rejectRate}`,
    );
  }
  if (read < limits.minRecords) {
    reasons.push(`the input held ${counted(read, 'record')}, --min-records wants ${formatCount(limits.minRecords)}`);
  }
  return `exit ${exitCode}: ${reasons.join('; ')}`;
}
