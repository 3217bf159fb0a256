import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Calibration } from '../../eval/calibration/calibrate.ts';
import { evaluate } from '../../eval/evaluate-run.ts';
import type { EvaluationReport } from '../../eval/evaluation.ts';
import { evaluationPage } from '../../eval/evaluation-page.ts';
import { evaluationText, unfinishedText } from '../../eval/evaluation-text.ts';
import { sourcesOf } from '../../eval/sources-of.ts';
import { findRun } from '../../export/find-run.ts';
import type { Extraction } from '../../extraction/definition.ts';
import { loadDefinition } from '../../extraction/load-definition.ts';
import { describeSystemError } from '../../files/system-error.ts';
import { writeFileAtomically } from '../../files/write-file-atomically.ts';
import { GleanerError } from '../../gleaner-error.ts';
import { nearestName } from '../../text/nearest-name.ts';
import { messageOf } from '../../text/thrown-message.ts';
import { visible, visibleLine } from '../../text/visible.ts';
import { EXIT_CODES } from '../exit-code.ts';
import { namesIn } from '../settings/names-in.ts';
import type { evalFlags } from '../settings/flags/quality-flags.ts';
import type { Settings } from '../settings/settings.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { writePageFile } from './eval-page-file.ts';

/** Flags of the runs that compare models. */
const OF_MODELS: ReadonlySet<string> = new Set(['input', 'sample', 'out', 'media-root']);
const CALIBRATION_FILE = 'calibration.json';

/** `gleaner eval <run> <gold>`: how much of what a run answered is right. Exit 1 where a field is below what it must reach. */
export async function evalCommand(
  [results = '', gold = '']: readonly string[],
  settings: Settings<typeof evalFlags>,
  terminal: Terminal,
): Promise<number> {
  const models = settings.text('models');
  if (models !== undefined) {
    const { evalModelsCommand } = await import('./eval-models-command.ts');
    return evalModelsCommand({ definition: results, gold, models }, settings, terminal);
  }
  refuseWithoutModels(settings);
  const wanted = leastScores(settings.text('fail-under'));
  const extraction = await definitionOf(results, settings.text('definition'), terminal);
  const fields = namesIn(settings.text('fields'));
  const report = await evaluate(results, gold, {
    extraction,
    by: settings.text('by'),
    fields,
  });
  const failures = failuresOf(report, wanted);
  if (report.calibration !== undefined) keepCalibration(results, report.calibration, terminal);
  const page = settings.text('html');
  if (page !== undefined) await writePage(page, { report, results, gold });
  if (settings.isOn('json')) terminal.stdout.write(`${JSON.stringify(report)}\n`);
  else terminal.stdout.write(`${visible(evaluationText(report))}\n`);
  for (const failure of failures) terminal.stderr.write(`${visibleLine(failure)}\n`);
  return failures.length > 0 ? EXIT_CODES.checkFailed : EXIT_CODES.ok;
}

/** Where results are there already, no run is made that such a flag could be about. */
function refuseWithoutModels({ typed }: Settings<typeof evalFlags>): void {
  const wrong = typed.find(({ name }) => OF_MODELS.has(name));
  if (wrong === undefined) return;
  throw new GleanerError(
    'usage',
    `Cannot use --${wrong.name} without --models: it is for the runs that compare models, and here the results are there already`,
  );
}

/** The definition that was named, or the one that the run was begun with, where it can still be loaded. */
async function definitionOf(
  results: string,
  named: string | undefined,
  terminal: Terminal,
): Promise<Extraction | undefined> {
  if (named !== undefined) return (await loadDefinition(named)).extraction;
  let reference: unknown;
  try {
    reference = findRun(results).manifest.settings['definition'];
  } catch {
    // A file of results knows no definition; that it cannot be read at all is told where it is read.
    return undefined;
  }
  if (typeof reference !== 'string') return undefined;
  try {
    return (await loadDefinition(reference)).extraction;
  } catch (error) {
    terminal.stderr.write(
      `Values are compared by what they are, as the definition of the run cannot be loaded (name it with --definition): ${visibleLine(messageOf(error))}\n`,
    );
    return undefined;
  }
}

/** What a field must reach. */
interface LeastScore {
  field: string;
  least: number;
  /** As it was written. */
  part: string;
}

/** `total=0.95,company=0.9`: the F1 that fields must reach. */
function leastScores(wanted: string | undefined): LeastScore[] {
  return (wanted?.split(',') ?? []).map((part) => {
    const [, field = '', text = ''] = /^\s*(.+?)\s*=\s*([\d.]+)\s*$/.exec(part) ?? [];
    const least = Number(text);
    if (text !== '' && least >= 0 && least <= 1) return { field, least, part };
    throw new GleanerError(
      'usage',
      `Cannot use --fail-under ${part}: give a field and a number from 0 to 1, such as total=0.95`,
    );
  });
}

/**
 * The fields that are below what they must reach; `exact`, `anls` and `all` stand for whole records and all values. A run that is unfinished reaches
 * nothing: its other records may be worse.
 */
function failuresOf(report: EvaluationReport, wanted: readonly LeastScore[]): string[] {
  const scores = new Map<string, number | null>([
    ...Object.entries(report.fields).map(([field, { f1 }]): [string, number | null] => [field, f1]),
    ['all', report.micro.f1],
    ['exact', report.exact],
    ['anls', report.anls],
  ]);
  const unfinished = report.unfinished === undefined || wanted.length === 0 ? [] : [unfinishedText(report.unfinished)];
  const below = wanted.flatMap(({ field, least, part }) => {
    if (!scores.has(field)) {
      const nearest = nearestName(field, scores.keys());
      const hint = nearest === undefined ? `fields are ${[...scores.keys()].join(', ')}` : `did you mean "${nearest}"?`;
      throw new GleanerError('usage', `Cannot use --fail-under ${part}: no field is named "${field}"; ${hint}`);
    }
    const score = scores.get(field) ?? null;
    return score !== null && score >= least
      ? []
      : [
          score === null
            ? `${field}: nothing to count, where ${least} must be reached`
            : `${field}: ${MEASURES[field] ?? 'F1'} ${score.toFixed(4)} is below ${least}`,
        ];
  });
  return [...unfinished, ...below];
}

/** What the names measure that are no fields. */
const MEASURES: Readonly<Record<string, string>> = { exact: 'share of whole records', anls: 'ANLS*' };

/** Kept beside the results of a run; a file of results has no such place. What cannot be kept there is no failure of the comparison. */
function keepCalibration(directory: string, calibration: Calibration, terminal: Terminal): void {
  const path = join(directory, CALIBRATION_FILE);
  try {
    if (!statSync(directory).isDirectory()) return;
    writeFileAtomically(path, `${JSON.stringify(calibration, undefined, 2)}\n`);
    terminal.stderr.write(`${visibleLine(`How sure values are stands in ${path}`)}\n`);
  } catch (error) {
    terminal.stderr.write(`${visibleLine(`Cannot write ${path}: ${describeSystemError(error)}`)}\n`);
  }
}

async function writePage(
  path: string,
  { report, results, gold }: { report: EvaluationReport; results: string; gold: string },
): Promise<void> {
  const sources = await sourcesOf(results, new Set(report.worst.map(({ id }) => id)));
  writePageFile(path, evaluationPage({ report, results, gold, sources }));
}
