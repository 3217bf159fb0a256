import { counted } from '../text/counted.ts';
import { formatCount } from '../text/format.ts';
import type { Calibration } from './calibration/calibrate.ts';
import { textTable } from './text-table.ts';
import type { EvaluationReport } from './evaluation.ts';
import type { UnfinishedRun } from './unfinished-run.ts';
import type { FieldScore } from './score-tally.ts';

/** The figures of an evaluation for a terminal: a line for each field, then what they come to. */
export function evaluationText(report: EvaluationReport): string {
  const head = ['field', 'match', 'wrong', 'missing', 'made up', 'precision', '', 'recall', '', 'F1', '', 'ANLS*'];
  const rows = Object.entries(report.fields).map(([name, score]) => [name, ...cells(score), share(score.anls)]);
  rows.push(['all', ...cells(report.micro), share(report.anls)]);
  const { records, missing, withoutGold, exact, exactInterval } = report;
  const notes = [
    ...(report.unfinished === undefined ? [] : [`${unfinishedText(report.unfinished)}\n`]),
    `${counted(records, 'gold record')}, ${share(exact)} of them right as a whole ${range(exactInterval)}`.trimEnd(),
  ];
  if (missing > 0 && missing === records && withoutGold > 0)
    notes.push(
      `No gold record has the id of a result: the gold's are ${named(report.missingIds, missing)}, those of the results ${named(report.withoutGoldIds, withoutGold)}; say which column has the ids`,
    );
  else if (missing > 0)
    notes.push(
      `${formatCount(missing)} of them without a result, their values count as missing: ${named(report.missingIds, missing)}`,
    );
  if (withoutGold > 0 && missing < records)
    notes.push(
      `${counted(withoutGold, 'result')} without gold, not counted: ${named(report.withoutGoldIds, withoutGold)}`,
    );
  const unknown = Object.entries(report.fields).filter(([, score]) => missing < records && isNowhere(score));
  if (unknown.length > 0) {
    const fields = unknown.map(([field]) => field).join(', ');
    notes.push(
      `No result has a value for ${fields}; where the schema calls it otherwise, rename the column of the gold`,
    );
  }
  notes.push(...report.warnings.map((warning) => `warning: ${warning}`));
  if (report.ignoredFields.length > 0) {
    notes.push(
      `Columns of the gold that the schema has no field for, not compared: ${report.ignoredFields.join(', ')}`,
    );
  }
  for (const { field, gold, answer, count } of report.confusions.slice(0, 5)) {
    notes.push(`${field}: ${JSON.stringify(answer)} for ${JSON.stringify(gold)}, ${formatCount(count)} times`);
  }
  if (report.calibration !== undefined) notes.push('', calibrationText(report.calibration));
  return [textTable([head, ...rows]), '', ...notes].join('\n');
}

/** That a run is unfinished, in a line. */
export function unfinishedText({ status, remaining, gold }: UnfinishedRun): string {
  const state = status === 'running' ? 'it is at work, or was killed' : status;
  const rest = remaining === null ? 'records are' : `${counted(remaining, 'record is', 'records are')}`;
  const left = gold === 0 ? '' : ` and leave out ${counted(gold, 'gold record')} of those to come`;
  return `The run is unfinished (${state}): ${rest} still to come; the figures are of the records that have ended${left}`;
}

/** What a calibration is worth, in two lines. */
function calibrationText({ values, right, method, auroc, brier, ece, errorsCaught }: Calibration): string {
  const figures = `AUROC ${share(auroc)}, Brier score ${share(brier)}, expected calibration error ${share(ece)}`;
  const head = `Confidence (${method}, cross-fitted) over ${formatCount(values)} answered values, ${formatCount(right)} of them right: ${figures}`;
  if ((auroc ?? 0) < TELLS_NOTHING)
    return `${head}\nIts signals do not tell right values from wrong ones here: do not go by it`;
  const caught = errorsCaught.find(({ reviewed }) => reviewed === 0.2)?.caught ?? 0;
  return `${head}\nThe least sure 20 % of the values hold ${(caught * 100).toFixed(0)} % of the wrong ones`;
}

/** An area under the ROC curve of 0.5 is chance; so little above it, nobody should sort by it. */
const TELLS_NOTHING = 0.6;

/** Whether only the gold has such a field. */
function isNowhere({ match, mismatch, omission, hallucination }: FieldScore): boolean {
  return omission > 0 && match + mismatch + hallucination === 0;
}

const NAMED = 5;

function named(ids: readonly string[], count: number): string {
  return `${ids.slice(0, NAMED).join(', ')}${count > NAMED ? ', ...' : ''}`;
}

function cells({ match, mismatch, omission, hallucination, precision, recall, f1, intervals }: FieldScore): string[] {
  const counts = [match, mismatch, omission, hallucination].map(formatCount);
  const rates = [
    [precision, intervals.precision],
    [recall, intervals.recall],
    [f1, intervals.f1],
  ] as const;
  return [...counts, ...rates.flatMap(([value, bounds]) => [share(value), range(bounds)])];
}

function share(value: number | null | undefined): string {
  return value === null || value === undefined ? '' : value.toFixed(3);
}

function range(bounds: readonly [number, number] | null): string {
  return bounds === null ? '' : `(${bounds[0].toFixed(2)} to ${bounds[1].toFixed(2)})`;
}
