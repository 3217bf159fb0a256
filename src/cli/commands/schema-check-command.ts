import { join } from 'node:path';
import { readAcceptances, type StoredAcceptance } from '../../evolution/check/accept-record.ts';
import { checkDefinitions, isReportFailing, type CheckReport } from '../../evolution/check/check.ts';
import { summaryLine } from '../../evolution/check/formats/describe-pair.ts';
import { formatReport, reportFormats, type ReportFormat } from '../../evolution/check/formats/format-report.ts';
import type { CompatibilityMode } from '../../extraction/definition.ts';
import { version } from '../../packages/version.ts';
import { readBaselines, withoutLost } from './schema-baselines.ts';
import { loadCandidates, nothingFound } from './schema-candidates.ts';
import { gateSettings } from './schema-gate-settings.ts';
import type { comparingFlags, budgetFlag, reportFormatFlag, schemaCheckFlags } from '../settings/flags/schema-flags.ts';
import type { Settings } from '../settings/settings.ts';
import type { Terminal } from '../terminal/terminal.ts';

/**
 * `gleaner schema check [<definition>...]`: 0 where nothing breaks, 1 where something does or could not be decided, 2 where a
 * definition could not be looked at.
 */
export async function schemaCheckCommand(
  references: readonly string[],
  settings: Settings<typeof schemaCheckFlags>,
  terminal: Terminal,
): Promise<number> {
  const { report, isLockDemanded } = await runCheck(references, settings, formatOf(settings));
  writeReport(report, settings, terminal);
  if (report.unloaded.length > 0) return 2;
  const isLocked = settings.isOn('locked') || isLockDemanded;
  const isUnlocked = isLocked && report.definitions.some(({ lock }) => lock === 'outdated' || lock === 'missing');
  return isUnlocked || isReportFailing(report) ? 1 : 0;
}

export interface CheckRun {
  readonly report: CheckReport;
  /** Where snapshots and acceptances of each definition lie, by its name. */
  readonly folders: ReadonlyMap<string, string>;
  /** Whether a definition that is not its newest snapshot fails the check as well. */
  readonly isLockDemanded: boolean;
}

export async function runCheck(
  references: readonly string[],
  settings: Settings<typeof comparingFlags>,
  format: ReportFormat = 'text',
): Promise<CheckRun> {
  const found = await loadCandidates(references, settings, settings.text('mode') as CompatibilityMode | undefined);
  // The project file is edited in the same pull request: it lowers the mode no more than the definition may.
  const isOfProject = settings.isOfProject('mode');
  const loaded = found.candidates.map((one) => (isOfProject ? { ...one, isModeGiven: false } : one));
  const isWhole = references.length === 0 && found.unloaded.length === 0;
  const against = settings.text('against') ?? 'snapshots';
  const gate = await gateSettings(settings, against);
  const { baseline, movedFrom } = await readBaselines(loaded, { against, isWhole, gate });
  const { candidates, unloaded: lost } = withoutLost(loaded, { movedFrom, place: gate.place });
  const unloaded = [...found.unloaded, ...lost];
  const isNothing = candidates.length === 0 && baseline.others.size === 0;
  // Programs are told of a definition that does not load in their own format, people as of any other failure.
  if (isNothing && (unloaded.length === 0 || (unloaded.length === 1 && format === 'text')))
    throw nothingFound({ candidates, unloaded });
  const acceptedRemovals = new Map<string, readonly StoredAcceptance[]>();
  for (const name of baseline.others.keys()) acceptedRemovals.set(name, await readAcceptances(join(gate.place, name)));
  const report = checkDefinitions(candidates, baseline, {
    reader: gate.reader,
    againstOption: against,
    isWhole,
    unseen: gate.unseen,
    acceptedRemovals,
    unloaded: unloaded.map(({ reference, file, message }) => ({ reference, file, message })),
    remarks: gate.remarks,
    ...budgetOf(settings),
  });
  return {
    report,
    isLockDemanded: gate.isLockDemanded,
    folders: new Map(candidates.map(({ content, folder }) => [content.name, folder])),
  };
}

function formatOf(settings: Settings<readonly [typeof reportFormatFlag]>): ReportFormat {
  return reportFormats.find((name) => name === settings.text('format')) ?? 'text';
}

/** The budget of a comparison, where one was given. */
export function budgetOf(settings: Settings<readonly [typeof budgetFlag]>): { budget?: number } {
  const budget = settings.number('budget');
  return budget === undefined ? {} : { budget };
}

/** Text is for people and goes to stderr; every other format is for programs, and people get one line beside it. */
export function writeReport(
  report: CheckReport,
  settings: Settings<readonly [typeof reportFormatFlag]>,
  terminal: Terminal,
): void {
  const format = formatOf(settings);
  const output = format === 'text' ? terminal.stderr : terminal.stdout;
  output.write(formatReport(report, format, version()));
  if (format !== 'text') terminal.stderr.write(`${summaryLine(report)}\n`);
}
