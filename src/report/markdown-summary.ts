import type { UsageReport } from '../accounting/usage-report.ts';
import { formatCount, formatDuration, formatUsd } from '../text/format.ts';
import { plainText } from '../text/plain-text.ts';

/**
 * The end of a run as markdown, for the page of a CI job such as `$GITHUB_STEP_SUMMARY`. `isEmulated`: the emulator answered. Default false.
 */
export function markdownSummary(
  usage: UsageReport,
  out: string,
  { isEmulated = false }: { isEmulated?: boolean } = {},
): string {
  const { records, calls, tokens, cost, wallMs } = usage;
  const isGood = usage.exitCode === 0;
  const rows: [string, string][] = [
    ['extracted', formatCount(records.extracted)],
    ['rejected', formatCount(records.rejected)],
    ...(records.reused === 0 ? [] : [row('reused', formatCount(records.reused))]),
    ...(records.remaining ? [row('remaining', formatCount(records.remaining))] : []),
    ['calls', `${formatCount(calls.sent)} sent, ${formatCount(calls.billed)} billed`],
    ['tokens', `${formatCount(tokens.total)} (${formatCount(tokens.wasted)} wasted)`],
    ['cost', `${costText(cost)}${isEmulated ? ' at list prices; the emulator answered, and nothing was billed' : ''}`],
    ['time', formatDuration(wallMs)],
    ['written to', code(out)],
  ];
  const rejects = Object.entries(usage.rejectsByCode).toSorted(([, a], [, b]) => b - a);
  return [
    `### ${isGood ? '✅' : '❌'} ${escape(usage.extraction)}: ${usage.status} (exit ${usage.exitCode})`,
    '',
    ...(usage.reason === null ? [] : [`> ${escape(usage.reason)}`, '']),
    '| | |',
    '| --- | --- |',
    ...rows.map(([name, text]) => `| ${name} | ${text} |`),
    '',
    ...(rejects.length === 0
      ? []
      : [
          '| rejects | records |',
          '| --- | ---: |',
          ...rejects.map(([name, count]) => `| ${code(name)} | ${formatCount(count)} |`),
          '',
        ]),
  ].join('\n');
}

/** What stands there when a command failed before there was a run. */
export function markdownFailure(extraction: string, message: string, exitCode: number): string {
  return `### ❌ ${escape(extraction)}: not run (exit ${exitCode})\n\n> ${escape(message)}\n\n`;
}

function row(name: string, text: string): [string, string] {
  return [name, text];
}

function costText({ usd, isLowerBound, unpricedModels }: UsageReport['cost']): string {
  if (usd === null)
    return `not known${unpricedModels.length === 0 ? '' : ` (no price for ${unpricedModels.map(code).join(', ')})`}`;
  return `${isLowerBound ? 'at least ' : ''}${formatUsd(usd)}`;
}

/** Names and messages come from outside: nothing in them may be a mark, a link, a mention or a cell. */
function escape(text: string): string {
  return plainText(text, { limit: 500 }).replaceAll(/[\\`*_{}[\]()#+!|<>~@&]/g, (mark) => `&#${mark.charCodeAt(0)};`);
}

function code(text: string): string {
  return `<code>${escape(text)}</code>`;
}
