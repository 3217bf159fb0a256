import { hash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PriceRowInput } from '../../accounting/price-file.ts';
import type { BatchFigures, UsageReport } from '../../accounting/usage-report.ts';
import { findRun, type FoundRun } from '../../export/find-run.ts';
import { GleanerError } from '../../gleaner-error.ts';
import { isJsonObject } from '../../json/value.ts';
import { refuseSubmittedPlace } from '../../store/refuse-submitted-place.ts';
import { fileNames } from '../../store/run-directory.ts';
import type { MergedPart, MergePart } from '../merge/merge-part.ts';
import { mergeParts } from '../merge/merge-parts.ts';
import { Plan } from '../plan/plan.ts';
import { nameOfShard, readShard, type Shard } from './shard.ts';

export interface MergeShardsOptions {
  out: string;
  /** Default: that of the shards, where they agree. */
  maxRejectRate?: number | undefined;
  /** Default 1. */
  minRecords?: number | undefined;
  prices?: readonly PriceRowInput[] | undefined;
  onNotice?: ((notice: string) => void) | undefined;
  signal?: AbortSignal | undefined;
}

interface ShardRun {
  run: FoundRun;
  shard: Shard;
  usage: UsageReport;
}

/**
 * Merges the run directories of all shards of an input into one of an ordinary run.
 *
 * @throws {GleanerError} when shards are missing, not finished, there twice or of different runs, naming them
 */
export async function mergeShards(directories: readonly string[], options: MergeShardsOptions): Promise<UsageReport> {
  const { out, maxRejectRate, minRecords = 1, prices, onNotice, signal } = options;
  refuseSubmittedPlace(out, { hasRun: existsSync(join(out, fileNames.manifest)) });
  const shards = directories.map(readShardRun);
  const [first] = shards;
  if (first === undefined) throw refused('no shard is given; name the run directories of all of them');
  const byIndex = arrange(shards);
  const plan = planOf(byIndex);
  const parts = byIndex.map(({ run }): MergePart => ({ directory: run.path }));
  return mergeParts({
    plan,
    out,
    partsOf: ({ chunk }) => parts.slice(chunk % parts.length, (chunk % parts.length) + 1),
    // A shard without a chunk has no call either, but what a person said of it, and what was set aside, is taken over.
    ledgersOnly: parts.slice(plan.end.chunks),
    spansChunks: true,
    partCount: parts.length,
    state: hash('sha256', byIndex.map(({ usage }) => JSON.stringify(usage)).join('\n')).slice(0, 16),
    limits: { maxRejectRate: maxRejectRate ?? commonRejectRate(byIndex), minRecords },
    prices,
    figures: sumOfFigures(byIndex.map(({ usage }) => usage.batch)),
    settings: { shards: parts.length },
    check: (merged) => reconcile(byIndex, merged),
    signal,
    hold: { onWait: onNotice },
  });
}

function readShardRun(directory: string): ShardRun {
  const run = findRun(directory);
  const { input } = run.manifest.identity;
  const part = isJsonObject(input) ? input['part'] : undefined;
  const name = isJsonObject(part) ? part['shard'] : undefined;
  if (typeof name !== 'string')
    throw refused(`${directory} is the run directory of no shard; it was not begun with a shard`);
  const shard = readShard(name, {});
  if (run.manifest.status !== 'finished') {
    const { status } = run.manifest;
    throw refused(
      `shard ${name} in ${directory} is not finished, its run is ${status === 'running' ? 'at work or was killed' : status}; repeat its command first`,
    );
  }
  return { run, shard, usage: readUsage(run) };
}

function readUsage({ path, file }: FoundRun): UsageReport {
  try {
    const usage: unknown = JSON.parse(readFileSync(file('usage'), 'utf8'));
    if (isJsonObject(usage) && isJsonObject(usage['calls']) && isJsonObject(usage['tokens']))
      return usage as unknown as UsageReport;
  } catch {
    // Said below.
  }
  throw refused(`${path} has no usage.json that can be read; repeat the command of the shard to have it made again`);
}

/** The shards by index. */
function arrange(shards: readonly ShardRun[]): ShardRun[] {
  const [first] = shards;
  const count = first?.shard.count ?? 0;
  const byIndex: ShardRun[] = [];
  for (const { run, shard, usage } of shards) {
    if (shard.count !== count) {
      throw refused(`${first?.run.path} is one of ${count} shards, ${run.path} one of ${shard.count}`);
    }
    const other = byIndex[shard.index];
    if (other !== undefined)
      throw refused(`shard ${nameOfShard(shard)} is there twice, in ${other.run.path} and ${run.path}`);
    byIndex[shard.index] = { run, shard, usage };
  }
  const missing = Array.from({ length: count }, (_, index) => index).filter((index) => byIndex[index] === undefined);
  if (missing.length === 0) return byIndex;
  const names = missing.slice(0, 10).map((index) => nameOfShard({ index, count }));
  const rest = missing.length - names.length;
  const list = names.join(', ') + (rest > 0 ? ` and ${rest} more` : '');
  throw refused(`${missing.length === 1 ? 'shard' : 'shards'} ${list} ${missing.length === 1 ? 'is' : 'are'} missing`);
}

function planOf(shards: readonly ShardRun[]): Plan {
  const found = shards.map(({ run }) => run.file('plan')).find((path) => existsSync(path));
  if (found === undefined) throw refused('none of the shards has its plan.jsonl; restore one of them');
  return Plan.open(found);
}

function commonRejectRate(shards: readonly ShardRun[]): number {
  const [rate = 0, ...others] = new Set(shards.map(({ usage }) => usage.limits?.rejectRate ?? 0));
  return others.length === 0 ? rate : 0;
}

/** What each shard said of itself must be what is in the merged run, to the token and the cent. */
function reconcile(
  shards: readonly ShardRun[],
  { usage, parts }: { usage: UsageReport; parts: readonly MergedPart[] },
): void {
  for (const { run, usage: said } of shards) {
    const found = parts.find(({ directory }) => directory === run.path);
    if (found === undefined) continue;
    const figures = [
      ['results', said.records.extracted, found.results],
      ['rejects', said.records.rejected, found.rejects],
      ['calls', said.calls.sent, found.calls],
      ['tokens', said.tokens.total, found.tokens],
    ] as const;
    for (const [what, one, other] of figures) {
      if (one === other) continue;
      throw refused(
        `${run.path} says ${one} ${what} in usage.json, but its files hold ${other}; repeat the command of the shard, which adds them up again`,
      );
    }
  }
  const dollars = shards.map(({ usage: said }) => said.cost.usd);
  if (usage.cost.usd === null || !dollars.every((usd) => usd !== null)) return;
  const sum = dollars.reduce((total, usd) => total + (usd ?? 0), 0);
  if (Math.abs(sum - usage.cost.usd) < 1e-8 * (shards.length + 1)) return;
  throw refused(
    `the shards cost $${sum.toFixed(6)} by their own reports, but $${usage.cost.usd.toFixed(6)} by the prices here; give the prices that they were given`,
  );
}

function sumOfFigures(all: readonly (BatchFigures | undefined)[]): BatchFigures | undefined {
  const given = all.filter((figures) => figures !== undefined);
  const [first, ...others] = given;
  return first && others.reduce((sum, figures) => addUp(sum, figures) as BatchFigures, first);
}

/** Numbers added up, member by member; what is not known in one is not known in all. */
function addUp(one: unknown, other: unknown): unknown {
  if (typeof one === 'number' && typeof other === 'number') return one + other;
  if (typeof one !== 'object' || one === null || typeof other !== 'object' || other === null) return null;
  return Object.fromEntries(
    Object.entries(one).map(([name, value]) => [name, addUp(value, (other as Record<string, unknown>)[name])]),
  );
}

function refused(problem: string): GleanerError {
  return new GleanerError('merge-refused', `Cannot merge the shards: ${problem}`);
}
