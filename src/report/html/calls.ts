import type { BarPart } from './chart-bars.ts';
import { columnChart, type AxisLabel, type Column } from './chart-columns.ts';
import { counted } from '../../text/counted.ts';
import { formatCount, formatDuration } from '../../text/format.ts';
import type { CallCause } from '../../accounting/run-profile.ts';
import type { CallEnd, Timeline, TimelineSlot } from '../../accounting/call-timeline.ts';
import type { LatencyBin } from '../../accounting/latency-histogram.ts';
import { markup, nothing, outside, type Markup } from './markup.ts';
import type { ReportParts } from './parts.ts';
import { formatShare, largest } from './phrases.ts';
import { table } from './table.ts';
import { countCoerced, type UsageReport } from '../../accounting/usage-report.ts';

const MAX_ROWS = 15;

/** The calls: when they were made, how long they took, and what went wrong with them. */
export function callsSection({ usage, aggregates }: ReportParts): Markup {
  const { calls } = usage;
  if (calls.sent === 0) return nothing;
  return markup`<section id="calls">
    <h2>Calls</h2>
    <p>${callsText(usage)}</p>
    ${timelineBlock(aggregates.timeline())}
    ${latencyBlock(aggregates.latency(), usage.latencyMs)}
    <div class="columns block">
      ${causesTable(aggregates.causes(), usage)}
      <div>
        ${breakdownTable('Calls by status', 'Status', calls.byStatus, calls.sent)}
        ${callsPerResultTable(aggregates.callsPerResult(), aggregates.results)}
      </div>
    </div>
  </section>`;
}

/** By field, with the rule: what a reader may want to say in the field's description. */
function coercions(calls: UsageReport['calls']): string[] {
  const count = countCoerced(calls);
  if (count === 0) return [];
  const fields = Object.entries(calls.coerced).flatMap(([rule, byField]) =>
    Object.entries(byField).map(
      ([field, times]) => `${field === '' ? 'the answer' : field} ${formatCount(times)} (${rule})`,
    ),
  );
  return [`${counted(count, 'value')} read in another form: ${fields.slice(0, 8).join(', ')}`];
}

function callsText({ calls }: UsageReport): string {
  const retries = calls.byKind['retry'] ?? 0;
  const reasks = calls.byKind['re-ask'] ?? 0;
  const parts = [
    `${counted(calls.sent, 'call')} sent`,
    `${formatCount(calls.billed)} billed`,
    ...(retries > 0 ? [counted(retries, 'retry', 'retries')] : []),
    ...(reasks > 0 ? [counted(reasks, 're-ask')] : []),
    ...(calls.repaired > 0 ? [`${counted(calls.repaired, 'answer')} mended`] : []),
    ...coercions(calls),
    ...(calls.unsettled > 0 ? [`${formatCount(calls.unsettled)} without a known end`] : []),
  ];
  return parts.join(', ');
}

const ENDS: Readonly<Record<CallEnd, { tone: BarPart['tone']; name: string }>> = {
  extracted: { tone: 'main', name: 'gave a result' },
  unusable: { tone: 'warn', name: 'answer not usable' },
  failed: { tone: 'bad', name: 'failed' },
};
const ORDER: readonly CallEnd[] = ['extracted', 'unusable', 'failed'];

function timelineBlock(timeline: Timeline): Markup {
  const { slots, slotMs } = timeline;
  const drawn = slots.filter((slot): slot is TimelineSlot => 'startMs' in slot);
  const [first] = drawn;
  const last = drawn.at(-1);
  if (first === undefined || last === undefined) return nothing;
  const width = formatWidth(slotMs);
  const from = formatClock(first.startMs, slotMs);
  const to = formatClock(last.startMs + slotMs, slotMs);
  const columns = slots.map((slot): Column => {
    if (!('startMs' in slot))
      return { parts: [], title: `${formatDuration(slot.pauseMs)} without calls`, isBreak: true };
    return {
      parts: ORDER.map((end) => ({ value: slot.counts[end], tone: ENDS[end].tone })),
      title: `${formatClock(slot.startMs, slotMs)}: ${endsText(slot.counts)}`,
    };
  });
  const pauses = slots.length - drawn.length;
  const totals = { extracted: 0, unusable: 0, failed: 0 };
  for (const { counts } of drawn) for (const end of ORDER) totals[end] += counts[end];
  const present = ORDER.filter((end) => totals[end] > 0);
  return markup`<div class="block"><h3>Calls over time</h3>
    <ul class="legend">${present.map((end) => legendItem(ENDS[end].tone, `${ENDS[end].name}: ${formatCount(totals[end])}`))}</ul>
    ${columnChart({
      columns,
      axis: timeAxis(timeline, from, to),
      label: `Calls over time from ${from} to ${to} in steps of ${width}: ${endsText(totals)}`,
    })}
    <p class="note">Calls sent in each ${width === '1 s' ? 'second' : width}${dayOf(from) === dayOf(to) ? ` on ${dayOf(from)}` : ''}, times in UTC${
      pauses === 0 ? '' : `; dashed: ${counted(pauses, 'longer time', 'longer times')} without calls, not to scale`
    }</p></div>`;
}

function endsText(counts: Readonly<Record<CallEnd, number>>): string {
  const parts = ORDER.filter((end) => counts[end] > 0).map((end) => `${formatCount(counts[end])} ${ENDS[end].name}`);
  return parts.length === 0 ? 'no calls' : parts.join(', ');
}

function legendItem(tone: string, text: string): Markup {
  return markup`<li><svg aria-hidden="true"><rect class="${tone}" width="11" height="11" rx="2"/></svg>${text}</li>`;
}

/** Times of day where one day holds them all, which the note below names. */
function timeAxis({ slots, slotMs }: Timeline, from: string, to: string): AxisLabel[] {
  if (dayOf(from) !== dayOf(to)) {
    return [
      { at: 0, text: from },
      { at: 1, text: to },
    ];
  }
  const middle = Math.floor(slots.length / 2);
  const slot = slots[middle];
  const hasMiddle = slots.length > 4 && slot !== undefined && 'startMs' in slot;
  return [
    { at: 0, text: from.slice(11) },
    ...(hasMiddle ? [{ at: middle / slots.length, text: formatClock(slot.startMs, slotMs).slice(11) }] : []),
    { at: 1, text: to.slice(11) },
  ];
}

function dayOf(clock: string): string {
  return clock.slice(0, 10);
}

function formatClock(milliseconds: number, slotMs: number): string {
  const time = new Date(milliseconds);
  return Number.isNaN(time.getTime())
    ? ''
    : time
        .toISOString()
        .slice(0, slotMs < 1000 ? 23 : 19)
        .replace('T', ' ');
}

/** 50 ms, 2 s, 10 min, 6 h, 2 days: widths are round. */
function formatWidth(milliseconds: number): string {
  if (milliseconds < 1000) return `${milliseconds} ms`;
  if (milliseconds < 60_000) return `${milliseconds / 1000} s`;
  if (milliseconds < 3_600_000) return `${milliseconds / 60_000} min`;
  if (milliseconds < 86_400_000) return `${milliseconds / 3_600_000} h`;
  return counted(milliseconds / 86_400_000, 'day');
}

function latencyBlock(bins: readonly LatencyBin[], { p50, p90, p99, max }: UsageReport['latencyMs']): Markup {
  if (bins.length === 0) return nothing;
  const calls = bins.reduce((sum, bin) => sum + bin.calls, 0);
  const text = `half took up to ${formatDuration(p50)}, 90 % up to ${formatDuration(p90)}, 99 % up to ${formatDuration(p99)}, the slowest ${formatDuration(max)}`;
  return markup`<div class="block"><h3>How long calls took</h3>
    <p>Of ${counted(calls, 'answered call')}, ${text}. <span class="quiet">The axis is logarithmic.</span></p>
    ${columnChart({
      columns: bins.map(({ fromMs, toMs, calls }) => ({
        parts: [{ value: calls, tone: 'soft' }],
        title: `${formatMs(fromMs)} to ${formatMs(toMs)}: ${counted(calls, 'call')}`,
      })),
      axis: latencyAxis(bins),
      label: `How long calls took: ${text}`,
    })}
    </div>`;
}

function latencyAxis(bins: readonly LatencyBin[]): AxisLabel[] {
  const every = Math.max(1, Math.ceil(bins.length / 4));
  const edges = bins.flatMap(({ fromMs }, index) =>
    index % every === 0 && index / bins.length < 0.85 ? [{ at: index / bins.length, text: formatMs(fromMs) }] : [],
  );
  const end = bins.at(-1)?.toMs ?? 0;
  return [...edges, { at: 1, text: formatMs(end) }];
}

function formatMs(milliseconds: number): string {
  if (milliseconds === Number.POSITIVE_INFINITY) return 'more';
  return milliseconds < 1000 ? `${milliseconds} ms` : `${milliseconds / 1000} s`;
}

function causesTable(causes: readonly CallCause[], { tokens }: UsageReport): Markup {
  if (causes.length === 0) return nothing;
  const hasTokens = tokens.wasted > 0;
  return table({
    caption: 'Why calls gave no result',
    columns: [
      { head: 'Reason' },
      { head: 'Status', isNumber: true },
      { head: 'Calls', isNumber: true },
      ...(hasTokens ? [{ head: 'Tokens', isNumber: true }] : []),
    ],
    rows: causes.slice(0, MAX_ROWS).map((cause) => [
      // A status that came without a code of the service's own says all there is.
      cause.code === 'status' ? markup`no code in the answer` : markup`<code>${outside(cause.code, 60)}</code>`,
      markup`${cause.status === null ? 'none' : String(cause.status)}`,
      markup`${formatCount(cause.calls)}`,
      ...(hasTokens ? [markup`${formatCount(cause.tokens)}`] : []),
    ]),
    ...(causes.length > MAX_ROWS ? { note: `and ${counted(causes.length - MAX_ROWS, 'more reason')}` } : {}),
  });
}

function breakdownTable(
  caption: string,
  head: string,
  counts: Readonly<Record<string, number>>,
  whole: number,
): Markup {
  const { entries, leftOut } = largest(counts, MAX_ROWS, (count) => count);
  return table({
    caption,
    columns: [{ head }, { head: 'Calls', isNumber: true }, { head: 'Share', isNumber: true }],
    rows: entries.map(([name, count]) => [
      outside(name, 60),
      markup`${formatCount(count)}`,
      markup`${formatShare(count, whole)}`,
    ]),
    ...(leftOut > 0 ? { note: `and ${formatCount(leftOut)} more` } : {}),
  });
}

/** Only where a result ever took more than one call. */
function callsPerResultTable(counts: readonly (readonly [calls: number, results: number])[], results: number): Markup {
  if (counts.every(([calls]) => calls === 1)) return nothing;
  return table({
    caption: 'Calls that a result took',
    columns: [{ head: 'Calls' }, { head: 'Results', isNumber: true }, { head: 'Share', isNumber: true }],
    rows: counts.map(([calls, count]) => [
      markup`${calls === 5 ? '5 or more' : String(calls)}`,
      markup`${formatCount(count)}`,
      markup`${formatShare(count, results)}`,
    ]),
  });
}
