import type { Redis } from 'ioredis';
import { poolKey, type PoolAddress } from './pool-address.ts';
import type { Amount, Caps, Rates } from './pool-store.ts';

/** A pool as it stands; amounts of money in billionths of a US dollar. */
export interface PoolStatus {
  /** Whether any run has ever come into it. */
  isThere: boolean;
  caps: Caps;
  /** What counts against the caps: what is spent, and what runs at work hold for calls to come. */
  counted: Amount;
  held: Amount;
  /** What of the spent is no more than claimed, by sessions that ended without a word: it counts until somebody reads what they spent. */
  lost: Amount & { sessions: number };
  /** What the pool had lost, and counts on the word of runs that knew it, until their directories say more. */
  unclaimed: Amount;
  /** For how long claims are not raised, because the pool is new or had lost what it knew. */
  graceMs: number;
  sessions: PoolSessionStatus[];
  quotas: QuotaStatus[];
}

/** A run at work. */
export interface PoolSessionStatus {
  name: string;
  run: string;
  account: string;
  spent: Amount;
  claimed: Amount;
  heardOfMsAgo: number;
}

export interface QuotaStatus extends Rates {
  /** The service, location and model. */
  name: string;
  pausedMs: number;
  /** Calls of all runs that failed in a row, and since when none was answered. */
  failures: number;
  silentMs: number;
  /** The session that tries a service which does not answer. */
  probe: string | null;
}

/** Reads a pool without changing it; the server's clock is the one that counts. */
export async function readPoolStatus(redis: Redis, address: PoolAddress): Promise<PoolStatus> {
  const key = (name: string): string => poolKey(address, name);
  const [clock, pool, live, holding, quotas] = await Promise.all([
    redis.time(),
    redis.hgetall(key('pool')),
    redis.zrange(key('live'), '0', '-1', 'WITHSCORES'),
    redis.zrange(key('holding'), '0', '-1', 'WITHSCORES'),
    redis.smembers(key('quotas')),
  ]);
  const now = Number(clock[0]) * 1000 + Math.floor(Number(clock[1]) / 1000);
  const sessions: PoolSessionStatus[] = [];
  for (const { account, until } of scoresOf(live)) {
    if (until <= now) continue;
    const fields = await redis.hgetall(key(`account:${account}`));
    sessions.push({
      name: fields['name'] ?? '',
      run: fields['run'] ?? '',
      account,
      spent: amountOf(fields, 'spent:'),
      claimed: amountOf(fields, ''),
      heardOfMsAgo: Math.max(0, now - Number(fields['seen'] ?? now)),
    });
  }
  const lost = { tokens: 0, nanoUsd: 0, sessions: 0 };
  for (const { account, until } of scoresOf(holding)) {
    if (until > now) continue;
    const fields = await redis.hgetall(key(`account:${account}`));
    const [claim, spent] = [amountOf(fields, ''), amountOf(fields, 'spent:')];
    lost.tokens += claim.tokens - spent.tokens;
    lost.nanoUsd += claim.nanoUsd - spent.nanoUsd;
    lost.sessions += 1;
  }
  const claimed = amountOf(pool, '');
  const beyond = amountOf(pool, 'beyond:');
  const [tokens, nanoUsd] = [Math.max(0, beyond.tokens), Math.max(0, beyond.nanoUsd)];
  return {
    isThere: pool['epoch'] !== undefined,
    caps: {
      ...(pool['cap:tokens'] === undefined ? {} : { tokens: Number(pool['cap:tokens']) }),
      ...(pool['cap:nanoUsd'] === undefined ? {} : { nanoUsd: Number(pool['cap:nanoUsd']) }),
    },
    counted: { tokens: claimed.tokens + tokens, nanoUsd: claimed.nanoUsd + nanoUsd },
    held: {
      tokens: sumOf(sessions, ({ claimed: all, spent }) => all.tokens - spent.tokens),
      nanoUsd: sumOf(sessions, ({ claimed: all, spent }) => all.nanoUsd - spent.nanoUsd),
    },
    lost,
    unclaimed: { tokens, nanoUsd },
    graceMs: Math.max(0, Number(pool['graceUntil'] ?? 0) - now),
    sessions,
    quotas: await Promise.all(quotas.sort().map((quota) => readQuota(redis, quota, now))),
  };
}

/** What a sorted set says with its scores. */
function scoresOf(pairs: readonly string[]): { account: string; until: number }[] {
  return pairs.flatMap((account, at) => (at % 2 === 0 ? [{ account, until: Number(pairs[at + 1]) }] : []));
}

/** `key` is the quota's, as the script has noted it. */
async function readQuota(redis: Redis, key: string, now: number): Promise<QuotaStatus> {
  const mark = ':quota:';
  const [fields, probe] = await Promise.all([redis.hgetall(key), redis.get(key.replace(mark, ':probe:'))]);
  const { requestsPerMinute, tokensPerMinute } = fields;
  const failures = Number(fields['failures'] ?? 0);
  return {
    name: key.slice(key.indexOf(mark) + mark.length),
    ...(requestsPerMinute === undefined ? {} : { requestsPerMinute: Number(requestsPerMinute) }),
    ...(tokensPerMinute === undefined ? {} : { tokensPerMinute: Number(tokensPerMinute) }),
    pausedMs: Math.max(0, Number(fields['pausedUntil'] ?? 0) - now),
    failures,
    silentMs: failures === 0 ? 0 : Math.max(0, now - Number(fields['failingSince'] ?? now)),
    probe,
  };
}

function amountOf(fields: Readonly<Record<string, string>>, prefix: string): Amount {
  return { tokens: Number(fields[`${prefix}tokens`] ?? 0), nanoUsd: Number(fields[`${prefix}nanoUsd`] ?? 0) };
}

function sumOf<Item>(items: readonly Item[], value: (item: Item) => number): number {
  return items.reduce((sum, item) => sum + value(item), 0);
}
