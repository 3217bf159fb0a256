import type { BatchFigures } from '../accounting/usage-report.ts';
import type { BatchState } from './batch-state.ts';
import type { WayTally } from './way-tally.ts';

/** Adds up what jobs brought. Undefined where there was no job. */
export function figuresOf(state: BatchState, tally: WayTally): BatchFigures | undefined {
  const shards = state.shards.filter(({ job }) => job !== undefined);
  if (shards.length === 0) return undefined;
  const sum = (of: 'matched' | 'failed' | 'missing' | 'unmatched' | 'repeated' | 'paidTwice'): number =>
    shards.reduce((total, { counts }) => total + (counts?.[of] ?? 0), 0);
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
    ...tally.figures,
  };
}
