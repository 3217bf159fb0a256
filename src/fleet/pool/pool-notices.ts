import type { Redis } from 'ioredis';
import { formatCount, formatUsd } from '../../text/format.ts';
import type { Caps, PoolState, Rates } from './pool-store.ts';

/** What of a session's settings the pool has otherwise, because it was set by another session that is at work. */
export function describeDifferences(state: PoolState, own: { caps: Caps; rates: Rates }): string[] {
  const pairs: [what: string, own: number | undefined, pool: number | undefined, text: (value: number) => string][] = [
    ['tokens in all', own.caps.tokens, state.caps.tokens, formatCount],
    ['cost in all', own.caps.nanoUsd, state.caps.nanoUsd, (value) => formatUsd(value / 1e9)],
    ['requests a minute', own.rates.requestsPerMinute, state.rates.requestsPerMinute, formatCount],
    ['tokens a minute', own.rates.tokensPerMinute, state.rates.tokensPerMinute, formatCount],
  ];
  return pairs.flatMap(([what, ours, theirs, text]) =>
    ours === undefined || theirs === undefined || ours === theirs
      ? []
      : [
          `Other runs of the pool are at work with another limit on ${what}, ${text(theirs)}, which holds for this run, too; ${text(ours)} is taken once none is at work`,
        ],
  );
}

/** What of the server's settings lets a pool forget; nothing where it may not be asked. */
export async function serverWarnings(redis: Redis): Promise<string[]> {
  let info: string;
  try {
    info = await redis.info();
  } catch {
    return [];
  }
  const valueOf = (name: string): string | undefined => new RegExp(`^${name}:(\\S+)`, 'm').exec(info)?.[1];
  const policy = valueOf('maxmemory_policy');
  return [
    ...(valueOf('aof_enabled') === '0'
      ? [
          'its server keeps no append-only file, and forgets what was spent when it is started again; set appendonly yes',
        ]
      : []),
    ...(policy !== undefined && policy !== 'noeviction'
      ? [
          `its server evicts keys when memory is short (${policy}), and so what was spent; set maxmemory-policy noeviction`,
        ]
      : []),
  ];
}
