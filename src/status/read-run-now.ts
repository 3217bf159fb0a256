import { readFileSync } from 'node:fs';
import { ratesIn, type EvidenceRates } from '../evidence/evidence-rates.ts';
import { findRun } from '../export/find-run.ts';
import { withEvidence } from '../report/html/evidence.ts';
import { htmlReport } from '../report/html/report.ts';
import { rejectAdvice } from '../run/session/reject-advice.ts';
import { RunFollower, type RunState } from './run-follower.ts';

/**
 * Reads what a run did and cost by now, whether a session is at work on it or not; takes no lock and writes nothing.
 *
 * @throws {GleanerError} when the directory is missing or holds no run
 */
export function readRunNow(directory: string): { state: RunState; evidence: EvidenceRates | undefined } {
  return { state: new RunFollower(directory).read(), evidence: evidenceOf(directory) };
}

/** The page for people, made anew from a run's files. */
export function reportPage(
  { usage, manifest, aggregates }: Pick<RunState, 'usage' | 'manifest' | 'aggregates'>,
  evidence?: EvidenceRates,
): string {
  const page = htmlReport({ usage, manifest, aggregates, advice: rejectAdvice });
  return evidence === undefined ? page : withEvidence(page, evidence);
}

/** The rates in profile.json, where evidence was looked for. */
function evidenceOf(directory: string): EvidenceRates | undefined {
  try {
    return ratesIn(JSON.parse(readFileSync(findRun(directory).file('profile'), 'utf8')));
  } catch {
    return undefined;
  }
}
