import { bar } from './chart-bars.ts';
import { isEmulatorName } from '../../completion/service.ts';
import { counted } from '../../text/counted.ts';
import { formatCount, formatDuration, formatRate, formatUsd } from '../../text/format.ts';
import { firstAnswers } from './first-answers.ts';
import { markup, nothing, outside, type Markup } from './markup.ts';
import type { ReportParts } from './parts.ts';
import { formatShare, formatTime } from './phrases.ts';
import { verdictOf } from './verdict.ts';
import type { UsageReport } from '../../accounting/usage-report.ts';

/** What has to be known in five seconds: how it ended, how much of it, what it cost. */
export function headerSection(parts: ReportParts): Markup {
  const { usage, manifest } = parts;
  const verdict = verdictOf(usage);
  const isEmulated = isEmulatorName(manifest.identity['service']);
  return markup`<header class="${verdict.tone}">
    <p class="eyebrow">${outside(usage.extraction, 100)} · ${formatTime(usage.endedAt)}</p>
    <h1 class="verdict">${verdict.title}</h1>
    ${usage.reason === null ? nothing : markup`<p class="reason">${outside(sentence(usage.reason), 600)}</p>`}
    ${notes(parts, verdict.next).map((note) => markup`<p>${note}</p>`)}
    ${firstAnswers(parts)}
    ${recordsBar(usage.records)}
    <dl class="tiles">
      ${recordTiles(usage.records)}
      ${tile(isEmulated ? 'Cost at list prices' : 'Cost', ...costFigures(usage, isEmulated))}
      ${tile('Tokens', formatCount(usage.tokens.total), wasteText(usage))}
      ${tile('Time', formatDuration(usage.wallMs), rateText(usage, manifest.sessions.length))}
    </dl>
  </header>`;
}

function recordsBar({ extracted, rejected, remaining }: UsageReport['records']): Markup {
  const whole = extracted + rejected + (remaining ?? 0);
  // Of an unknown whole no part can be drawn, and a full bar would say that all is done.
  if (whole === 0 || remaining === null) return nothing;
  return bar(
    [
      { value: extracted, tone: 'good' },
      { value: rejected, tone: 'bad' },
    ],
    whole,
    {
      height: 14,
      label: `${formatCount(extracted)} extracted, ${formatCount(rejected)} rejected, ${formatCount(remaining)} remaining`,
    },
  );
}

function recordTiles({ extracted, rejected, reused, remaining }: UsageReport['records']): Markup[] {
  const ended = extracted + rejected;
  const known = ended + (remaining ?? 0);
  const ofAll = remaining === null ? 'of an unknown number' : `of ${counted(known, 'record')}`;
  const share = remaining === null ? '' : `${formatShare(rejected, ended)} of those that ended`;
  return [
    tile('Extracted', formatCount(extracted), reused > 0 ? `${ofAll}, ${formatCount(reused)} reused` : ofAll, 'good'),
    tile('Rejected', formatCount(rejected), rejected === 0 ? '' : share, rejected === 0 ? 'rest' : 'bad'),
    tile(
      'Remaining',
      remaining === null ? 'unknown' : formatCount(remaining),
      remaining === null ? 'not counted' : '',
      'rest',
    ),
  ];
}

function costFigures({ cost, records }: UsageReport, isEmulated: boolean): [string, string] {
  if (cost.usd === null) return ['unknown', 'no price for a model; see below'];
  if (isEmulated) return [formatUsd(cost.usd), 'emulator: nothing was billed'];
  if (records.extracted === 0 || cost.usd === 0) return [formatUsd(cost.usd), ''];
  return [formatUsd(cost.usd), `${formatUsd((cost.usd / records.extracted) * 1000)} per 1,000 results`];
}

function wasteText({ tokens }: UsageReport): string {
  return tokens.wasted === 0 ? 'none wasted' : `${formatShare(tokens.wasted, tokens.total)} gave no result`;
}

function rateText({ wallMs, records }: UsageReport, sessions: number): string {
  const ended = records.extracted + records.rejected;
  const rate = wallMs > 0 && ended > 0 ? `${formatRate((ended * 1000) / wallMs)} records/s` : '';
  return [rate, sessions > 1 ? `${sessions} sessions` : ''].filter((text) => text !== '').join(', ');
}

function notes({ manifest }: Pick<ReportParts, 'manifest'>, next: string | undefined): string[] {
  const limit = manifest.settings['limit'];
  return [
    ...(next === undefined ? [] : [next]),
    ...(typeof limit === 'number' ? [`The run was limited to the first ${counted(limit, 'row')} of the input.`] : []),
  ];
}

function tile(name: string, figure: string, remark: string, tone = 'plain'): Markup {
  return markup`<div class="${tone}"><dt>${name}</dt><dd><span class="figure">${figure}</span><br><span class="quiet">${remark}</span></dd></div>
  `;
}

/** Reasons are written to follow a colon; here they stand alone. */
function sentence(reason: string): string {
  return `${reason.slice(0, 1).toUpperCase()}${reason.slice(1)}`;
}
