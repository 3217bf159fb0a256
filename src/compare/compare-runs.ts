import { readFileSync } from 'node:fs';
import type { RunProfile } from '../accounting/run-profile.ts';
import type { UsageReport } from '../accounting/usage-report.ts';
import { ratesIn } from '../evidence/evidence-rates.ts';
import { findRun, type FoundRun } from '../export/find-run.ts';
import { describeSystemError, systemCode } from '../files/system-error.ts';
import { GleanerError } from '../gleaner-error.ts';
import { isJsonObject, type JsonObject } from '../json/value.ts';
import type { CompareThresholds } from './alarms.ts';
import { compareNights, type Night, type RunComparison } from './comparison.ts';
import { compareRecords } from './compare-records.ts';

/**
 * Compares two run directories of one extraction by their usage.json and profile.json; the records themselves only where both still have their
 * results and that is wanted.
 *
 * @throws {GleanerError} when a directory holds no run, no report yet, or the run of another extraction
 */
export function compareRuns(
  before: string,
  after: string,
  thresholds: Partial<CompareThresholds> = {},
  { isWithRecords = true }: { isWithRecords?: boolean } = {},
): RunComparison {
  const [first, second] = [findRun(before), findRun(after)];
  const [nightBefore, nightAfter] = [nightOf(first), nightOf(second)];
  const [one, other] = [nightBefore.usage.extraction, nightAfter.usage.extraction];
  if (one !== other)
    throw new GleanerError(
      'run-differs',
      `Cannot compare ${before} with ${after}: one is of ${one}, the other of ${other}`,
    );
  return compareNights(nightBefore, nightAfter, isWithRecords ? compareRecords(first, second) : null, thresholds);
}

function nightOf(run: FoundRun): Night {
  const usage = readReport(run, 'usage');
  const profile = readReport(run, 'profile');
  if (!isJsonObject(usage['records']) || !isJsonObject(profile['fields']))
    throw new GleanerError('run-unreadable', `Cannot compare ${run.path}: its reports are not those of a run`);
  const evidence = ratesIn(profile);
  return {
    // A session that is at work now, or was killed, has left the report of the one before it.
    usage: { ...(usage as unknown as UsageReport), status: run.manifest.status },
    profile: { resultsBeyondFields: 0, ...profile } as unknown as RunProfile,
    ...(evidence === undefined ? {} : { evidence }),
  };
}

function readReport(run: FoundRun, name: 'usage' | 'profile'): JsonObject {
  const path = run.file(name);
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (!isJsonObject(value)) throw new Error('it is no JSON object');
    return value;
  } catch (error) {
    const reason =
      systemCode(error) === 'ENOENT'
        ? 'it is written when a session ends; repeat the run command'
        : describeSystemError(error);
    throw new GleanerError('run-unreadable', `Cannot read ${path}: ${reason}`, { cause: error });
  }
}
