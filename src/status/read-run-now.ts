import { readFileSync } from 'node:fs';
import { comparedWithLast } from '../compare/compare-with-last.ts';
import { ratesIn, type EvidenceRates } from '../evidence/evidence-rates.ts';
import { findRun } from '../export/find-run.ts';
import { withComparison } from '../report/html/comparison-place.ts';
import { withEvidence } from '../report/html/evidence.ts';
import { RunFollower, type RunState } from './run-follower.ts';

/** What a run did and cost by now. */
export interface RunNow {
  state: RunState;
  /** How much of the results stands in the records, where that was looked for. */
  evidence: EvidenceRates | undefined;
  /** The page for people, made anew from the files of the run. */
  page(): string;
}

/**
 * Reads what a run did and cost by now, whether a session is at work on it or not; takes no lock and writes nothing.
 *
 * @throws {GleanerError} when the directory is missing or holds no run
 */
export function readRunNow(directory: string): RunNow {
  const follower = new RunFollower(directory);
  const state = follower.read();
  const evidence = evidenceOf(directory);
  return {
    state,
    evidence,
    page: () => {
      const page = follower.page(state);
      const compared = state.usage.status === 'finished' ? comparedWithLast(directory) : undefined;
      const told = compared === undefined ? page : withComparison(page, compared);
      return evidence === undefined ? told : withEvidence(told, evidence);
    },
  };
}

/** The rates in profile.json, where evidence was looked for. */
function evidenceOf(directory: string): EvidenceRates | undefined {
  try {
    return ratesIn(JSON.parse(readFileSync(findRun(directory).file('profile'), 'utf8')));
  } catch {
    return undefined;
  }
}
