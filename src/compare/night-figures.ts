import type { UsageReport } from '../accounting/usage-report.ts';

/** Records that have ended, as results or rejects. */
export function endedRecords({ records: { extracted, rejected } }: Pick<UsageReport, 'records'>): number {
  return extracted + rejected;
}

export function countsOfEnds({ records: { extracted, rejected } }: UsageReport): [number, number] {
  return [extracted, rejected];
}

export function rejectRate(usage: UsageReport): number | null {
  const ended = endedRecords(usage);
  return ended === 0 ? null : usage.records.rejected / ended;
}

/** Records that have ended and were not carried over. */
export function askedRecords(usage: UsageReport): number {
  return endedRecords(usage) - usage.records.reused;
}

/** What was carried over cost nothing, and how much that is differs from night to night. */
export function usdPerRecord(usage: UsageReport): number | null {
  const asked = askedRecords(usage);
  return usage.cost.usd === null || asked === 0 ? null : usage.cost.usd / asked;
}

/** Calls that the latencies are of: the service answered them, and no batch job did. */
export function timedCalls({ calls: { byStatus }, batch }: UsageReport): number {
  const answered = Object.entries(byStatus).reduce(
    (sum, [status, calls]) => sum + (/^\d+$/.test(status) ? calls : 0),
    0,
  );
  return answered - (batch?.calls.batch ?? 0);
}

export function modelNames({ byModel }: UsageReport): string[] {
  return Object.keys(byModel).sort();
}
