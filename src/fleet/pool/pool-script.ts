import { SET_RUN_CAPS } from './run-caps.ts';
import { BREAKER, FRESH_GRACE_SHARE, LATE_MS, LOST_CHARACTERS, RATE_MARGIN } from './pool-store.ts';

/**
 * The one script of a pool. It takes part of all that is shared in one step: money and tokens of the budget, turns of the rates, pauses, the
 * circuit breaker. Its clock is the server's.
 *
 * - Money: an account claims up to where it may spend, as a total. What an account claims counts against the caps until the same account
 *   says otherwise. So nothing has to be done when a session dies: what it held goes on to count as spent, and is put right by the next
 *   session on its run directory, whose ledger knows.
 * - Rates: what is handed out is a timetable. The turn of the next call and of the next token are times, and each lease moves them on by what it takes.
 * - A pool that has lost what it knew, all of it or what came last, begins a new epoch; one whose server was started again may have lost
 *   something, and does so, too. Sessions notice, come back, and say how much counted when they last heard of it: the one that heard last is
 *   right. `beyond` is what that leaves when all claims are taken off: those of accounts that are back, as far as they were known then
 *   (`since`), and those of accounts that are not (`stale`). It counts as spent until the directories that it belongs to come back.
 * - A session that another one has replaced is `lost`, and never comes back, whatever the pool forgets between.
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
${SET_RUN_CAPS}

local epoch = redis.call('HGET', pool, 'epoch')
local version = get(pool, 'version') or 0
-- A server that was started again, or another one in its place, may have lost what came last. Where it may not be asked, versions tell.
local info = redis.pcall('INFO', 'server')
local server = type(info) == 'string' and string.match(info, 'run_id:(%w+)') or '-'

local function others(set)
  local count = redis.call('ZCOUNT', set, '(' .. now, '+inf')
  local score = tonumber(redis.call('ZSCORE', set, me.id))
  if score and score > now then count = count - 1 end
  return count
end

-- What counts against the caps of a pool or a run: all claims, and what is known beyond them.
local function totalOf(key, currency)
  return (get(key, currency) or 0) + math.max(0, get(key, 'beyond:' .. currency) or 0)
end

local function renew(key, heard)
  for _, currency in ipairs(CURRENCIES) do
    put(key, 'beyond:' .. currency, math.max(0, get(key, 'beyond:' .. currency) or 0))
    put(key, 'stale:' .. currency, get(key, currency) or 0)
    put(key, 'since:' .. currency, 0)
  end
  put(key, 'heard', heard)
  redis.call('HDEL', key, 'raised')
end

local function begin(graceMs, wasEmpty)
  epoch = ask.join.newEpoch
  redis.call('HSET', pool, 'epoch', epoch, 'server', server)
  -- Sessions that know the pool of old need a moment to come back, before anybody takes what is theirs.
  put(pool, 'graceUntil', now + graceMs)
  -- A pool that still has its caps knows whom they hold back; one that was empty does not.
  put(pool, 'graceForAll', wasEmpty and 1 or 0)
  put(pool, 'began', version)
  renew(pool, version)
end

local function isSetBack(memory)
  if memory.epoch == epoch then return version < memory.version end
  for _, earlier in ipairs(memory.earlier) do
    if earlier == epoch then return true end
  end
  return false
end

-- Takes up what a session has heard of an earlier epoch, and whether it was the first who knew more than the pool.
local function remember(key, heard, total)
  if heard <= (get(key, 'heard') or -1) then return false end
  put(key, 'heard', heard)
  for _, currency in ipairs(CURRENCIES) do
    local back, stale = get(key, 'since:' .. currency) or 0, get(key, 'stale:' .. currency) or 0
    put(key, 'beyond:' .. currency, total[currency] - back - stale)
  end
  return redis.call('HSETNX', key, 'raised', 1) == 1
end

-- The account is of this epoch from now on. Of what was heard, its part is no longer missing.
local function takeBack(key, known, isNew)
  local isRaised = get(key, 'raised')
  for _, currency in ipairs(CURRENCIES) do
    local stale, part = isNew and 0 or get(account, currency) or 0, known and known[currency] or 0
    add(key, 'stale:' .. currency, -stale)
    add(key, 'since:' .. currency, part)
    if isRaised then add(key, 'beyond:' .. currency, stale - part)
    elseif isNew then add(key, 'beyond:' .. currency, -part) end
  end
end

-- @param known what the session had of an earlier epoch at least, where it is of one
local function enter(known)
  local runEpoch = redis.call('HGET', run, 'epoch')
  if runEpoch ~= epoch then
    if runEpoch then renew(run, get(pool, 'began')) end
    redis.call('HSET', run, 'epoch', epoch)
  end
  local memory = ask.join and ask.join.memory
  if memory and memory.epoch ~= epoch then
    if remember(pool, memory.version, memory.total) then
      put(pool, 'graceUntil', now + lease)
      -- What was lost may have been a cap.
      put(pool, 'graceForAll', 1)
    end
    remember(run, memory.version, memory.runTotal)
    version = math.max(version, memory.version)
  end
  local accountEpoch = redis.call('HGET', account, 'epoch')
  if accountEpoch ~= epoch then
    takeBack(pool, known, not accountEpoch)
    takeBack(run, known, not accountEpoch)
    redis.call('HSET', account, 'epoch', epoch)
  end
  local before = redis.call('HGET', account, 'session')
  if before and before ~= me.session then
    local lost = before .. ' ' .. (redis.call('HGET', account, 'lost') or '')
    redis.call('HSET', account, 'lost', string.sub(lost, 1, ${LOST_CHARACTERS}))
  end
  redis.call('HSET', account, 'session', me.session, 'run', me.run)
end

local function isLost()
  return string.find(' ' .. (redis.call('HGET', account, 'lost') or ''), ' ' .. me.session .. ' ', 1, true) ~= nil
end

if ask.lowers then
  -- Sessions that know the pool of old have a lease to come back into a new epoch.
  local isSettled = epoch and redis.call('HGET', pool, 'server') == server and (get(pool, 'graceUntil') or 0) <= now
  local isSame = redis.call('HGET', account, 'session') == ask.lowers.session and get(account, 'seen') == ask.lowers.seen
  if not (isSettled and isSame) then return '{"kind":"unknown"}' end
  if (tonumber(redis.call('ZSCORE', live, me.id)) or 0) > now then return '{"kind":"alive"}' end
  enter(ask.committed)
elseif ask.join then
  if isLost() then return '{"kind":"superseded"}' end
  local memory = ask.join.memory
  if not epoch then
    begin(memory and lease or lease / ${FRESH_GRACE_SHARE}, true)
  elseif redis.call('HGET', pool, 'server') ~= server or memory and isSetBack(memory) then
    begin(lease, false)
  end
  local known
  if memory and memory.epoch ~= epoch then
    known = {}
    for _, currency in ipairs(CURRENCIES) do known[currency] = math.max(memory.own[currency], ask.committed[currency]) end
  end
  enter(known)
  local isAlone = others(live) == 0
  for _, currency in ipairs(CURRENCIES) do
    local cap = ask.join.caps[currency]
    if cap and (isAlone or not get(pool, 'cap:' .. currency)) then put(pool, 'cap:' .. currency, cap) end
  end
  setRunCaps(run, ask.join.runCaps)
  for _, rate in ipairs({ 'requestsPerMinute', 'tokensPerMinute' }) do
    local value = ask.join.rates[rate]
    if value and (isAlone or not get(quota, rate)) then put(quota, rate, value) end
  end
  redis.call('HSET', run, 'name', me.name)
  redis.call('HSET', account, 'name', me.name)
  -- What was settled in earlier exchanges was taken from the timetable then.
  put(account, 'credit', ask.credit)
  redis.call('SADD', quotas, quota)
else
  if epoch ~= ask.epoch or version < ask.version or redis.call('HGET', pool, 'server') ~= server then
    return '{"kind":"unknown"}'
  end
  local session = redis.call('HGET', account, 'session')
  if not session then return '{"kind":"unknown"}' end
  if session ~= me.session then return '{"kind":"superseded"}' end
end

-- Money.
local grace = math.max(0, (get(pool, 'graceUntil') or 0) - now)
local isGraceForAll = get(pool, 'graceForAll') ~= 0
local before, allowed, isHolding, fits = {}, {}, false, true
local total, runTotal = {}, {}
for _, currency in ipairs(CURRENCIES) do
  local claim = get(account, currency) or 0
  before[currency] = claim
  total[currency] = totalOf(pool, currency)
  runTotal[currency] = totalOf(run, currency)
  local most = math.huge
  local cap, runCap = get(pool, 'cap:' .. currency), get(run, 'cap:' .. currency)
  if cap then most = math.min(most, cap - total[currency] + claim) end
  if runCap then most = math.min(most, runCap - runTotal[currency] + claim) end
  if grace > 0 and (cap or runCap or isGraceForAll) then most = math.min(most, claim) end
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

if ask.lowers then
  redis.call('ZREM', live, me.id)
  redis.call('ZREM', holding, me.id)
  put(pool, 'version', version + 1)
  return '{"kind":"lowered"}'
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
  kind = 'state', epoch = epoch, version = text(version), hasLost = get(pool, 'raised') ~= nil,
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
