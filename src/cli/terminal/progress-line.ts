import { formatCount, formatUsd } from '../../text/format.ts';
import type { RunProgress } from '../../run/session/run-progress.ts';

/** How a run is going, as a member of a log's object. */
export function progressFacts(progress: RunProgress, recordsPerSecond: number, total: number | undefined): object {
  const { extracted, rejected, callsSent, tokens, usd = null, concurrencyLimit } = progress;
  return {
    extracted,
    rejected,
    total: total ?? null,
    remaining: total === undefined ? null : Math.max(0, total - extracted - rejected),
    recordsPerSecond: Math.round(recordsPerSecond * 10) / 10,
    callsSent,
    tokens,
    usd,
    concurrencyLimit,
  };
}

/** One line for a log without a terminal. */
export function progressLine(progress: RunProgress, recordsPerSecond: number, total: number | undefined): string {
  const { extracted, rejected, tokens, usd, concurrencyLimit } = progress;
  const ended = formatCount(extracted + rejected);
  const parts = [
    total === undefined ? `${ended} records` : `${ended} of ${formatCount(total)} records`,
    `${recordsPerSecond.toFixed(1)}/s`,
    `${formatCount(rejected)} rejected`,
    `${formatCount(tokens)} tokens`,
    ...(usd === undefined || usd === 0 ? [] : [formatUsd(usd)]),
    `${concurrencyLimit} calls at a time`,
  ];
  return parts.join(', ');
}
