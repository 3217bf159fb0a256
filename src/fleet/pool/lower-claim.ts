import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import { systemCode } from '../../files/system-error.ts';
import { writeFileAtomically } from '../../files/write-file-atomically.ts';
import { isWrittenHere } from '../../store/lock/written-here.ts';
import { poolKey, type PoolAddress } from './pool-address.ts';
import type { Amount, ClaimEnd, PoolStore } from './pool-store.ts';

export interface ClaimOptions {
  redis: Redis;
  address: PoolAddress;
  store: Pick<PoolStore, 'lower'>;
  account: string;
  run: string;
  directory: string;
  /** What of the pool's was spent in the directory at most; undefined where nobody can know. */
  spentIn(): Promise<Amount | undefined>;
}

const FILE = 'pool-replaced.json';

/**
 * Puts right what the session on a run directory has claimed and is gone. One that the pool has heard of within its lease is left alone: it
 * may spend what it claimed. Once its lease is over it sends nothing before it has heard of the pool again, and then it is told that it was
 * replaced: by the pool, and where that has forgotten it, by a file beside its own.
 *
 * What is read of a directory is all that was noted only where the same system has written it: after a machine was lost, or on a network
 * while the other end still holds back what it wrote, notes of calls that were sent may be missing.
 */
export async function lowerClaim(options: ClaimOptions): Promise<ClaimEnd> {
  const { redis, address, store, account, run, directory, spentIn } = options;
  const [[seconds, microseconds], lease, fields] = await Promise.all([
    redis.time(),
    redis.zscore(poolKey(address, 'live'), account),
    redis.hgetall(poolKey(address, `account:${account}`)),
  ]);
  const { session, seen, tokens, nanoUsd } = fields;
  if (session === undefined) return 'kept';
  if (Number(lease ?? 0) > Number(seconds) * 1000 + Math.floor(Number(microseconds) / 1000)) return 'kept';
  if (tokens === fields['spent:tokens'] && nanoUsd === fields['spent:nanoUsd']) return 'right';
  if (!isWrittenHere(directory)) return 'kept';
  // Before anything is read: from here on the session does not come back, whatever the pool forgets.
  writeFileAtomically(join(directory, FILE), `${JSON.stringify({ session })}\n`);
  const spent = await spentIn();
  if (spent === undefined) return 'kept';
  const end = await store.lower({
    account: { run, id: account, session: randomUUID(), name: fields['name'] ?? '' },
    lowers: { session, seen: Number(seen) },
    spent: { tokens: spent.tokens, nanoUsd: Math.ceil(spent.nanoUsd) },
  });
  return end === 'lowered' ? end : 'kept';
}

/** Whether somebody has put right what a session on a directory claimed. */
export function isReplacedIn(directory: string, session: string): boolean {
  try {
    return readFileSync(join(directory, FILE), 'utf8').includes(session);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return false;
    throw error;
  }
}
