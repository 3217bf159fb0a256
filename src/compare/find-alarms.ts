import type { UsageReport } from '../accounting/usage-report.ts';
import { counted } from '../text/counted.ts';
import { formatCount } from '../text/format.ts';
import type { Alarm, CompareThresholds } from './alarms.ts';
import type { FieldTest } from './compare-profiles.ts';
import { askedRecords, endedRecords, modelNames, rejectRate, timedCalls, usdPerRecord } from './night-figures.ts';

/** Calls of a few milliseconds, as the emulator answers them, take twice as long on a busy machine. */
const SLOWER_MS = 250;

/** Calls that a 90th percentile must rest on: of fewer, it is the latency of some twenty calls, and one busy minute has them all. */
const LEAST_CALLS = 200;

/** Standard deviations that a normal variable exceeds on either side once in a thousand times. */
const RARE_DEVIATIONS = 3.3;

interface Nights {
  before: UsageReport;
  after: UsageReport;
}

/** Says what of two runs needs a look. `rejectProbability` says how likely their rejects are if both are alike. */
export function findAlarms(
  nights: Nights,
  tests: readonly (FieldTest & { isAlarm: boolean })[],
  rejectProbability: number,
  thresholds: CompareThresholds,
): Alarm[] {
  return [
    ...unfinished('this run', nights.after),
    ...unfinished('the run before', nights.before),
    ...tests
      .filter(({ isAlarm }) => isAlarm)
      .map(({ field, aspect, before, after }): Alarm => ({
        kind: 'fields',
        message: `${field}: other ${aspect}, before ${before}; now ${after}`,
      })),
    ...(rejectProbability < thresholds.chance ? moreRejects(nights, thresholds.rejects) : []),
    ...dearer(nights, thresholds.cost),
    ...slower(nights, thresholds.latency),
    ...otherModels(nights, thresholds.chance),
    ...otherNumber(nights, thresholds),
  ];
}

/** Part of a run may be unlike the whole, so that nothing is said for sure beside it. */
function unfinished(name: string, usage: UsageReport): Alarm[] {
  const { status, records } = usage;
  if (status === 'finished') return [];
  const ended = endedRecords(usage);
  const of =
    records.remaining === null
      ? counted(ended, 'record')
      : `${formatCount(ended)} of ${counted(ended + records.remaining, 'record')}`;
  return [{ kind: 'unfinished', message: `${name} has not finished (${status}): ${of} ended` }];
}

function moreRejects({ before, after }: Nights, threshold: number): Alarm[] {
  const [first, second] = [rejectRate(before) ?? 0, rejectRate(after) ?? 0];
  if (second - first < threshold) return [];
  return [{ kind: 'rejects', message: `the reject rate rose from ${percent(first)} to ${percent(second)}` }];
}

/** The fewer records, the more a mean of theirs differs from night to night by chance. */
function dearer({ before, after }: Nights, threshold: number): Alarm[] {
  const times = factor(usdPerRecord(before), usdPerRecord(after));
  if (times === undefined || times < threshold) return [];
  const error = Math.max(costScatter(before), costScatter(after)) * Math.hypot(...[before, after].map(ofMean));
  if (Math.log(times) < RARE_DEVIATIONS * error) return [];
  return [{ kind: 'cost', message: `a record costs ${rounded(times)} times as much` }];
}

function ofMean(usage: UsageReport): number {
  return 1 / Math.sqrt(askedRecords(usage));
}

/**
 * Says by how much of their mean the costs of records scatter. Reports hold sums only, so that it is taken for as much as the mean itself, which long and
 * short texts in one input come to; where a cascade asks a dear model for few, it is more.
 */
function costScatter(usage: UsageReport): number {
  const { cascade } = usage;
  const asked = askedRecords(usage);
  if (cascade === undefined || cascade.cheap.usd === null || cascade.strong.usd === null) return 1;
  const escalated = Math.min(asked, cascade.strong.calls);
  const usd = cascade.cheap.usd + cascade.strong.usd;
  if (escalated === 0 || usd === 0) return 1;
  const share = escalated / asked;
  return Math.max(1, ((cascade.strong.usd / escalated) * Math.sqrt(share * (1 - share)) * asked) / usd);
}

function slower({ before, after }: Nights, threshold: number): Alarm[] {
  if (Math.min(timedCalls(before), timedCalls(after)) < LEAST_CALLS) return [];
  const [first, second] = [before.latencyMs.p90, after.latencyMs.p90];
  const times = factor(first, second);
  if (times === undefined || times < threshold || second - first < SLOWER_MS) return [];
  return [{ kind: 'latency', message: `calls take ${rounded(times)} times as long (90th percentile)` }];
}

function otherModels({ before, after }: Nights, chance: number): Alarm[] {
  const [first, second] = [modelNames(before), modelNames(after)];
  if (first.length === 0 || second.length === 0) return [];
  const isNews = first.every((model) => !second.includes(model)) || isMoreThanChance({ before, after }, chance);
  return isNews ? [{ kind: 'model', message: `${second.join(', ')} answered, before ${first.join(', ')}` }] : [];
}

/**
 * Says whether a model answered in one run only, and not by chance. Of several models a cascade asks one for few records, and some nights for none;
 * without a cascade, any other model is news.
 */
function isMoreThanChance({ before, after }: Nights, chance: number): boolean {
  const all = callsByModel(before) + callsByModel(after);
  const isCascade = before.cascade !== undefined && after.cascade !== undefined;
  return [[before, after] as const, [after, before] as const].some(([one, other]) =>
    Object.entries(one.byModel).some(
      ([model, { calls }]) =>
        other.byModel[model] === undefined && (!isCascade || (callsByModel(one) / all) ** calls < chance),
    ),
  );
}

function callsByModel({ byModel }: UsageReport): number {
  return Object.values(byModel).reduce((sum, { calls }) => sum + calls, 0);
}

function otherNumber({ before, after }: Nights, { records, recordsBy }: CompareThresholds): Alarm[] {
  const [first, second] = [endedRecords(before), endedRecords(after)];
  const times = factor(first, second);
  const isOther = times !== undefined && (times >= records || times <= 1 / records);
  if (second > 0 && !(isOther && Math.abs(second - first) >= recordsBy)) return [];
  return [{ kind: 'records', message: `${counted(second, 'record')}, before ${formatCount(first)}` }];
}

function factor(before: number | null, after: number | null): number | undefined {
  return before === null || after === null || before === 0 ? undefined : after / before;
}

function percent(value: number): string {
  return `${rounded(value * 100)} %`;
}

function rounded(value: number): number {
  return Number(value.toPrecision(3));
}
