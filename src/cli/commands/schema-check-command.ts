import { dirname, join } from 'node:path';
import { readAcceptances, type StoredAcceptance } from '../../evolution/check/accept-record.ts';
import type { Baseline } from '../../evolution/check/baseline-schema.ts';
import { readBaseline } from '../../evolution/check/baseline.ts';
import { checkDefinitions, isReportFailing, type CheckReport } from '../../evolution/check/check.ts';
import { summaryLine } from '../../evolution/check/formats/describe-pair.ts';
import { formatReport, reportFormats, type ReportFormat } from '../../evolution/check/formats/format-report.ts';
import type { CompatibilityMode } from '../../extraction/definition.ts';
import type { ReaderModel } from '../../evolution/engine/reader-model.ts';
import { version } from '../../version.ts';
import { loadCandidates, nothingFound, snapshotsFolder, type Candidate } from './schema-candidates.ts';
import type {
  comparingFlags,
  budgetFlag,
  readerFlag,
  reportFormatFlag,
  schemaCheckFlags,
} from '../settings/flags/schema-flags.ts';
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
  const { report } = await runCheck(references, settings, formatOf(settings));
  writeReport(report, settings, terminal);
  if (report.unloaded.length > 0) return 2;
  const isUnlocked =
    settings.isOn('locked') && report.definitions.some(({ lock }) => lock === 'outdated' || lock === 'missing');
  return isUnlocked || isReportFailing(report) ? 1 : 0;
}

export interface CheckRun {
  readonly report: CheckReport;
  /** Where snapshots and acceptances of each definition lie, by its name. */
  readonly folders: ReadonlyMap<string, string>;
}

export async function runCheck(
  references: readonly string[],
  settings: Settings<typeof comparingFlags>,
  format: ReportFormat = 'text',
): Promise<CheckRun> {
  const found = await loadCandidates(references, settings, settings.text('mode') as CompatibilityMode | undefined);
  const { unloaded } = found;
  // The project file is edited in the same pull request: it lowers the mode no more than the definition may.
  const isOfProject = settings.isOfProject('mode');
  const candidates = found.candidates.map((one) => (isOfProject ? { ...one, isModeGiven: false } : one));
  const isWhole = references.length === 0 && unloaded.length === 0;
  const against = settings.text('against') ?? 'snapshots';
  const baseline = await readBaselines(against, candidates, { isWhole, settings });
  const isNothing = candidates.length === 0 && baseline.others.size === 0;
  // Programs are told of a definition that does not load in their own format, people as of any other failure.
  if (isNothing && (unloaded.length === 0 || (unloaded.length === 1 && format === 'text'))) throw nothingFound(found);
  const acceptedRemovals = new Map<string, readonly StoredAcceptance[]>();
  for (const name of baseline.others.keys())
    acceptedRemovals.set(name, await readAcceptances(join(snapshotsFolder(settings), name)));
  const report = checkDefinitions(candidates, baseline, {
    reader: readerOf(settings),
    againstOption: against,
    isWhole,
    unseen: settings.text('unseen') === 'fail' ? 'fail' : 'note',
    acceptedRemovals,
    unloaded: unloaded.map(({ reference, file, message }) => ({ reference, file, message })),
    ...budgetOf(settings),
  });
  return { report, folders: new Map(candidates.map(({ content, folder }) => [content.name, folder])) };
}

/** The baseline of each place where snapshots of these definitions lie, or may have lain. */
async function readBaselines(
  against: string,
  candidates: readonly Candidate[],
  { isWhole, settings }: { isWhole: boolean; settings: Settings<typeof comparingFlags> },
): Promise<Baseline> {
  const main = snapshotsFolder(settings);
  const which = settings.isOn('transitive') ? 'all' : 'latest';
  const options = { cwd: process.cwd(), which } as const;
  const names = candidates.map(({ content }) => content.name);
  const baseline = await readBaseline(against, { ...options, snapshots: main, names, withOthers: isWhole });
  const schemas = new Map(baseline.schemas);
  const elsewhere = new Map<string, string[]>();
  for (const { content, folder } of candidates) {
    const root = dirname(folder);
    if (root === main || (schemas.get(content.name) ?? []).length > 0) continue;
    elsewhere.set(root, [...(elsewhere.get(root) ?? []), content.name]);
  }
  for (const [snapshots, some] of elsewhere) {
    const beside = await readBaseline(against, { ...options, snapshots, names: some });
    for (const name of some) schemas.set(name, beside.schemas.get(name) ?? []);
  }
  return { ...baseline, schemas };
}

export function readerOf(settings: Settings<readonly [typeof readerFlag]>): ReaderModel {
  return settings.text('reader') === 'zod' ? 'zod' : 'validator';
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
