import type { Redis } from 'ioredis';
import { poolKey, type PoolAddress } from './pool-address.ts';
import type { Amount } from './pool-store.ts';

/**
 * Puts right what an account has claimed whose session is gone, once somebody has read in its directory what it spent at most. A session that
 * the pool has heard of within its lease is left alone: it may still spend what it claimed. Once its lease is over it sends nothing before
 * it has heard of the pool again, and then it is told that its account is another's.
 */
const LOWER_CLAIM = `
local pool, run, account, live = unpack(KEYS)
local id, by = ARGV[1], ARGV[2]
local committed = { tokens = tonumber(ARGV[3]), nanoUsd = tonumber(ARGV[4]) }
local clock = redis.call('TIME')
local now = tonumber(clock[1]) * 1000 + math.floor(tonumber(clock[2]) / 1000)
local function get(key, field) return tonumber(redis.call('HGET', key, field)) or 0 end
local function put(key, field, value) redis.call('HSET', key, field, string.format('%.0f', value)) end

local lease = tonumber(redis.call('ZSCORE', live, id))
if lease and lease > now then return 'alive' end
local epoch = redis.call('HGET', pool, 'epoch')
-- What was claimed before the pool lost what it knew is counted otherwise.
if not epoch or redis.call('HGET', account, 'epoch') ~= epoch or redis.call('HGET', run, 'epoch') ~= epoch then
  return 'unknown'
end
redis.call('HSET', account, 'session', by)
local isLowered = false
for currency, spent in pairs(committed) do
  local claim = get(account, currency)
  if spent < claim then
    isLowered = true
    put(account, currency, spent)
    put(account, 'spent:' .. currency, spent)
    put(pool, currency, get(pool, currency) + spent - claim)
    put(run, currency, get(run, currency) + spent - claim)
  end
end
put(pool, 'version', get(pool, 'version') + 1)
return isLowered and 'lowered' or 'right'
`;

/** `alive` and `unknown` leave the claim as it is. */
export type LoweredClaim = 'lowered' | 'right' | 'alive' | 'unknown';

export async function lowerClaim(
  redis: Redis,
  address: PoolAddress,
  { account, run, by, spent }: { account: string; run: string; by: string; spent: Amount },
): Promise<LoweredClaim> {
  const key = (name: string): string => poolKey(address, name);
  const keys = [key('pool'), key(`run:${run}`), key(`account:${account}`), key('live')];
  return (await redis.eval(
    LOWER_CLAIM,
    keys.length,
    ...keys,
    account,
    by,
    String(spent.tokens),
    String(Math.ceil(spent.nanoUsd)),
  )) as LoweredClaim;
}

/** Whether the pool has heard of an account within its lease. What is read once it has not is all that the account's session noted before. */
export async function isAccountAlive(redis: Redis, address: PoolAddress, account: string): Promise<boolean> {
  const [[seconds, microseconds], lease] = await Promise.all([
    redis.time(),
    redis.zscore(poolKey(address, 'live'), account),
  ]);
  return Number(lease ?? 0) > Number(seconds) * 1000 + Math.floor(Number(microseconds) / 1000);
}
