import type { UsageReport } from '../../accounting/usage-report.ts';
import { formatCount, formatUsd } from '../../text/format.ts';
import { markup, outside, type Markup } from './markup.ts';
import { formatShare } from './phrases.ts';
import { table } from './table.ts';

/** What the run had to keep, how near it came, and the exit code that the shell was told. */
export function limitsTable({ exitCode, limits, records, cache }: UsageReport): Markup {
  const { counted } = limits;
  const ended = records.extracted + records.rejected;
  const rows: [name: string, limit: string, reached: string][] = [
    ['Rejects, at most', percent(limits.rejectRate), ended === 0 ? 'none ended' : formatShare(records.rejected, ended)],
    ['Records, at least', formatCount(limits.minRecords), formatCount(ended)],
    ['Cost, at most', ...capText(limits.costUsd, counted.costUsd ?? 0, formatUsd)],
    ['Tokens, at most', ...capText(limits.totalTokens, counted.totalTokens, formatCount)],
  ];
  const shared =
    cache === null ? 'No cache of answers.' : markup`Cache of answers: <code>${outside(cache, 200)}</code>.`;
  return markup`<div>${table({
    caption: 'Limits of the latest session',
    columns: [{ head: 'Limit' }, { head: 'Set to', isNumber: true }, { head: 'Reached', isNumber: true }],
    rows: rows.map((cells) => cells.map((cell) => markup`${cell}`)),
  })}
    <p class="note">Exit code ${exitCode}. ${shared}</p></div>`;
}

function percent(share: number): string {
  return formatShare(share, 1);
}

/** A cap counts what was reported, and the most that may have been billed where nothing was. */
function capText(cap: number | null, spent: number, format: (value: number) => string): [string, string] {
  return cap === null ? ['none', ''] : [format(cap), `${format(spent)} (${formatShare(spent, cap)})`];
}
