import { formatCount } from '../text/format.ts';
import { textTable } from './text-table.ts';
import type { EvaluationReport, FieldScore } from './evaluation.ts';

/** The figures of an evaluation for a terminal: a line for each field, then what they come to. */
export function evaluationText(report: EvaluationReport): string {
  const head = ['field', 'match', 'wrong', 'missing', 'made up', 'precision', '', 'recall', '', 'F1', 'ANLS*'];
  const rows = Object.entries(report.fields).map(([name, score]) => [name, ...cells(score), share(score.anls)]);
  rows.push(['all', ...cells(report.micro), share(report.anls)]);
  const { records, missing, withoutGold, exact, exactInterval } = report;
  const notes = [
    `${formatCount(records)} gold ${records === 1 ? 'record' : 'records'}, ${share(exact)} of them right as a whole${range(exactInterval)}`,
  ];
  if (missing > 0)
    notes.push(
      `${formatCount(missing)} of them without a result, their values count as missing: ${named(report.missingIds, missing)}`,
    );
  if (withoutGold > 0)
    notes.push(
      `${formatCount(withoutGold)} results without gold, not counted: ${named(report.withoutGoldIds, withoutGold)}`,
    );
  if (report.ignoredFields.length > 0) {
    notes.push(
      `Columns of the gold that the schema has no field for, not compared: ${report.ignoredFields.join(', ')}`,
    );
  }
  for (const { field, gold, answer, count } of report.confusions.slice(0, 5)) {
    notes.push(`${field}: ${JSON.stringify(answer)} for ${JSON.stringify(gold)}, ${formatCount(count)} times`);
  }
  return [textTable([head, ...rows]), '', ...notes].join('\n');
}

const NAMED = 5;

function named(ids: readonly string[], count: number): string {
  return `${ids.slice(0, NAMED).join(', ')}${count > NAMED ? ', ...' : ''}`;
}

function cells({ match, mismatch, omission, hallucination, precision, recall, f1, intervals }: FieldScore): string[] {
  const counts = [match, mismatch, omission, hallucination].map(formatCount);
  return [...counts, share(precision), range(intervals.precision), share(recall), range(intervals.recall), share(f1)];
}

function share(value: number | null | undefined): string {
  return value === null || value === undefined ? '' : value.toFixed(3);
}

function range(bounds: readonly [number, number] | null): string {
  return bounds === null ? '' : ` (${bounds[0].toFixed(3)} to ${bounds[1].toFixed(3)})`;
}
