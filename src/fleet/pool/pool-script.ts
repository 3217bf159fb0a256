import { BREAKER, FRESH_GRACE_SHARE, LATE_MS, RATE_MARGIN } from './pool-store.ts';

/**
 * The one script of a pool. It takes part of all that is shared in one step: money and tokens of the budget, turns of the rates, pauses, the
 * circuit breaker. Its clock is the server's.
 *
 * - Money: an account claims up to where it may spend, as a total. What an account claims counts against the caps until the same account
 *   says otherwise. So nothing has to be done when a session dies: what it held goes on to count as spent, and is put right by the next
 *   session on its run directory, whose ledger knows.
 * - Rates: what is handed out is a timetable. The turn of the next call and of the next token are times, and each lease moves them on by what it takes.
 * - A pool that has lost what it knew, all of it or what came last, begins a new epoch. Sessions notice, come back, and say how much was
 *   spent when they last heard of it: the one that heard last is right (`floor`), and what accounts are known to have of that by now
 *   (`returned`) is taken off. The rest counts as spent until their directories come back.
 *
 * Numbers are doubles in Lua, which are exact up to 2^53 only and are written with 14 digits: `whole` writes all of them.
 */
export const POOL_SCRIPT = `
local ask = cjson.decode(ARGV[1])
local pool, run, account, quota, probe, live, holding, quotas = unpack(KEYS)
local clock = redis.call('TIME')
local nowUs = tonumber(clock[1]) * 1000000 + tonumber(clock[2])
local now = math.floor(nowUs / 1000)
local me, lease = ask.account, ask.leaseMs

local function whole(value) return string.format('%.0f', value) end
local function get(key, field) return tonumber(redis.call('HGET', key, field)) end
local function put(key, field, value) redis.call('HSET', key, field, whole(value)) end
local function add(key, field, value) put(key, field, (get(key, field) or 0) + value) end
local CURRENCIES = { 'tokens', 'nanoUsd' }

local epoch = redis.call('HGET', pool, 'epoch')
local version = get(pool, 'version') or 0

local function others(set)
  local count = redis.call('ZCOUNT', set, '(' .. now, '+inf')
  local score = tonumber(redis.call('ZSCORE', set, me.id))
  if score and score > now then count = count - 1 end
  return count
end

local function begin()
  epoch = ask.join.newEpoch
  redis.call('HSET', pool, 'epoch', epoch)
  -- Sessions that know the pool of old need a moment to come back, before anybody takes what is theirs.
  put(pool, 'graceUntil', now + (ask.join.memory and lease or lease / ${FRESH_GRACE_SHARE}))
end

local function isSetBack(memory)
  if memory.epoch == epoch then return version < memory.version end
  for _, earlier in ipairs(memory.earlier) do
    if earlier == epoch then return true end
  end
  return false
end

if ask.join then
  local memory = ask.join.memory
  if not epoch then
    begin()
  elseif memory and isSetBack(memory) then
    begin()
    for _, currency in ipairs(CURRENCIES) do put(pool, 'returned:' .. currency, get(pool, currency) or 0) end
  end
  if memory and memory.epoch ~= epoch then
    local floor = get(pool, 'floor:version')
    if not floor then put(pool, 'graceUntil', now + lease) end
    if memory.version > (floor or -1) then
      put(pool, 'floor:version', memory.version)
      for _, currency in ipairs(CURRENCIES) do put(pool, 'floor:' .. currency, memory.total[currency]) end
    end
    version = math.max(version, memory.version)
    for _, currency in ipairs(CURRENCIES) do
      local known = math.max(memory.own[currency], ask.committed[currency])
      add(pool, 'returned:' .. currency, math.max(0, known - (get(account, currency) or 0)))
    end
  end
  local isAlone = others(live) == 0
  for _, currency in ipairs(CURRENCIES) do
    local cap = ask.join.caps[currency]
    if cap and (isAlone or not get(pool, 'cap:' .. currency)) then put(pool, 'cap:' .. currency, cap) end
    local runCap = ask.join.runCaps[currency]
    if runCap then put(run, 'cap:' .. currency, runCap) end
  end
  for _, rate in ipairs({ 'requestsPerMinute', 'tokensPerMinute' }) do
    local value = ask.join.rates[rate]
    if value and (isAlone or not get(quota, rate)) then put(quota, rate, value) end
  end
  redis.call('HSET', run, 'name', me.name)
  redis.call('HSET', account, 'session', me.session, 'run', me.run, 'name', me.name)
  redis.call('HDEL', account, 'credit')
  redis.call('SADD', quotas, quota)
else
  if epoch ~= ask.epoch or version < ask.version then return '{"kind":"unknown"}' end
  local session = redis.call('HGET', account, 'session')
  if not session then return '{"kind":"unknown"}' end
  if session ~= me.session then return '{"kind":"superseded"}' end
end

-- Money.
local grace = math.max(0, (get(pool, 'graceUntil') or 0) - now)
local before, allowed, isHolding, fits = {}, {}, false, true
local total, runTotal = {}, {}
for _, currency in ipairs(CURRENCIES) do
  local claim = get(account, currency) or 0
  before[currency] = claim
  local unclaimed = math.max(0, (get(pool, 'floor:' .. currency) or 0) - (get(pool, 'returned:' .. currency) or 0))
  total[currency] = (get(pool, currency) or 0) + unclaimed
  runTotal[currency] = get(run, currency) or 0
  local most = math.huge
  local cap, runCap = get(pool, 'cap:' .. currency), get(run, 'cap:' .. currency)
  if cap then most = math.min(most, cap - total[currency] + claim) end
  if runCap then most = math.min(most, runCap - runTotal[currency] + claim) end
  if grace > 0 then most = math.min(most, claim) end
  allowed[currency] = most
  if ask.needed[currency] > most then fits = false end
end
local claims = {}
for _, currency in ipairs(CURRENCIES) do
  local claim = ask.committed[currency]
  if fits then claim = math.max(claim, math.min(ask.wanted[currency], allowed[currency])) end
  claims[currency] = claim
  put(account, currency, claim)
  put(account, 'spent:' .. currency, ask.spent[currency])
  add(pool, currency, claim - before[currency])
  add(run, currency, claim - before[currency])
  total[currency] = total[currency] + claim - before[currency]
  runTotal[currency] = runTotal[currency] + claim - before[currency]
  if claim > ask.spent[currency] then isHolding = true end
end

-- Rates.
local paused = get(quota, 'pausedUntil') or 0
local function turn(field, perMinute, amount, returned)
  if not perMinute then return 0 end
  local each = 60000000 / (perMinute * ${RATE_MARGIN})
  local earliest = math.max(nowUs - ${LATE_MS * 1000}, paused * 1000)
  local at = math.max((get(quota, field) or 0) - returned * each, earliest)
  put(quota, field, math.ceil(at + amount * each))
  return (at - nowUs) / 1000
end
local credit = ask.credit - (get(account, 'credit') or 0)
if credit ~= 0 then put(account, 'credit', ask.credit) end
local perMinute = { calls = get(quota, 'requestsPerMinute'), tokens = get(quota, 'tokensPerMinute') }
local callsIn = turn('nextCall', perMinute.calls, ask.calls, 0)
local tokensIn = turn('nextToken', perMinute.tokens, ask.tokens, credit)

-- Pauses and the circuit breaker.
if ask.pauseMs > 0 then paused = math.max(paused, now + ask.pauseMs) end
local failures = get(quota, 'failures') or 0
if ask.answered then
  if failures > 0 then redis.call('HDEL', quota, 'failures', 'pauses', 'failingSince') end
  if failures >= ${BREAKER.after} then redis.call('DEL', probe) end
  failures = 0
end
if ask.failures > 0 then
  if failures == 0 then put(quota, 'failingSince', now) end
  failures = failures + ask.failures
  put(quota, 'failures', failures)
  if failures >= ${BREAKER.after} and paused <= now then
    local pauses = get(quota, 'pauses') or 0
    paused = now + math.min(${BREAKER.longestPauseMs}, ${BREAKER.firstPauseMs} * 2 ^ pauses)
    put(quota, 'pauses', pauses + 1)
    redis.call('DEL', probe)
  end
end
put(quota, 'pausedUntil', paused)
local isOpen, isProbe = failures >= ${BREAKER.after}, false
if isOpen and ask.wantsProbe and paused <= now then
  redis.call('SET', probe, me.session, 'NX', 'PX', lease)
  isProbe = redis.call('GET', probe) == me.session
  if isProbe then redis.call('PEXPIRE', probe, lease) end
end

-- Who is at work.
if ask.leaves then
  redis.call('ZREM', live, me.id)
  redis.call('ZREM', holding, me.id)
  if redis.call('GET', probe) == me.session then redis.call('DEL', probe) end
else
  redis.call('ZADD', live, now + lease, me.id)
  if isHolding then redis.call('ZADD', holding, now + lease, me.id) else redis.call('ZREM', holding, me.id) end
end
put(account, 'seen', now)
version = version + 1
put(pool, 'version', version)

local function text(value) return value and whole(value) or cjson.null end
return cjson.encode({
  kind = 'state', epoch = epoch, version = text(version),
  claim = { text(claims.tokens), text(claims.nanoUsd) },
  total = { text(total.tokens), text(total.nanoUsd) },
  caps = { text(get(pool, 'cap:tokens')), text(get(pool, 'cap:nanoUsd')) },
  runTotal = { text(runTotal.tokens), text(runTotal.nanoUsd) },
  runCaps = { text(get(run, 'cap:tokens')), text(get(run, 'cap:nanoUsd')) },
  live = others(live) + (ask.leaves and 0 or 1), othersHolding = others(holding), graceMs = grace,
  rates = { text(perMinute.calls), text(perMinute.tokens) },
  callsInMs = callsIn, tokensInMs = tokensIn,
  pauseMs = math.max(0, paused - now),
  failures = failures, silentMs = failures > 0 and now - (get(quota, 'failingSince') or now) or 0,
  isProbe = isProbe
})
`;
