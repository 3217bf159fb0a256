import type { Budget } from '../../accounting/budget.ts';
import type { PartStore } from '../parts/part-store.ts';
import type { FleetPool } from '../pool/open-pool.ts';
import { spendingOfPart } from './spending-of-part.ts';

const BEGUN = /^(parts\/\d+\.a\d+)\/(begin|end)\.json$/;

export interface ReturnClaimsOptions {
  store: PartStore;
  pool: Pick<FleetPool, 'lowerClaim'>;
  /** A budget in which nothing is spent yet. */
  openBudget(): Pick<Budget, 'addEarlier' | 'spent'>;
  /** Parts whose claims are right; those that are put right are added. */
  done: Set<string>;
}

/**
 * Puts right what attempts have claimed of the pool that were killed, so that others can spend what those have not: their ledgers say what
 * they spent at most. What an attempt that is only frozen has claimed is put right once the pool has not heard of it for its lease.
 *
 * @returns how many claims were lowered
 */
export async function returnClaims({ store, pool, openBudget, done }: ReturnClaimsOptions): Promise<number> {
  const open = new Set<string>();
  const ended = new Set<string>();
  for await (const name of store.list('parts/')) {
    const [, part, note] = BEGUN.exec(name) ?? [];
    if (part !== undefined && !done.has(part)) (note === 'begin' ? open : ended).add(part);
  }
  let lowered = 0;
  for (const part of open) {
    const lengths = await store.lengthsOf(part);
    const directory = await store.fetchPart(part, lengths);
    const end = await pool.lowerClaim(directory, async () =>
      spendingOfPart(directory, await store.lengthsOf(part), openBudget()),
    );
    // One that came to its end in order has given back itself what it did not spend, unless the pool was away then.
    if (end === 'lowered' || (end === 'right' && ended.has(part))) done.add(part);
    if (end === 'lowered') lowered += 1;
  }
  return lowered;
}
