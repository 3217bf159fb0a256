import {
  BREAKER,
  FRESH_GRACE_SHARE,
  LATE_MS,
  LOST_CHARACTERS,
  RATE_MARGIN,
  type Amount,
  type LoweredClaim,
  type PoolAsk,
  type PoolJoin,
  type PoolLowering,
  type PoolMemory,
  type PoolReply,
  type PoolStore,
  type RunCaps,
} from '../../../src/fleet/pool/pool-store.ts';

interface Account extends Amount {
  run: string;
  /** The epoch it has last come back in. */
  epoch: string | undefined;
  session: string;
  /** Sessions that others have replaced, each with a space behind it. */
  lost: string;
  seen: number;
  spent: Amount;
  credit: number;
  liveUntil: number;
  holdingUntil: number;
}

/** What counts of earlier epochs, in a pool or in a run. */
interface Past {
  epoch: string;
  heard: number;
  /** Whether somebody had heard more than the pool itself remembers. */
  isRaised: boolean;
  floor: Amount;
  returned: Amount;
  since: Amount;
}

interface Epoch {
  epoch: string;
  /** The server that it began on. */
  server: number;
  version: number;
  began: number;
  graceUntil: number;
  /** Whether claims are held back where no cap is known, too: the pool was empty. */
  isGraceForAll: boolean;
  caps: Partial<Amount>;
  past: Past;
  runPasts: Map<string, Past>;
  accounts: Map<string, Account>;
  rates: { requestsPerMinute?: number; tokensPerMinute?: number };
  next: { call: number; token: number };
  pausedUntil: number;
  failures: number;
  pauses: number;
  failingSince: number;
  probe: { session: string; until: number } | undefined;
}

const CURRENCIES = ['tokens', 'nanoUsd'] as const;

const nothing = (): Amount => ({ tokens: 0, nanoUsd: 0 });

/** `beyond`: what counts beside the claims of all accounts. */
function startPast(epoch: string, heard: number, beyond = nothing()): Past {
  return { epoch, heard, isRaised: false, floor: beyond, returned: nothing(), since: nothing() };
}

function claimsOf(
  { accounts }: Epoch,
  past: Past,
  currency: keyof Amount,
  run?: string,
): { back: number; stale: number } {
  let [back, stale] = [0, 0];
  for (const one of accounts.values()) {
    if (run !== undefined && one.run !== run) continue;
    if (one.epoch === past.epoch) back += one[currency];
    else stale += one[currency];
  }
  return { back, stale };
}

function totalOf(pool: Epoch, past: Past, currency: keyof Amount, run?: string): number {
  const { back, stale } = claimsOf(pool, past, currency, run);
  const missing = past.floor[currency] - past.returned[currency];
  return past.isRaised ? back + Math.max(stale, missing) : back + stale + Math.max(0, missing);
}

function beyondOf(pool: Epoch, past: Past, run?: string): Amount {
  const of = (currency: keyof Amount): number => {
    const { back, stale } = claimsOf(pool, past, currency, run);
    return totalOf(pool, past, currency, run) - back - stale;
  };
  return { tokens: of('tokens'), nanoUsd: of('nanoUsd') };
}

/** Whether it is the first to tell more than the pool remembers. */
function raise(past: Past, heard: number, total: Amount): boolean {
  if (heard <= past.heard) return false;
  past.heard = heard;
  past.floor = { ...total };
  if (past.isRaised) return false;
  past.isRaised = true;
  past.returned = { ...past.since };
  return true;
}

/**
 * What a pool does, in plain code: the script is held against it, and what stands on a pool is tried with it in simulated time. All sessions of
 * it have one quota. Milliseconds.
 */
export class ModelStore implements PoolStore {
  readonly name = 'pool.test:6379';
  readonly #now: () => number;
  #pool: Epoch | undefined;
  #runCaps = new Map<string, RunCaps>();
  /** Set to have the pool not answer. */
  isDown = false;
  /** Raised where the server is started again. */
  server = 1;
  exchanges = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  get pool(): Epoch | undefined {
    return this.#pool;
  }

  /** As a server without an append-only file does when it is started again. */
  forget(): void {
    this.#pool = undefined;
    this.#runCaps.clear();
  }

  /** Sets the pool back to what it was, as a server does whose last second was not on the disk. */
  snapshot(): () => void {
    const [pool, runCaps] = structuredClone([this.#pool, this.#runCaps]);
    return () => {
      [this.#pool, this.#runCaps] = structuredClone([pool, runCaps]);
    };
  }

  async join(ask: PoolAsk, join: PoolJoin): Promise<PoolReply> {
    this.#answer();
    const { memory } = join;
    const now = this.#now();
    let pool = this.#pool;
    const { id, run } = ask.account;
    if (` ${pool?.accounts.get(id)?.lost ?? ''}`.includes(` ${ask.account.session} `)) return { kind: 'superseded' };
    if (pool === undefined) pool = this.#pool = this.#begin(join, ask.leaseMs);
    else if (pool.server !== this.server || (memory !== undefined && isSetBack(pool, memory))) {
      pool.epoch = join.newEpoch;
      pool.server = this.server;
      pool.began = pool.version;
      pool.graceUntil = now + ask.leaseMs;
      pool.isGraceForAll = false;
      pool.past = startPast(pool.epoch, pool.version, beyondOf(pool, pool.past));
    }
    const runPast = this.#runPastOf(pool, run);
    const isOfOld = memory !== undefined && memory.epoch !== pool.epoch;
    if (isOfOld) {
      if (raise(pool.past, memory.version, memory.total)) {
        pool.graceUntil = now + ask.leaseMs;
        pool.isGraceForAll = true;
      }
      raise(runPast, memory.version, memory.runTotal);
      pool.version = Math.max(pool.version, memory.version);
    }
    const account = pool.accounts.get(id);
    if (isOfOld && account?.epoch !== pool.epoch) {
      for (const past of [pool.past, runPast]) {
        for (const currency of CURRENCIES) {
          const known = Math.max(memory.own[currency], ask.committed[currency]);
          past.since[currency] += known;
          if (account === undefined || past.isRaised) past.returned[currency] += known;
        }
      }
    }
    const isAlone = this.#others(pool, id, 'liveUntil') === 0;
    for (const currency of CURRENCIES) {
      const cap = join.caps[currency];
      if (cap !== undefined && (isAlone || pool.caps[currency] === undefined)) pool.caps[currency] = cap;
    }
    this.#setRunCaps(run, join.runCaps);
    for (const rate of ['requestsPerMinute', 'tokensPerMinute'] as const) {
      const value = join.rates[rate];
      if (value !== undefined && (isAlone || pool.rates[rate] === undefined)) pool.rates[rate] = value;
    }
    pool.accounts.set(id, {
      tokens: 0,
      nanoUsd: 0,
      spent: { tokens: 0, nanoUsd: 0 },
      liveUntil: -Infinity,
      holdingUntil: -Infinity,
      seen: now,
      ...account,
      run,
      epoch: pool.epoch,
      ...replaced(account, ask.account.session),
      credit: ask.credit,
    });
    return this.#go(pool, ask);
  }

  async exchange(ask: PoolAsk, known: Pick<PoolMemory, 'epoch' | 'version'>): Promise<PoolReply> {
    this.#answer();
    const pool = this.#pool;
    if (pool?.epoch !== known.epoch || pool.version < known.version) return { kind: 'unknown' };
    if (pool.server !== this.server) return { kind: 'unknown' };
    const account = pool.accounts.get(ask.account.id);
    if (account === undefined) return { kind: 'unknown' };
    return account.session === ask.account.session ? this.#go(pool, ask) : { kind: 'superseded' };
  }

  async lower({ account: { id, run, session }, lowers, spent }: PoolLowering): Promise<LoweredClaim> {
    this.#answer();
    const pool = this.#pool;
    const account = pool?.accounts.get(id);
    const now = this.#now();
    if (pool === undefined || pool.server !== this.server || pool.graceUntil > now) return 'unknown';
    if (account?.session !== lowers.session || account.seen !== lowers.seen) return 'unknown';
    if (account.liveUntil > now) return 'alive';
    const runPast = this.#runPastOf(pool, run);
    if (account.epoch !== pool.epoch) {
      for (const past of [pool.past, runPast]) {
        for (const currency of CURRENCIES) {
          past.since[currency] += spent[currency];
          if (past.isRaised) past.returned[currency] += spent[currency];
        }
      }
    }
    Object.assign(account, { ...spent, spent, epoch: pool.epoch, ...replaced(account, session) });
    account.liveUntil = account.holdingUntil = -Infinity;
    pool.version += 1;
    return 'lowered';
  }

  /** As the submission of a run does, before any session is in the pool, too. */
  tellRunCaps(run: string, caps: RunCaps): void {
    this.#answer();
    this.#setRunCaps(run, caps);
  }

  #setRunCaps(run: string, caps: RunCaps): void {
    const known = this.#runCaps.get(run);
    if (caps.revision < (known?.revision ?? 0)) return;
    this.#runCaps.set(run, { ...(caps.revision === known?.revision ? known : {}), ...caps });
  }

  /** What counts against the cap of a run; undefined while sessions have to come back into the pool. */
  settledTotalOf(run: string): number | undefined {
    const pool = this.#pool;
    if (pool === undefined || pool.server !== this.server || pool.graceUntil > this.#now()) return undefined;
    const past = pool.runPasts.get(run);
    return past === undefined ? 0 : totalOf(pool, past, 'tokens', run);
  }

  #runPastOf(pool: Epoch, run: string): Past {
    const known = pool.runPasts.get(run);
    if (known?.epoch === pool.epoch) return known;
    const past =
      known === undefined ? startPast(pool.epoch, -1) : startPast(pool.epoch, pool.began, beyondOf(pool, known, run));
    pool.runPasts.set(run, past);
    return past;
  }

  #answer(): void {
    this.exchanges += 1;
    if (this.isDown) throw new Error("Stream isn't writeable and enableOfflineQueue options is false");
  }

  #begin({ newEpoch, memory }: PoolJoin, leaseMs: number): Epoch {
    return {
      epoch: newEpoch,
      server: this.server,
      version: 0,
      began: 0,
      graceUntil: this.#now() + (memory === undefined ? leaseMs / FRESH_GRACE_SHARE : leaseMs),
      isGraceForAll: true,
      caps: {},
      past: startPast(newEpoch, 0),
      runPasts: new Map(),
      accounts: new Map(),
      rates: {},
      next: { call: 0, token: 0 },
      pausedUntil: 0,
      failures: 0,
      pauses: 0,
      failingSince: 0,
      probe: undefined,
    };
  }

  #others(pool: Epoch, id: string, until: 'liveUntil' | 'holdingUntil'): number {
    let count = 0;
    for (const [other, account] of pool.accounts) if (other !== id && account[until] > this.#now()) count += 1;
    return count;
  }

  #go(pool: Epoch, ask: PoolAsk): PoolReply {
    const now = this.#now();
    const account = pool.accounts.get(ask.account.id);
    if (account === undefined) return { kind: 'unknown' };
    const { revision: _, ...runCaps } = this.#runCaps.get(account.run) ?? { revision: 0 };
    const graceMs = Math.max(0, pool.graceUntil - now);
    const runPast = pool.runPasts.get(account.run);
    const inPool = (currency: keyof Amount): number => totalOf(pool, pool.past, currency);
    const inRun = (currency: keyof Amount): number =>
      runPast === undefined ? 0 : totalOf(pool, runPast, currency, account.run);
    const most = (currency: keyof Amount): number => {
      const { [currency]: claim } = account;
      const isCapped = (pool.caps[currency] ?? runCaps[currency]) !== undefined;
      return Math.min(
        (pool.caps[currency] ?? Infinity) - inPool(currency) + claim,
        (runCaps[currency] ?? Infinity) - inRun(currency) + claim,
        graceMs > 0 && (isCapped || pool.isGraceForAll) ? claim : Infinity,
      );
    };
    const allowed = { tokens: most('tokens'), nanoUsd: most('nanoUsd') };
    const fits = CURRENCIES.every((currency) => ask.needed[currency] <= allowed[currency]);
    for (const currency of CURRENCIES) {
      account[currency] = ask.committed[currency];
      if (fits) account[currency] = Math.max(account[currency], Math.min(ask.wanted[currency], allowed[currency]));
    }
    account.spent = { ...ask.spent };
    account.seen = now;
    const isHolding = CURRENCIES.some((currency) => account[currency] > ask.spent[currency]);

    const turn = (next: 'call' | 'token', perMinute: number | undefined, amount: number, returned: number): number => {
      if (perMinute === undefined) return 0;
      const each = 60_000 / (perMinute * RATE_MARGIN);
      const at = Math.max(pool.next[next] - returned * each, now - LATE_MS, pool.pausedUntil);
      pool.next[next] = at + amount * each;
      return at - now;
    };
    const credit = ask.credit - account.credit;
    account.credit = ask.credit;
    const callsInMs = turn('call', pool.rates.requestsPerMinute, ask.calls, 0);
    const tokensInMs = turn('token', pool.rates.tokensPerMinute, ask.tokens, credit);

    if (ask.pauseMs > 0) pool.pausedUntil = Math.max(pool.pausedUntil, now + ask.pauseMs);
    if (ask.answered) {
      if (pool.failures >= BREAKER.after) pool.probe = undefined;
      pool.failures = 0;
      pool.pauses = 0;
    }
    if (ask.failures > 0) {
      if (pool.failures === 0) pool.failingSince = now;
      pool.failures += ask.failures;
      if (pool.failures >= BREAKER.after && pool.pausedUntil <= now) {
        pool.pausedUntil = now + Math.min(BREAKER.longestPauseMs, BREAKER.firstPauseMs * 2 ** pool.pauses);
        pool.pauses += 1;
        pool.probe = undefined;
      }
    }
    const { session } = ask.account;
    const mayProbe = pool.failures >= BREAKER.after && ask.wantsProbe && pool.pausedUntil <= now;
    if (mayProbe) {
      if (pool.probe === undefined || pool.probe.until <= now || pool.probe.session === session)
        pool.probe = { session, until: now + ask.leaseMs };
    }
    const isProbe = mayProbe && pool.probe?.session === session;
    account.liveUntil = ask.leaves ? -Infinity : now + ask.leaseMs;
    account.holdingUntil = isHolding && !ask.leaves ? now + ask.leaseMs : -Infinity;
    if (ask.leaves && pool.probe?.session === session) pool.probe = undefined;
    pool.version += 1;
    return {
      kind: 'state',
      epoch: pool.epoch,
      version: pool.version,
      hasLost: pool.past.isRaised,
      claim: { tokens: account.tokens, nanoUsd: account.nanoUsd },
      total: { tokens: inPool('tokens'), nanoUsd: inPool('nanoUsd') },
      caps: { ...pool.caps },
      runTotal: { tokens: inRun('tokens'), nanoUsd: inRun('nanoUsd') },
      runCaps: { ...runCaps },
      live: this.#others(pool, ask.account.id, 'liveUntil') + (ask.leaves ? 0 : 1),
      othersHolding: this.#others(pool, ask.account.id, 'holdingUntil'),
      graceMs,
      rates: { ...pool.rates },
      callsInMs,
      tokensInMs,
      pauseMs: Math.max(0, pool.pausedUntil - now),
      failures: pool.failures,
      silentMs: pool.failures > 0 ? now - pool.failingSince : 0,
      isProbe,
    };
  }
}

function isSetBack(pool: Epoch, memory: PoolMemory): boolean {
  return memory.epoch === pool.epoch ? pool.version < memory.version : memory.earlier.includes(pool.epoch);
}

function replaced(account: Account | undefined, session: string): Pick<Account, 'session' | 'lost'> {
  if (account === undefined || account.session === session) return { session, lost: account?.lost ?? '' };
  return { session, lost: `${account.session} ${account.lost}`.slice(0, LOST_CHARACTERS) };
}
