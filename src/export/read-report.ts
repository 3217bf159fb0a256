import { parseJsonObject } from '../json/parse-json.ts';
import { readFileSync } from 'node:fs';
import type { UsageReport } from '../accounting/usage-report.ts';
import { isEmulatorName } from '../completion/service.ts';
import { ratesIn, type EvidenceRates } from '../evidence/evidence-rates.ts';
import { describeSystemError, systemCode } from '../files/system-error.ts';
import { GleanerError } from '../gleaner-error.ts';
import { isJsonObject } from '../json/value.ts';
import { findRun, type FoundRun } from './find-run.ts';

/** What a run did and cost, as its directory tells. */
export interface RunReport {
  /** The figures of usage.json, which are of the sessions that have ended. */
  usage: UsageReport;
  /** Whether a session is at work on the directory, or was killed: the figures are of the ones before it. */
  isRunning: boolean;
  /** Whether the answers came from the emulator, so that the cost is what a service would have asked. */
  isEmulated: boolean;
  /** How much of the results stands in the records, where that was looked for. */
  evidence?: EvidenceRates;
  /**
   * The page for people, a whole HTML document.
   *
   * @throws {GleanerError} when report.html cannot be read
   */
  page(): string;
}

/**
 * Reads the report of a run directory, as `gleaner report` shows it.
 *
 * @throws {GleanerError} when the directory is missing, holds no run, or no session has ended in it
 */
export function readReport(directory: string): RunReport {
  const run = findRun(directory);
  const evidence = evidenceOf(run);
  return {
    usage: parseUsage(readReported(run, 'usage'), run),
    isRunning: run.manifest.status === 'running',
    isEmulated: isEmulatorName(run.manifest.identity['service']),
    ...(evidence === undefined ? {} : { evidence }),
    page: () => readReported(run, 'report'),
  };
}

/** The rates in profile.json, where evidence was looked for. */
function evidenceOf(run: FoundRun): EvidenceRates | undefined {
  try {
    return ratesIn(JSON.parse(readFileSync(run.file('profile'), 'utf8')));
  } catch {
    return undefined;
  }
}

function readReported(run: FoundRun, name: 'usage' | 'report'): string {
  try {
    return readFileSync(run.file(name), 'utf8');
  } catch (error) {
    const reason =
      systemCode(error) === 'ENOENT'
        ? 'it is written when a session ends, and none has; repeat the run command'
        : describeSystemError(error);
    throw new GleanerError('run-unreadable', `Cannot read ${run.file(name)}: ${reason}`, { cause: error });
  }
}

function parseUsage(text: string, run: FoundRun): UsageReport {
  const value = parseJsonObject(text);
  const parts = ['records', 'calls', 'tokens', 'cost', 'latencyMs'];
  if (value !== undefined && parts.every((part) => isJsonObject(value[part]))) return value as unknown as UsageReport;
  throw new GleanerError(
    'run-unreadable',
    `Cannot read ${run.file('usage')}: it is no usage report; repeat the run command to mend it`,
  );
}
