import { counted } from '../text/counted.ts';
import { formatCount, formatUsd } from '../text/format.ts';
import type { RecordChanges } from './compare-records.ts';
import type { RunComparison } from './comparison.ts';

/** A comparison in a few lines for people. */
export function comparisonText(comparison: RunComparison, names: { before: string; after: string }): string {
  const { alarms, records, rejectRate, usdPerRecord, latencyMs, fields, evidence, tests } = comparison;
  const beyond = comparison.resultsBeyondFields.before + comparison.resultsBeyondFields.after;
  const { changes } = records;
  const rows: [name: string, text: string][] = [
    ['records', change(records, formatCount)],
    ['', changesText(changes)],
    ['rejects', change(rejectRate, percent)],
    ['a record', change(usdPerRecord, formatUsd)],
    ['latency', change({ before: latencyMs.before.p90, after: latencyMs.after.p90 }, (ms) => `${ms} ms (p90)`)],
    ...evidence.map(({ field, found }, at): [string, string] => [
      at === 0 ? 'evidence' : '',
      `${field} ${change(found, percent)}`,
    ]),
    ['compared', `${counted(fields.length, 'field')} in ${counted(tests.length, 'test')}`],
    ...(beyond === 0
      ? []
      : ([['', `not those beyond them, which ${counted(beyond, 'result has', 'results have')}`]] as [
          string,
          string,
        ][])),
  ];
  const headline =
    alarms.length === 0
      ? 'nothing that needs a look'
      : alarms.length === 1
        ? '1 difference that needs a look'
        : `${alarms.length} differences that need a look`;
  const width = Math.max(8, ...alarms.map(({ kind }) => kind.length));
  return [
    `${names.after} beside ${names.before}: ${headline}`,
    ...rows.map(([name, text]) => `  ${name.padEnd(10)}  ${text}`),
    ...alarms.map(({ kind, message }) => `  ! ${kind.padEnd(width)}  ${message}`),
  ].join('\n');
}

function changesText(changes: RecordChanges | null): string {
  if (changes === null) return 'which are new, changed or gone is not known: results of one of the runs are not there';
  return `${formatCount(changes.new)} new, ${formatCount(changes.changed)} changed, ${formatCount(changes.gone)} gone, ${formatCount(changes.same)} the same`;
}

function change(
  { before, after }: { before: number | null; after: number | null },
  format: (value: number) => string,
): string {
  const text = (value: number | null): string => (value === null ? 'unknown' : format(value));
  return before === after ? `${text(after)}, as before` : `${text(after)}, before ${text(before)}`;
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(3))} %`;
}
