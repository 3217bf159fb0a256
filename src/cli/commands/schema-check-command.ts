import { readBaseline } from '../../evolution/check/baseline.ts';
import { readRemovals } from '../../evolution/check/accept-record.ts';
import { checkDefinitions, isReportFailing, type CheckReport } from '../../evolution/check/check.ts';
import { summaryLine } from '../../evolution/check/formats/describe-pair.ts';
import { formatReport, reportFormats } from '../../evolution/check/formats/format-report.ts';
import type { ReaderModel } from '../../evolution/engine/reader-model.ts';
import { version } from '../../version.ts';
import { loadCandidates, snapshotsFolder } from './schema-candidates.ts';
import type { Settings } from '../settings/settings.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** `gleaner schema check [<definition>...]`: 0 where nothing breaks, 1 where something does or could not be decided. */
export async function schemaCheckCommand(
  references: readonly string[],
  settings: Settings,
  terminal: Terminal,
): Promise<number> {
  const report = await runCheck(references, settings);
  writeReport(report, settings, terminal);
  const isUnlocked =
    settings.isOn('locked') && report.definitions.some(({ lock }) => lock === 'outdated' || lock === 'missing');
  const isUnseenNew =
    settings.text('unseen') === 'fail' &&
    report.definitions.some(({ pairs }) => pairs.some(({ newlyUnseen }) => newlyUnseen.length > 0));
  if (isUnseenNew) {
    terminal.stderr.write(
      'A refinement or transform is new, which no schema shows, and --unseen fail does not let it pass\n',
    );
  }
  return isUnlocked || isUnseenNew || isReportFailing(report) ? 1 : 0;
}

export async function runCheck(references: readonly string[], settings: Settings): Promise<CheckReport> {
  const candidates = await loadCandidates(references, settings);
  const against = settings.text('against') ?? 'snapshots';
  const baseline = await readBaseline(against, {
    cwd: process.cwd(),
    snapshots: snapshotsFolder(settings),
    names: candidates.map(({ content }) => content.name),
    which: settings.isOn('transitive') ? 'all' : 'latest',
  });
  return checkDefinitions(candidates, baseline, {
    reader: readerOf(settings),
    againstOption: against,
    removed: references.length === 0 ? await readRemovals(snapshotsFolder(settings), baseline.others) : [],
  });
}

export function readerOf(settings: Settings): ReaderModel {
  return settings.text('reader') === 'zod' ? 'zod' : 'validator';
}

/** Text is for people and goes to stderr; every other format is for programs, and people get one line beside it. */
export function writeReport(report: CheckReport, settings: Settings, terminal: Terminal): void {
  const format = reportFormats.find((name) => name === settings.text('format')) ?? 'text';
  const output = format === 'text' ? terminal.stderr : terminal.stdout;
  output.write(formatReport(report, format, version()));
  if (format !== 'text') terminal.stderr.write(`${summaryLine(report)}\n`);
}
