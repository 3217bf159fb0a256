import { counted } from '../../text/counted.ts';
import { formatCount } from '../../text/format.ts';
import type { UsageReport } from '../../accounting/usage-report.ts';

export interface Verdict {
  tone: 'good' | 'warn' | 'bad';
  /** How the run ended, in a few words. */
  title: string;
  /** What the reader has to do, if anything. */
  next: string | undefined;
}

/** What the morning reader has to know first. */
export function verdictOf({ status, records, exitCode, limits }: UsageReport): Verdict {
  const { extracted, rejected } = records;
  switch (status) {
    case 'finished':
      if (extracted + rejected < limits.minRecords) {
        const held = extracted + rejected === 0 ? 'no records' : counted(extracted + rejected, 'record');
        const next = `At least ${formatCount(limits.minRecords)} are wanted (minRecords).`;
        return { tone: 'bad', title: `Finished: the input held ${held}`, next };
      }
      if (extracted + rejected === 0)
        return { tone: 'good', title: 'Finished: the input held no records', next: undefined };
      if (rejected === 0) return { tone: 'good', title: 'Finished: every record was extracted', next: undefined };
      if (exitCode === 0) {
        const share = `${formatCount(rejected)} of ${counted(extracted + rejected, 'record')} rejected`;
        return { tone: 'good', title: `Finished within its limits: ${share}`, next: undefined };
      }
      return {
        tone: extracted === 0 ? 'bad' : 'warn',
        title: `Finished: ${extracted === 0 ? 'every record was' : counted(rejected, 'record was', 'records were')} rejected`,
        next: 'Why, and what can be done about it, stands below for each reason.',
      };
    case 'stopped':
      if (exitCode === 4) return { tone: 'warn', title: 'Stopped: a cap is used up', next: RAISES };
      return { tone: 'warn', title: 'Stopped before the end', next: KEEPS };
    case 'interrupted':
      return { tone: 'warn', title: 'Interrupted before the end', next: CONTINUES };
    case 'running':
      return { tone: 'warn', title: 'Still running, or killed', next: CONTINUES };
    case 'refused':
      return { tone: 'bad', title: 'Cannot go on', next: MENDS };
    case 'failed':
      return { tone: 'bad', title: 'Failed before the end', next: MENDS };
    default:
      return status satisfies never;
  }
}

/** What it takes to continue is part of the reason. */
const RAISES = 'The same command continues only with a higher cap; records that have ended are not asked again.';
const KEEPS = 'What has ended is kept; continuing asks for the rest only.';
const CONTINUES = 'The same command continues the run; records that have ended are not asked again.';
const MENDS =
  'Once the cause is mended, the same command continues the run; records that have ended are not asked again.';
