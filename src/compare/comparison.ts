import type { RunProfile } from '../accounting/run-profile.ts';
import type { UsageReport } from '../accounting/usage-report.ts';
import type { EvidenceRates } from '../evidence/evidence-rates.ts';
import type { RunStatus } from '../store/manifest.ts';
import { DEFAULT_THRESHOLDS, type Alarm, type CompareThresholds } from './alarms.ts';
import { chiSquareTest } from './chi-square.ts';
import { compareEvidence, type FieldFound } from './compare-evidence.ts';
import { compareProfiles, type FieldFill, type FieldTest } from './compare-profiles.ts';
import type { RecordChanges } from './compare-records.ts';
import { findAlarms } from './find-alarms.ts';
import { countsOfEnds, endedRecords, modelNames, rejectRate, usdPerRecord } from './night-figures.ts';
import { correctForMany } from './correct-for-many.ts';

/** What is compared of a run: its reports, so that runs whose results are gone still compare. */
export interface Night {
  usage: UsageReport;
  profile: RunProfile;
  /** How much of the results stands in the records, where that was looked for. */
  evidence?: EvidenceRates;
}

export interface Pair<Value> {
  before: Value;
  after: Value;
}

export interface RunComparison {
  alarms: Alarm[];
  /** How each run stands: what is not `finished` is compared as far as it came. */
  status: Pair<RunStatus>;
  /** Records that have ended, as results or rejects. */
  records: Pair<number> & { changes: RecordChanges | null };
  rejectRate: Pair<number | null>;
  /** US dollars for each record that was asked for; null where a price is not known or nothing was asked. */
  usdPerRecord: Pair<number | null>;
  latencyMs: Pair<{ p50: number; p90: number }>;
  models: Pair<string[]>;
  fields: FieldFill[];
  /** Results with fields that no profile tells apart, and that are not compared. */
  resultsBeyondFields: Pair<number>;
  /** How much of the values stands in the records; empty where evidence was not looked for in both runs. */
  evidence: FieldFound[];
  /** Every test, with its probability corrected for their number. */
  tests: (FieldTest & { isAlarm: boolean })[];
}

/** Compares two runs of an extraction: what they read, cost and found. */
export function compareNights(
  before: Night,
  after: Night,
  changes: RecordChanges | null = null,
  given: Partial<CompareThresholds> = {},
): RunComparison {
  // A number of records is exact: whoever gives a factor knows the feed.
  const ofFeed = given.records === undefined ? {} : { recordsBy: 0 };
  const thresholds = { ...DEFAULT_THRESHOLDS, ...ofFeed, ...given };
  const { fields, tests: ofProfiles } = compareProfiles(before.profile, after.profile);
  const { evidence, tests: ofEvidence } = compareEvidence(before.evidence, after.evidence);
  const tests = [...ofProfiles, ...ofEvidence];
  const [first, second] = [before.usage, after.usage];
  const rejects = chiSquareTest(countsOfEnds(first), countsOfEnds(second)) ?? 1;
  const corrected = correctForMany([...tests.map(({ probability }) => probability), rejects]);
  const judged = tests.map((test, index) => {
    const probability = corrected[index] ?? 1;
    return {
      ...test,
      probability,
      isAlarm: probability < thresholds.chance && test.effect >= thresholds[test.measure],
    };
  });
  return {
    alarms: findAlarms({ before: first, after: second }, judged, corrected.at(-1) ?? 1, thresholds),
    status: { before: first.status, after: second.status },
    records: { before: endedRecords(first), after: endedRecords(second), changes },
    rejectRate: { before: rejectRate(first), after: rejectRate(second) },
    usdPerRecord: { before: usdPerRecord(first), after: usdPerRecord(second) },
    latencyMs: { before: latencyOf(first), after: latencyOf(second) },
    models: { before: modelNames(first), after: modelNames(second) },
    fields,
    resultsBeyondFields: { before: before.profile.resultsBeyondFields, after: after.profile.resultsBeyondFields },
    evidence,
    tests: judged,
  };
}

function latencyOf({ latencyMs: { p50, p90 } }: UsageReport): { p50: number; p90: number } {
  return { p50, p90 };
}
