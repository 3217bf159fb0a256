import { markup, nothing, outside, type Markup } from '../report/html/markup.ts';
import { htmlPage } from '../report/html/page.ts';
import { table } from '../report/html/table.ts';
import { counted } from '../text/counted.ts';
import { formatCount, formatUsd } from '../text/format.ts';
import type { RunComparison } from './comparison.ts';

/** One page for people, without scripts and without anything outside of itself. */
export function comparisonPage(comparison: RunComparison, names: { before: string; after: string }): string {
  const { alarms, fields, evidence, tests } = comparison;
  const verdict =
    alarms.length === 0
      ? 'Nothing that needs a look'
      : alarms.length === 1
        ? '1 difference needs a look'
        : `${alarms.length} differences need a look`;
  return htmlPage({
    title: `Comparison: ${verdict}`,
    main: markup`<header class="${alarms.length === 0 ? 'good' : 'warn'}">
    <p class="eyebrow">${outside(names.after)} beside ${outside(names.before)}</p>
    <h1 class="verdict">${verdict}</h1>
    ${alarms.length === 0 ? nothing : markup`<ul>${alarms.map(({ message }) => markup`<li>${outside(message, 400)}</li>`)}</ul>`}
  </header>
  <section>${figures(comparison)}</section>
  <section class="scroll" tabindex="0">${table({
    caption: 'Tests of fields',
    columns: [
      { head: 'Field' },
      { head: 'What' },
      { head: 'Before' },
      { head: 'Now' },
      { head: 'Effect', isNumber: true },
      { head: 'Chance', isNumber: true },
    ],
    rows: tests.map(({ field, aspect, before, after, effect, measure, probability, isAlarm }) => [
      isAlarm ? markup`<strong>${outside(field, 80)}</strong>` : outside(field, 80),
      markup`${aspect}`,
      outside(before, 200),
      outside(after, 200),
      markup`${rounded(effect)} ${measure}`,
      markup`${rounded(probability)}`,
    ]),
    note: 'Chance: how likely so large a difference is where nothing has changed, corrected for the number of tests. Fields in bold need a look.',
  })}</section>
  <section>${table({
    caption: 'Fields',
    columns: [
      { head: 'Field' },
      { head: 'Filled before', isNumber: true },
      { head: 'Now', isNumber: true },
      { head: 'Distinct before', isNumber: true },
      { head: 'Now', isNumber: true },
    ],
    rows: fields.map(({ field, filled, distinct }) => [
      outside(field, 80),
      markup`${percent(filled.before)}`,
      markup`${percent(filled.after)}`,
      markup`${distinct.before === null ? '' : formatCount(distinct.before)}`,
      markup`${distinct.after === null ? '' : formatCount(distinct.after)}`,
    ]),
  })}</section>
  ${evidence.length === 0 ? nothing : markup`<section>${evidenceTable(comparison)}</section>`}`,
  });
}

function evidenceTable({ evidence }: RunComparison): Markup {
  return table({
    caption: 'Values that stand in their records',
    columns: [{ head: 'Field' }, { head: 'Before', isNumber: true }, { head: 'Now', isNumber: true }],
    rows: evidence.map(({ field, found }) => [
      outside(field, 80),
      outside(shown(found.before, percent)),
      outside(shown(found.after, percent)),
    ]),
  });
}

function figures({ records, rejectRate, usdPerRecord, latencyMs, models }: RunComparison): Markup {
  const { changes } = records;
  const rows: [string, string, string][] = [
    ['Records', formatCount(records.before), formatCount(records.after)],
    ['Reject rate', shown(rejectRate.before, percent), shown(rejectRate.after, percent)],
    ['Cost of a record', shown(usdPerRecord.before, formatUsd), shown(usdPerRecord.after, formatUsd)],
    ['Latency, 90th percentile', `${latencyMs.before.p90} ms`, `${latencyMs.after.p90} ms`],
    ['Models', models.before.join(', '), models.after.join(', ')],
  ];
  return table({
    caption: 'The runs',
    columns: [{ head: 'What' }, { head: 'Before' }, { head: 'Now' }],
    rows: rows.map((cells) => cells.map((cell) => outside(cell, 200))),
    ...(changes === null
      ? {}
      : {
          note: `${counted(changes.new, 'record is', 'records are')} new, ${formatCount(changes.changed)} changed, ${formatCount(changes.gone)} gone, ${formatCount(changes.same)} the same`,
        }),
  });
}

function shown(value: number | null, format: (value: number) => string): string {
  return value === null ? 'unknown' : format(value);
}

function percent(share: number): string {
  return `${rounded(share * 100)} %`;
}

function rounded(value: number): string {
  return String(Number(value.toPrecision(3)));
}
