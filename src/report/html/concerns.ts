import type { UsageReport } from '../../accounting/usage-report.ts';
import { counted } from '../../text/counted.ts';
import { formatCount, formatUsd } from '../../text/format.ts';
import { markup, outside, type Markup } from './markup.ts';
import type { ReportParts } from './parts.ts';
import { formatShare, largest } from './phrases.ts';

const MAX_CODES = 3;
const MAX_FIELDS = 3;
/** Below this share calls without a result are the common lot. */
const WASTE = 0.05;
/** Fewer results say nothing about a field that is never filled. */
const FEWEST_RESULTS = 10;

/** What of a run needs a look, a line each, the worst first. */
export function concernsOf({ usage, aggregates }: Pick<ReportParts, 'usage' | 'aggregates'>): Markup[] {
  return [
    ...rejects(usage),
    ...openCosts(usage),
    ...doubtfulBatches(usage),
    ...lostCalls(usage),
    ...emptyFields(aggregates),
  ];
}

function rejects({ rejectsByCode, records }: UsageReport): Markup[] {
  const ended = records.extracted + records.rejected;
  const { entries, leftOut } = largest(rejectsByCode, MAX_CODES, (count) => count);
  const lines = entries.map(
    ([code, count]) =>
      markup`<a href="#rejects">${counted(count, 'record')} rejected</a> as <code>${outside(code, 60)}</code>, ${formatShare(count, ended)}`,
  );
  return leftOut === 0
    ? lines
    : [...lines, markup`<a href="#rejects">${counted(leftOut, 'more reason')}</a> for rejects`];
}

function openCosts({ calls, cost }: UsageReport): Markup[] {
  const lines: Markup[] = [];
  if (calls.unsettled > 0)
    lines.push(
      markup`${counted(calls.unsettled, 'call has', 'calls have')} no known end and may have been billed beyond this cost`,
    );
  if (calls.unmetered > 0) lines.push(markup`${counted(calls.unmetered, 'answer')} came without usage`);
  const [model] = cost.unpricedModels;
  if (model !== undefined)
    lines.push(markup`No price is known for <code>${outside(model, 80)}</code>, so a cap in dollars cannot count it`);
  return lines;
}

function doubtfulBatches({ batch }: UsageReport): Markup[] {
  if (batch === undefined) return [];
  const { paidTwice, unmatched, doubled } = batch;
  const lines: [number, string][] = [
    [paidTwice, 'paid twice: their batch job answered after they had been asked in another way'],
    [unmatched, 'of batch jobs answer nothing that was asked, and were billed'],
    [doubled, 'of batch jobs made twice'],
  ];
  return lines.flatMap(([count, text]) => (count === 0 ? [] : [markup`${formatCount(count)} ${text}`]));
}

function lostCalls({ calls, tokens, cost }: UsageReport): Markup[] {
  if (tokens.total > 0 && tokens.wasted / tokens.total >= WASTE) {
    const usd = cost.wastedUsd === null || cost.wastedUsd === 0 ? '' : `, ${formatUsd(cost.wastedUsd)}`;
    return [
      markup`<a href="#calls">${formatShare(tokens.wasted, tokens.total)} of all tokens</a> went into calls that gave no result${usd}`,
    ];
  }
  const failed = Object.entries(calls.byStatus).reduce(
    (sum, [status, count]) => (status === '200' ? sum : sum + count),
    0,
  );
  return calls.sent > 0 && failed / calls.sent >= WASTE
    ? [markup`<a href="#calls">${formatShare(failed, calls.sent)} of all calls</a> failed and were repeated`]
    : [];
}

function emptyFields(aggregates: ReportParts['aggregates']): Markup[] {
  if (aggregates.results < FEWEST_RESULTS) return [];
  const empty = aggregates.fields().filter(({ profile }) => profile.filled === 0 && profile.places !== 0);
  // What an empty field holds is empty, too.
  const outermost = empty.filter(({ name }) => !empty.some((other) => name.startsWith(`${other.name}.`)));
  const lines = outermost
    .slice(0, MAX_FIELDS)
    .map(({ name }) => markup`<a href="#fields"><code>${outside(name, 60)}</code></a> is filled in no result`);
  const more = outermost.length - lines.length;
  return more > 0
    ? [...lines, markup`${counted(more, 'more field is', 'more fields are')} filled in no result`]
    : lines;
}
