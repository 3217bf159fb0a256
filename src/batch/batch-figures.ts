import type { BatchFigures } from '../accounting/usage-report.ts';
import type { Prices } from '../accounting/prices.ts';
import { readJsonLines } from '../files/read-json-lines.ts';
import type { AttemptEntry } from '../store/entries.ts';
import type { RunDirectory } from '../store/run-directory.ts';
import type { BatchState } from './batch-state.ts';

/** Adds up what jobs brought, and the ledger by the way of its calls. Undefined where there was no job. */
export function figuresOf(
  state: BatchState,
  directory: RunDirectory,
  prices: Pick<Prices, 'costOf'>,
): BatchFigures | undefined {
  const shards = state.shards.filter(({ job }) => job !== undefined);
  if (shards.length === 0) return undefined;
  const sum = (of: 'matched' | 'failed' | 'missing' | 'unmatched' | 'repeated' | 'paidTwice'): number =>
    shards.reduce((total, { counts }) => total + (counts?.[of] ?? 0), 0);
  const calls = { batch: 0, online: 0 };
  const tokens = { batch: 0, online: 0 };
  const nanoUsd = { batch: 0, online: 0 };
  let isPriced = true;
  directory.flush();
  for (const line of readJsonLines(directory.file('attempts'))) {
    const entry = line as unknown as AttemptEntry;
    const way = entry.via ?? 'online';
    calls[way] += 1;
    if (entry.tokens.total === 0) continue;
    tokens[way] += entry.tokens.total;
    const cost = prices.costOf(entry);
    if (cost === undefined) isPriced = false;
    else nanoUsd[way] += cost;
  }
  return {
    jobs: shards.length,
    open: state.open.length,
    lines: shards.reduce((total, { lines, isTwin }) => total + (isTwin ? 0 : lines), 0),
    matched: sum('matched'),
    failed: sum('failed'),
    missing: sum('missing'),
    unmatched: sum('unmatched'),
    repeated: sum('repeated'),
    paidTwice: sum('paidTwice'),
    doubled: shards.filter(({ isTwin }) => isTwin).length,
    calls,
    tokens,
    usd: { batch: isPriced ? nanoUsd.batch / 1e9 : null, online: isPriced ? nanoUsd.online / 1e9 : null },
  };
}
