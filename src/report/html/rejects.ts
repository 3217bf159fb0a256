import { bar } from './chart-bars.ts';
import { counted } from '../../text/counted.ts';
import { formatCount } from '../../text/format.ts';
import type { RejectKind } from '../../accounting/reject-examples.ts';
import { rejectKinds } from './reject-examples.ts';
import { markup, nothing, outside, type Markup } from './markup.ts';
import type { RejectAdvice, ReportParts } from './parts.ts';
import { formatShare, largest } from './phrases.ts';
import { table } from './table.ts';

const MAX_CODES = 25;
const MAX_PATHS = 10;

/** Rejects by reason, each with what to do about it and with examples. */
export function rejectsSection({ usage, aggregates, advice }: ReportParts): Markup {
  const { rejected } = usage.records;
  if (rejected === 0) return nothing;
  const examples = aggregates.rejectExamples();
  const { entries, leftOut } = largest(usage.rejectsByCode, MAX_CODES, (count) => count);
  const blocks = entries.map(([code, count]) =>
    codeBlock({
      code,
      count,
      share: formatShare(count, rejected),
      rejected,
      advice: Object.hasOwn(advice, code) ? advice[code] : undefined,
      kinds: examples.get(code) ?? [],
      places: code === 'schema_violation' ? placesTable(aggregates.issuePaths()) : nothing,
    }),
  );
  return markup`<section id="rejects">
    <h2>Why records were rejected</h2>
    <p class="note">Each of them stands in <code>rejects.jsonl</code> with its fields, its error and, where there was one, the last answer.</p>
    ${blocks}
    ${leftOut > 0 ? markup`<p class="note">${counted(leftOut, 'more reason')}: see rejectsByCode in <code>usage.json</code></p>` : nothing}
  </section>`;
}

function codeBlock(reason: {
  code: string;
  count: number;
  share: string;
  rejected: number;
  advice: RejectAdvice | undefined;
  kinds: readonly RejectKind[];
  places: Markup;
}): Markup {
  const { code, count, share, rejected, advice, kinds, places } = reason;
  return markup`<div class="code">
    <h3><code>${outside(code, 60)}</code> <span>${formatCount(count)} <span class="quiet">(${share})</span></span></h3>
    ${bar([{ value: count, tone: 'bad' }], rejected, { height: 6 })}
    ${advice === undefined ? nothing : markup`<p>${advice.meaning}.</p><p><strong>What to do:</strong> ${advice.advice}.</p>`}
    ${places}
    ${kinds.length === 0 ? nothing : rejectKinds(kinds, count, advice)}
  </div>`;
}

function placesTable(places: readonly (readonly [path: string, rejects: number])[]): Markup {
  if (places.length === 0) return nothing;
  return table({
    caption: 'Where the schema refuses',
    columns: [{ head: 'Place in the answer' }, { head: 'Records', isNumber: true }],
    rows: places
      .slice(0, MAX_PATHS)
      .map(([path, rejects]) => [
        path === '' ? markup`the whole answer` : markup`<code>${outside(path, 100)}</code>`,
        markup`${formatCount(rejects)}`,
      ]),
    ...(places.length > MAX_PATHS ? { note: `and ${counted(places.length - MAX_PATHS, 'more place')}` } : {}),
  });
}
