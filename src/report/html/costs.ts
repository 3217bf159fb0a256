import { describeCascade, describePromise } from '../../accounting/cascade-tally.ts';
import { bar } from './chart-bars.ts';
import { counted } from '../../text/counted.ts';
import { formatCount, formatUsd } from '../../text/format.ts';
import { markup, nothing, outside, type Markup } from './markup.ts';
import type { ReportParts } from './parts.ts';
import { formatShare, largest } from './phrases.ts';
import { table } from './table.ts';
import type { UsageReport, UsageSlice } from '../../accounting/usage-report.ts';

const MAX_ROWS = 12;

/** Tokens by kind, by model and by traffic type, and what they cost. */
export function costsSection({ usage, manifest }: ReportParts): Markup {
  const { tokens } = usage;
  if (usage.calls.sent === 0) return nothing;
  const kinds = [
    ['Prompt, not cached', tokens.prompt - tokens.cached, 'main'],
    ['Prompt, cached', tokens.cached, 'rest'],
    ['Completion', tokens.completion, 'good'],
    ['Reasoning', tokens.reasoning, 'soft'],
  ] as const;
  const shown = kinds.filter(([name, count]) => count > 0 || name === 'Completion');
  const whole = kinds.reduce((sum, [, count]) => sum + Math.max(0, count), 0);
  return markup`<section>
    <h2>Tokens and cost</h2>
    <p>${costText(usage)}${manifest.settings['service'] === 'emulator' ? ' The emulator answered: nothing was billed.' : ''}</p>
    ${cascadeText(usage)}
    ${bar(
      shown.map(([, value, tone]) => ({ value, tone })),
      whole,
      { height: 14, label: shown.map(([name, count]) => `${name}: ${formatCount(count)}`).join(', ') },
    )}
    <ul class="legend">${shown.map(
      ([name, , tone]) =>
        markup`<li><svg aria-hidden="true"><rect class="${tone}" width="11" height="11" rx="2"/></svg>${name}</li>`,
    )}</ul>
    ${table({
      caption: 'Tokens by kind',
      columns: [{ head: 'Kind' }, { head: 'Tokens', isNumber: true }, { head: 'Per billed call', isNumber: true }],
      rows: [...shown.map(([name, count]) => [name, count] as const), ['Total', tokens.total] as const].map(
        ([name, count]) => [
          markup`${name}`,
          markup`${formatCount(count)}`,
          markup`${perCall(count, usage.calls.billed)}`,
        ],
      ),
      ...(tokens.wasted > 0
        ? {
            note: `${formatCount(tokens.wasted)} of all tokens (${formatShare(tokens.wasted, tokens.total)}) went into calls that gave no result`,
          }
        : {}),
    })}
    <div class="columns block">
      ${slicesTable('By model', 'Model', usage.byModel)}
      ${slicesTable('By traffic type', 'Traffic type', usage.byTrafficType)}
    </div>
    ${pricesTable(usage)}
  </section>`;
}

function cascadeText({ cascade }: UsageReport): Markup {
  if (cascade === undefined) return nothing;
  const said = describeCascade(cascade, { count: formatCount, usd: formatUsd });
  const promise = cascade.promise === null ? '' : ` ${describePromise(cascade.promise)}.`;
  return markup`<p>Cascade: ${said}.${promise}</p>`;
}

function costText({ cost, calls }: UsageReport): Markup {
  if (calls.billed === 0 && calls.unmetered > 0) return markup`The cost is not known: no answer came with its usage.`;
  if (cost.usd === null) {
    const shown = cost.unpricedModels.slice(0, 5).map((model) => markup`<code>${outside(model, 80)}</code> `);
    const more = cost.unpricedModels.length - shown.length;
    return markup`The cost is not known: no price for ${shown}${more > 0 ? `and ${counted(more, 'more model')}` : ''}`;
  }
  const wasted = cost.wastedUsd ?? 0;
  const usd = cost.isLowerBound ? `At least ${formatUsd(cost.usd)}` : formatUsd(cost.usd);
  const open = cost.isLowerBound ? openText(calls.unmetered) : nothing;
  return wasted === 0
    ? markup`${usd} for all calls.${open}`
    : markup`${usd} for all calls, ${formatUsd(wasted)} of it (${formatShare(wasted, cost.usd)}) for calls that gave no result.${open}`;
}

/** What a lower bound leaves out. */
function openText(unmetered: number): Markup {
  if (unmetered === 0) return markup` Calls without a whole answer may be billed, too.`;
  return markup` ${counted(unmetered, 'answer')} without usage ${unmetered === 1 ? 'is' : 'are'} not in it.`;
}

/** What calls were billed with, so that the bill can be checked on another day. */
function pricesTable({ prices }: UsageReport): Markup {
  if (prices.length === 0) return nothing;
  return table({
    caption: 'Prices used, in US dollars per million tokens',
    columns: [
      { head: 'Model' },
      { head: 'Input', isNumber: true },
      { head: 'Cached', isNumber: true },
      { head: 'Output', isNumber: true },
      { head: 'Source' },
    ],
    rows: prices
      .slice(0, MAX_ROWS)
      .map(({ model, validFrom, input, cachedInput, output, source }) => [
        markup`${outside(model, 80)} from ${outside(validFrom, 10)}`,
        markup`${String(input)}`,
        markup`${String(cachedInput ?? input)}`,
        markup`${String(output)}`,
        outside(source, 120),
      ]),
  });
}

function perCall(tokens: number, calls: number): string {
  return calls === 0 ? '' : formatCount(Math.round(tokens / calls));
}

function slicesTable(caption: string, head: string, slices: Readonly<Record<string, UsageSlice>>): Markup {
  const { entries, leftOut } = largest(slices, MAX_ROWS, ({ calls }) => calls);
  if (entries.length === 0) return nothing;
  return table({
    caption,
    columns: [{ head }, { head: 'Calls', isNumber: true }, { head: 'Tokens', isNumber: true }],
    rows: entries.map(([name, { calls, tokens }]) => [
      outside(name, 80),
      markup`${formatCount(calls)}`,
      markup`${formatCount(tokens.total)}`,
    ]),
    ...(leftOut > 0 ? { note: `and ${formatCount(leftOut)} more` } : {}),
  });
}
