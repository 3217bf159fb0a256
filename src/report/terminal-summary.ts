import { join } from 'node:path';
import { fileNames } from '../store/run-directory.ts';
import { counted } from '../text/counted.ts';
import { formatCount, formatDuration, formatRate, formatUsd } from '../text/format.ts';
import { describeCascade, describePromise } from '../accounting/cascade-tally.ts';
import { countCoerced, type UsageReport } from '../accounting/usage-report.ts';
import { wrapText } from '../text/wrap-text.ts';

export interface SummaryOptions {
  /** Whether the answers came from the emulator. Default: from the service. */
  isEmulated?: boolean;
  /** Whether the run had ended before and was only confirmed. */
  isUnchanged?: boolean;
  /** What became of the rejects that were asked for again, where that was done. */
  retried?: { extracted: number; rejected: number };
  /** What the reader is likely to type next. */
  next?: { command: string; first?: string } | undefined;
  /** What was wrong with a few of the rejects. */
  rejectExamples?: readonly string[];
  /** Columns of the terminal. Default: lines are as long as they are. */
  width?: number | undefined;
}

/** The end of a run in a few lines for people; every figure is in usage.json too. */
export function terminalSummary(usage: UsageReport, out: string, options: SummaryOptions = {}): string {
  const { isEmulated = false, isUnchanged = false, rejectExamples = [], next, width } = options;
  const { records, calls, tokens, latencyMs } = usage;
  const rows: [string, string][] = [
    [
      'records',
      parts([
        [records.extracted, 'extracted', true],
        [records.rejected, `rejected${breakdown(usage.rejectsByCode)}`, true],
        [records.reused, 'reused', false],
        [records.remaining, 'remaining', false],
      ]),
    ],
    ['retried', retriedText(options.retried)],
    [
      'calls',
      parts([
        [calls.sent, 'sent', true],
        [calls.billed, 'billed', true],
        [calls.byKind['retry'] ?? 0, ['retry', 'retries'], false],
        [calls.byKind['re-ask'] ?? 0, ['re-ask', 're-asks'], false],
        [calls.unmetered, 'without usage', false],
        [calls.unsettled, 'unsettled', false],
        [calls.repaired, ['answer mended', 'answers mended'], false],
        [countCoerced(calls), ['value read in another form', 'values read in another form'], false],
      ]),
    ],
    ['by status', breakdownText(calls.byStatus)],
    [
      'tokens',
      parts([
        [tokens.total, 'total', true],
        [tokens.prompt, 'prompt', true],
        [tokens.cached, 'of it cached', false],
        [tokens.completion, 'completion', true],
        [tokens.reasoning, 'reasoning', false],
        [tokens.wasted, 'wasted', false],
      ]),
    ],
    [
      'traffic',
      breakdownText(
        Object.fromEntries(Object.entries(usage.byTrafficType).map(([type, { calls: count }]) => [type, count])),
      ),
    ],
    ['batch', batchText(usage)],
    ['cost', costText(usage, isEmulated)],
    ['cascade', usage.cascade === undefined ? '' : describeCascade(usage.cascade, WORDS)],
    ['promise', usage.cascade?.promise ? describePromise(usage.cascade.promise) : ''],
    ['time', timeText(usage)],
    ['latency', latencyText(latencyMs)],
    ['written to', out],
    ...rejectExamples.map((example, index): [string, string] => [index === 0 ? 'rejects' : '', example]),
    ...(records.rejected === 0 ? [] : [seeRejects(out, rejectExamples)]),
  ];
  if (options.retried !== undefined && usage.status === 'finished' && isNothing(options.retried))
    return wrapText(`${usage.extraction}: nothing was tried again, and nothing was sent; ${out} is as it was`, {
      width,
      indent: 2,
    });
  const headline = isUnchanged && usage.status === 'finished' ? UNCHANGED : headlineOf(usage);
  const reason = usage.reason === null ? '' : `: ${usage.reason}`;
  return [
    wrapText(`${usage.extraction}: ${headline}${reason}`, { width, indent: 2 }),
    ...rows
      .filter(([, text]) => text !== '')
      .map(([name, text]) => wrapText(`  ${name.padEnd(10)}  ${text}`, { width, indent: 14 })),
    ...nextLines(next, out, width),
  ].join('\n');
}

/** A command is to be copied: nothing breaks it, and where it does not fit beside other words it has a line of its own. */
function nextLines(next: SummaryOptions['next'], out: string, width: number | undefined): string[] {
  if (next === undefined) return [];
  const { command, first } = next;
  const page = `or look at ${join(out, fileNames.report)}`;
  const name = `  ${'next'.padEnd(10)}  `;
  const indent = ' '.repeat(name.length);
  if (first !== undefined)
    return [
      wrapText(`${name}${first}, then`, { width, indent: name.length }),
      `${indent}${command}`,
      `${indent}${page}`,
    ];
  const line = `${name}${command}, ${page}`;
  return width === undefined || line.length <= width ? [line] : [`${name}${command}`, `${indent}${page}`];
}

const WORDS = { count: formatCount, usd: formatUsd };
/** What came by batch jobs, and what of it does not add up. */
function batchText({ batch }: UsageReport): string {
  if (batch === undefined) return '';
  return parts([
    [batch.jobs, ['job', 'jobs'], true],
    [batch.open, 'of them open', false],
    [batch.calls.batch, ['answer at half price', 'answers at half price'], true],
    [batch.calls.online, ['call online', 'calls online'], true],
    [batch.failed, ['line failed', 'lines failed'], false],
    [batch.missing, ['line missing', 'lines missing'], false],
    [batch.repeated, ['line repeated', 'lines repeated'], false],
    [batch.unmatched, ['line of no record', 'lines of no record'], false],
    [batch.paidTwice, 'paid twice', false],
    [batch.doubled, 'made twice', false],
  ]);
}

const UNCHANGED = 'finished before; nothing was left to do, and nothing was sent';

function headlineOf({ status, exitCode }: UsageReport): string {
  return status === 'stopped' && exitCode === 4 ? STOPPED_AT_CAP : HEADLINES[status];
}

const STOPPED_AT_CAP = 'stopped at its cap; the same command continues only with a higher one';

function seeRejects(out: string, examples: readonly string[]): [string, string] {
  return [examples.length === 0 ? 'rejects' : '', `see ${join(out, fileNames.rejects)}`];
}

const HEADLINES: Readonly<Record<UsageReport['status'], string>> = {
  finished: 'finished',
  interrupted: 'interrupted; the same command continues',
  stopped: 'stopped; the same command continues',
  refused: 'cannot go on',
  failed: 'failed; the same command continues once the cause is mended',
  running: 'has not ended',
};

function isNothing({ extracted, rejected }: { extracted: number; rejected: number }): boolean {
  return extracted + rejected === 0;
}

function retriedText(retried: SummaryOptions['retried']): string {
  if (retried === undefined || isNothing(retried)) return '';
  const { extracted, rejected } = retried;
  return `${formatCount(extracted)} of ${counted(extracted + rejected, 'reject')} extracted now, ${formatCount(rejected)} rejected again`;
}

/** Each figure with its name; those that matter only when there are any are left out at zero. */
function parts(figures: readonly (readonly [number | null, Name, boolean])[]): string {
  return figures
    .filter(([value, , isAlwaysShown]) => isAlwaysShown || (value !== null && value > 0))
    .map(([value, name]) => `${formatCount(value ?? 0)} ${typeof name === 'string' ? name : name[value === 1 ? 0 : 1]}`)
    .join(', ');
}

/** One word for any number, or one for a single thing and one for several. */
type Name = string | readonly [string, string];

function breakdown(counts: Readonly<Record<string, number>>): string {
  const text = breakdownText(counts);
  return text === '' ? '' : ` (${text})`;
}

function breakdownText(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([name, value]) => `${name} ${formatCount(value)}`)
    .join(', ');
}

function costText({ cost, calls }: UsageReport, isEmulated: boolean): string {
  if (isEmulated && calls.billed > 0) {
    const price = cost.usd === null ? '' : `the real service would have cost ${formatUsd(cost.usd)}; `;
    return `${price}the emulator answered, and nothing was billed`;
  }
  if (cost.usd === null) {
    return `unknown: no price for ${cost.unpricedModels.join(', ')}`;
  }
  if (calls.billed === 0) return calls.unmetered > 0 ? 'unknown: no answer came with its usage' : '';
  const wasted = cost.wastedUsd === null || cost.wastedUsd === 0 ? '' : `, of it ${formatUsd(cost.wastedUsd)} wasted`;
  const open = cost.isLowerBound ? `; ${openCalls(calls)}` : '';
  return `${cost.isLowerBound ? 'at least ' : ''}${formatUsd(cost.usd)}${wasted}${open}`;
}

/** What a lower bound leaves out. */
function openCalls({ unmetered }: UsageReport['calls']): string {
  const count = counted(unmetered, 'call');
  return unmetered === 0 ? 'calls without a whole answer may be billed, too' : `${count} without usage not in it`;
}

/** Nothing where no call was answered. */
function latencyText({ p50, p90, p99, max }: UsageReport['latencyMs']): string {
  return max === 0 ? '' : `p50 ${p50} ms, p90 ${p90} ms, p99 ${p99} ms, max ${max} ms`;
}

function timeText({ wallMs, records }: UsageReport): string {
  const ended = records.extracted + records.rejected;
  const rate = wallMs > 0 && ended > 0 ? `, ${formatRate((ended * 1000) / wallMs)} records/s` : '';
  return `${formatDuration(wallMs)}${rate}`;
}
