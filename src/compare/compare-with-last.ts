import { readFileSync } from 'node:fs';
import { findRun } from '../export/find-run.ts';
import { describeSystemError, systemCode } from '../files/system-error.ts';
import { writeFileAtomically } from '../files/write-file-atomically.ts';
import { GleanerError } from '../gleaner-error.ts';
import { withComparison, type ComparedRun } from '../report/html/comparison-place.ts';
import { shellWord } from '../text/shell-word.ts';
import type { RunComparison } from './comparison.ts';
import { compareRuns } from './compare-runs.ts';
import { lastRunBefore } from './last-run.ts';

/** How a run differs from the one of the same extraction that finished last before it; undefined where there is none that can be compared. */
export function comparedWithLast(directory: string): ComparedRun | undefined {
  try {
    const before = lastRunBefore(directory);
    if (before === undefined) return undefined;
    return comparedRun(before, directory, compareRuns(before, directory, {}, { isWithRecords: false }));
  } catch (error) {
    // A run whose reports are damaged, or a directory that cannot be listed, is as good as none here; `gleaner compare` says so.
    if (error instanceof GleanerError || systemCode(error) !== undefined) return undefined;
    throw error;
  }
}

/** A comparison as the page of the later run shows it. */
export function comparedRun(
  before: string,
  after: string,
  { alarms, fields, tests }: Pick<RunComparison, 'alarms' | 'fields' | 'tests'>,
): ComparedRun {
  return {
    before,
    alarms: alarms.map(({ message }) => message),
    fields: fields.length,
    tests: tests.length,
    command: `gleaner compare ${shellWord(before)} ${shellWord(after)}`,
  };
}

/** Shows on the page of a run how it differs from the last one. What fails changes nothing of the run: the page says that nothing is compared. */
export function showComparisonWithLast(directory: string): void {
  const compared = comparedWithLast(directory);
  if (compared === undefined) return;
  try {
    writeComparison(directory, compared);
  } catch (error) {
    if (!(error instanceof GleanerError)) throw error;
  }
}

/**
 * Writes a comparison into the page of the later run, where that has one.
 *
 * @throws {GleanerError} when the page cannot be read or written
 */
export function writeComparison(directory: string, compared: ComparedRun): void {
  const path = findRun(directory).file('report');
  try {
    const page = readFileSync(path, 'utf8');
    const changed = withComparison(page, compared);
    if (changed !== page) writeFileAtomically(path, changed);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return;
    throw new GleanerError('output-unwritable', `Cannot write ${path}: ${describeSystemError(error)}`, {
      cause: error,
    });
  }
}
