import { isEmulatorName } from '../../completion/service.ts';
import type { UsageReport } from '../../accounting/usage-report.ts';
import { counted } from '../../text/counted.ts';
import { formatCount, formatUsd } from '../../text/format.ts';
import { comparisonPlace } from './comparison-place.ts';
import { concernsOf } from './concerns.ts';
import { markup, nothing, outside, type Markup } from './markup.ts';
import { nextCommands } from '../next-commands.ts';
import type { ReportParts } from './parts.ts';
import { formatShare } from './phrases.ts';

const MAX_CONCERNS = 7;

/** The questions of the morning, answered in the first screen. */
export function firstAnswers(parts: ReportParts): Markup {
  const rows: [question: string, answer: Markup][] = [
    ['Did it pass?', passed(parts.usage)],
    ['Is it different?', comparisonPlace(parts.usage.status === 'finished')],
    ['Cost and savings', spent(parts)],
    ['Needs a look', concerns(parts)],
    ['Next', next(parts)],
  ];
  return markup`<dl class="answers">${rows.map(
    ([question, answer]) => markup`<dt>${question}</dt><dd>${answer}</dd>
      `,
  )}</dl>`;
}

function passed(usage: UsageReport): Markup {
  const { status, exitCode, records } = usage;
  const ended = records.extracted + records.rejected;
  const near = [
    ...(ended === 0
      ? []
      : [
          `${formatShare(records.rejected, ended)} rejected, at most ${formatShare(usage.limits.rejectRate, 1)} allowed`,
        ]),
    ...capsText(usage.limits),
  ].join('; ');
  if (status === 'running') return markup`Not known yet: no session has ended it. ${near}`;
  const word = exitCode === 0 ? 'Yes' : status === 'finished' ? 'No' : 'Not finished';
  return markup`<strong>${word}</strong>, exit code ${exitCode}${near === '' ? '' : `: ${near}`}`;
}

/** How near a run came to what it was allowed; without a cap nothing is near. */
function capsText({ costUsd, totalTokens, counted: reached, minRecords }: UsageReport['limits']): string[] {
  const usd = reached.costUsd ?? 0;
  return [
    ...(costUsd === null
      ? []
      : [`${formatUsd(usd)} of at most ${formatUsd(costUsd)} (${formatShare(usd, costUsd)}) counted`]),
    ...(totalTokens === null
      ? []
      : [
          `${formatCount(reached.totalTokens)} of at most ${formatCount(totalTokens)} tokens (${formatShare(reached.totalTokens, totalTokens)})`,
        ]),
    ...(minRecords > 1 ? [`at least ${formatCount(minRecords)} records wanted`] : []),
  ];
}

function spent({ usage, manifest }: ReportParts): Markup {
  const { cost, calls } = usage;
  const isEmulated = isEmulatorName(manifest.identity['service']);
  const price = cost.usd === null ? 'Cost unknown' : `${cost.isLowerBound ? 'At least ' : ''}${formatUsd(cost.usd)}`;
  const unbilled = isEmulated ? ' at list prices; the emulator answered, and nothing was billed' : '';
  const saved = savings(usage);
  return markup`${price} for ${counted(calls.sent, 'call')}${unbilled}.${saved.length === 0 ? nothing : ` Saved: ${saved.join('; ')}.`}`;
}

/** What carried over records would have cost, if they are like those that were asked for, and what batch jobs took off. */
function savings({ records, cost, batch }: UsageReport): string[] {
  const asked = records.extracted + records.rejected - records.reused;
  const lines: string[] = [];
  if (records.reused > 0) {
    const usd = cost.usd === null || asked === 0 ? '' : `, about ${formatUsd((cost.usd / asked) * records.reused)}`;
    lines.push(`${counted(records.reused, 'result was', 'results were')} carried over without a call${usd}`);
  }
  if (batch !== undefined && batch.usd.batch !== null && batch.usd.batch > 0)
    lines.push(`batch jobs took ${formatUsd(batch.usd.batch)} off`);
  return lines;
}

function concerns(parts: ReportParts): Markup {
  const lines = concernsOf(parts);
  if (lines.length === 0) return markup`Nothing`;
  const shown = lines.length > MAX_CONCERNS ? lines.slice(0, MAX_CONCERNS - 1) : lines;
  const more = lines.length - shown.length;
  const rest = more === 0 ? nothing : markup`<li>and ${formatCount(more)} more, told below</li>`;
  return markup`<ul>${shown.map((line) => markup`<li>${line}</li>`)}${rest}</ul>`;
}

function next(parts: ReportParts): Markup {
  return markup`<ul>${nextCommands(parts).map(
    ({ command, why }) => markup`<li><code>${outside(command, 300)}</code> ${why}</li>`,
  )}</ul>`;
}
