import type { RunProfile } from '../accounting/run-profile.ts';
import type { UsageReport } from '../accounting/usage-report.ts';
import type { EvidenceRates } from '../evidence/evidence-rates.ts';
import type { RunStatus } from '../store/manifest.ts';
import { chiSquareTest } from './chi-square.ts';
import { compareEvidence, type FieldFound } from './compare-evidence.ts';
import { compareProfiles, type FieldFill, type FieldTest } from './compare-profiles.ts';
import type { RecordChanges } from './compare-records.ts';
import { correctForMany } from './correct-for-many.ts';
import { counted } from '../text/counted.ts';
import { formatCount } from '../text/format.ts';

/** What two runs can differ in so much that somebody should look. */
export type AlarmKind = 'unfinished' | 'fields' | 'rejects' | 'cost' | 'latency' | 'model' | 'records';

export const ALARM_KINDS: readonly AlarmKind[] = [
  'unfinished',
  'fields',
  'rejects',
  'cost',
  'latency',
  'model',
  'records',
];

export interface Alarm {
  kind: AlarmKind;
  message: string;
}

/** From where on a difference is an alarm. */
export interface CompareThresholds {
  /** Chance of any false alarm among all tests of two runs that are alike. Default 0.001. */
  chance: number;
  /** Change of a share of fillings. Default 0.02. */
  share: number;
  /** Population stability index. Default 0.1. */
  psi: number;
  /** Kolmogorov-Smirnov distance. Default 0.1. */
  distance: number;
  /** Rise of the reject rate. Default 0.01. */
  rejects: number;
  /** Factor by which the cost of a record that was asked for rises. Default 1.25. */
  cost: number;
  /** Factor by which the 90th percentile of latency rises, if that is a quarter of a second at least. Default 2. */
  latency: number;
  /** Factor by which the number of records rises or falls. Default 2. */
  records: number;
}

const DEFAULT_THRESHOLDS: Readonly<CompareThresholds> = {
  chance: 0.001,
  share: 0.02,
  psi: 0.1,
  distance: 0.1,
  rejects: 0.01,
  cost: 1.25,
  latency: 2,
  records: 2,
};

/** Calls of a few milliseconds, as the emulator answers them, take twice as long on a busy machine. */
const SLOWER_MS = 250;

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
  const thresholds = { ...DEFAULT_THRESHOLDS, ...given };
  const { fields, tests: ofProfiles } = compareProfiles(before.profile, after.profile);
  const { evidence, tests: ofEvidence } = compareEvidence(before.evidence, after.evidence);
  const tests = [...ofProfiles, ...ofEvidence];
  const [first, second] = [before.usage, after.usage];
  const rejects = chiSquareTest(rejectCounts(first), rejectCounts(second)) ?? 1;
  const corrected = correctForMany([...tests.map(({ probability }) => probability), rejects]);
  const judged = tests.map((test, index) => {
    const probability = corrected[index] ?? 1;
    return {
      ...test,
      probability,
      isAlarm: probability < thresholds.chance && test.effect >= thresholds[test.measure],
    };
  });
  const comparison: RunComparison = {
    alarms: [],
    status: { before: first.status, after: second.status },
    records: { before: endedRecords(first), after: endedRecords(second), changes },
    rejectRate: { before: rejectRate(first), after: rejectRate(second) },
    usdPerRecord: { before: usdPerRecord(first), after: usdPerRecord(second) },
    latencyMs: { before: latencyOf(first), after: latencyOf(second) },
    models: { before: Object.keys(first.byModel).sort(), after: Object.keys(second.byModel).sort() },
    fields,
    evidence,
    tests: judged,
  };
  comparison.alarms = [
    ...unfinished('this run', second),
    ...unfinished('the run before', first),
    ...alarmsOf(comparison, { ...thresholds, rejectProbability: corrected.at(-1) ?? 1 }),
  ];
  return comparison;
}

/** Part of a run may be unlike the whole, so that nothing is said for sure beside it. */
function unfinished(name: string, { status, records }: UsageReport): Alarm[] {
  if (status === 'finished') return [];
  const ended = endedRecords({ records });
  const of =
    records.remaining === null
      ? counted(ended, 'record')
      : `${formatCount(ended)} of ${counted(ended + records.remaining, 'record')}`;
  return [{ kind: 'unfinished', message: `${name} has not finished (${status}): ${of} ended` }];
}

function alarmsOf(
  { records, rejectRate: rejects, usdPerRecord: cost, latencyMs, models, tests }: RunComparison,
  limits: CompareThresholds & { rejectProbability: number },
): Alarm[] {
  const alarms: Alarm[] = [];
  for (const { field, aspect, before, after } of tests.filter(({ isAlarm }) => isAlarm))
    alarms.push({ kind: 'fields', message: `${field}: other ${aspect}, before ${before}; now ${after}` });
  const rise = (rejects.after ?? 0) - (rejects.before ?? 0);
  if (rise >= limits.rejects && limits.rejectProbability < limits.chance)
    alarms.push({
      kind: 'rejects',
      message: `the reject rate rose from ${percent(rejects.before)} to ${percent(rejects.after)}`,
    });
  const dearer = factor(cost.before, cost.after);
  if (dearer !== undefined && dearer >= limits.cost)
    alarms.push({ kind: 'cost', message: `a record costs ${rounded(dearer)} times as much` });
  const slower = factor(latencyMs.before.p90, latencyMs.after.p90);
  if (slower !== undefined && slower >= limits.latency && latencyMs.after.p90 - latencyMs.before.p90 >= SLOWER_MS)
    alarms.push({ kind: 'latency', message: `calls take ${rounded(slower)} times as long (90th percentile)` });
  if (models.before.length > 0 && models.after.length > 0 && models.before.join() !== models.after.join())
    alarms.push({ kind: 'model', message: `${models.after.join(', ')} answered, before ${models.before.join(', ')}` });
  const more = factor(records.before, records.after);
  if ((more !== undefined && (more >= limits.records || more <= 1 / limits.records)) || records.after === 0)
    alarms.push({
      kind: 'records',
      message: `${counted(records.after, 'record')}, before ${formatCount(records.before)}`,
    });
  return alarms;
}

function endedRecords({ records: { extracted, rejected } }: Pick<UsageReport, 'records'>): number {
  return extracted + rejected;
}

function rejectCounts({ records: { extracted, rejected } }: UsageReport): [number, number] {
  return [extracted, rejected];
}

function rejectRate({ records: { extracted, rejected } }: UsageReport): number | null {
  return extracted + rejected === 0 ? null : rejected / (extracted + rejected);
}

/** What was carried over cost nothing, and how much that is differs from night to night. */
function usdPerRecord({ cost, records: { extracted, rejected, reused } }: UsageReport): number | null {
  const asked = extracted + rejected - reused;
  return cost.usd === null || asked === 0 ? null : cost.usd / asked;
}

function latencyOf({ latencyMs: { p50, p90 } }: UsageReport): { p50: number; p90: number } {
  return { p50, p90 };
}

function factor(before: number | null, after: number | null): number | undefined {
  return before === null || after === null || before === 0 ? undefined : after / before;
}

function percent(value: number | null): string {
  return `${rounded((value ?? 0) * 100)} %`;
}

function rounded(value: number): number {
  return Number(value.toPrecision(3));
}
