import type { PoolMemory, PoolState } from './pool-store.ts';

/** A pool that is set back further than so is taken for one that has forgotten everything. */
const MOST_EARLIER = 8;

/** What a session remembers of its pool after an exchange: it tells the pool what was forgotten there. */
export function memoryOf(before: PoolMemory | undefined, state: PoolState): PoolMemory {
  const { epoch, version, total, runTotal, claim } = state;
  return { epoch, earlier: earlierOf(before, epoch), version, total, runTotal, own: claim };
}

function earlierOf(before: PoolMemory | undefined, epoch: string): readonly string[] {
  if (before === undefined) return [];
  return before.epoch === epoch ? before.earlier : [...before.earlier, before.epoch].slice(-MOST_EARLIER);
}
