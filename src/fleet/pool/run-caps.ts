import type { Redis } from 'ioredis';
import { poolKey, type PoolAddress } from './pool-address.ts';
import type { RunCaps } from './pool-store.ts';

/** A function of Lua. What an earlier submission says never counts; a later one takes back the caps that it does not name. */
export const SET_RUN_CAPS = `
local function setRunCaps(key, caps)
  local known = tonumber(redis.call('HGET', key, 'revision')) or 0
  if caps.revision < known then return end
  if caps.revision > known then redis.call('HDEL', key, 'cap:tokens', 'cap:nanoUsd') end
  redis.call('HSET', key, 'revision', caps.revision)
  for _, currency in ipairs({ 'tokens', 'nanoUsd' }) do
    if caps[currency] then redis.call('HSET', key, 'cap:' .. currency, string.format('%.0f', caps[currency])) end
  end
end
`;

const SCRIPT = `${SET_RUN_CAPS}
setRunCaps(KEYS[1], cjson.decode(ARGV[1]))
`;

/** Tells a pool the caps of a run, whose sessions obey them from their next exchange on. */
export async function tellRunCaps(redis: Redis, address: PoolAddress, run: string, caps: RunCaps): Promise<void> {
  await redis.eval(SCRIPT, 1, poolKey(address, `run:${run}`), JSON.stringify(caps));
}
