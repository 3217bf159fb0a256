import type { Extraction } from '../extraction/definition.ts';
import type { PromiseKeeper } from './calibration.ts';

/** What keeps the promise of a cascade by the threshold of an earlier run; undefined where each run finds its own. */
export async function driftOf({ cascade }: Pick<Extraction, 'cascade'>): Promise<PromiseKeeper | undefined> {
  const { agree, delta = 0.1, keep, drift: share = 0.05 } = cascade ?? {};
  if (agree === undefined || keep === undefined) return undefined;
  const { CascadeDrift } = await import('./drift.ts');
  return new CascadeDrift({ promise: { agree, delta }, keep, share });
}
