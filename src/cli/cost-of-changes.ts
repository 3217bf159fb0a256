import { stat } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Estimate, EstimateOptions } from '../estimate/estimate-run.ts';
import type { Extraction } from '../extraction/definition.ts';
import { GleanerError } from '../gleaner-error.ts';
import { isRegularFile } from '../records/open-input.ts';
import type { RunSummary } from '../run/session/run-in-directory.ts';
import { fileNames } from '../store/run-directory.ts';
import { formatCount, formatUsd } from '../text/format.ts';
import { isElsewhere } from './open-elsewhere.ts';

/** Bytes of an input that are read once more without being asked to: a few seconds' work. */
const MOST_READ_UNASKED = 64 * 1024 * 1024;

export interface ChangedRun {
  extraction: Extraction;
  /** As it was typed. */
  definition: string;
  options: EstimateOptions & { out: string };
}

/** A refusal for what differs from the run that is there, with how many records would be asked for if that were accepted, and for how much. */
export async function withCostOfChanges(refusal: GleanerError, changed: ChangedRun): Promise<GleanerError> {
  const { code, message, facts } = refusal;
  return new GleanerError(code, `${message}${await costText(changed)}`, { cause: refusal, facts });
}

/** The same for a run that was refused on its way. */
export async function reasonWithCostOfChanges(summary: RunSummary, changed: ChangedRun): Promise<RunSummary> {
  return { ...summary, reason: `${summary.reason ?? 'refused'}${await costText(changed)}` };
}

/** What is said before changes are accepted; undefined where there is no run whose changes they could be, or it would take long to say. */
export async function noticeOfChanges(changed: ChangedRun): Promise<string | undefined> {
  const { input, out } = changed.options;
  if (!existsSync(join(out, fileNames.manifest)) || !(await isReadSoon(input))) return undefined;
  const estimate = await estimateOf(changed);
  return estimate && `With the changes accepted, what is to be asked for is ${sumOf(estimate)}`;
}

async function costText(changed: ChangedRun): Promise<string> {
  const { definition, options } = changed;
  const { input, out } = options;
  if (input === '-' || isElsewhere(input)) return '';
  const estimate = (await isReadSoon(input)) ? await estimateOf(changed) : undefined;
  return estimate === undefined
    ? ` (gleaner estimate ${definition} ${input} --out ${out} says how many, and for how much)`
    : `: that is ${sumOf(estimate)}`;
}

async function isReadSoon(input: string): Promise<boolean> {
  if (input === '-' || isElsewhere(input) || !(await isRegularFile(input))) return false;
  return (await stat(input)).size <= MOST_READ_UNASKED;
}

/** Undefined where it cannot be told: what is wrong is the run's to say. */
async function estimateOf({ extraction, options }: ChangedRun): Promise<Estimate | undefined> {
  const { estimateRun } = await import('../estimate/estimate-run.ts');
  return estimateRun(extraction, options).catch(() => undefined);
}

function sumOf({ records, input, usd }: Estimate): string {
  const of = `${formatCount(records)} of ${formatCount(input.read)} records`;
  if (records === 0) return of;
  const parts = [
    input.new === 0 ? '' : `${formatCount(input.new)} new`,
    input.changed === 0 ? '' : `${formatCount(input.changed)} changed`,
  ].filter((part) => part !== '');
  return `${of} (${parts.join(', ')}), ${usd === null ? 'at an unknown price' : `for about ${formatUsd(usd.expected)}`}`;
}
