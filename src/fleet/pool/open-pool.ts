import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { StoreError } from '../../files/store-error.ts';
import { GleanerError } from '../../gleaner-error.ts';
import type { Pool, PoolMember, PoolRun, WorkingPool } from '../../run/pool.ts';
import { delay } from '../../pacing/delay.ts';
import { isReplacedIn, lowerClaim } from './lower-claim.ts';
import { describePool, parsePoolAddress, type PoolAddress } from './pool-address.ts';
import { PoolGate } from './pool-gate.ts';
import { accountIn, readPoolRecord, writePoolRecord } from './pool-record.ts';
import { PoolSession, type PoolShare } from './pool-session.ts';
import type { Amount, Caps, ClaimEnd, PoolState, RunCaps } from './pool-store.ts';
import { describeDifferences, serverWarnings } from './pool-notices.ts';
import { PooledBudget } from './pooled-budget.ts';
import { PooledPacer } from './pooled-pacer.ts';
import { PooledQuota } from './pooled-quota.ts';
import { connect, createConnection, refusalOf, type RedisConnection } from './redis-connection.ts';
import { RedisStore } from './redis-store.ts';

export interface PoolOptions {
  /** `redis://[user@]host[:port][/database]`, or `rediss://` for TLS. Never with a password. */
  url: string;
  /** Default none. */
  password?: string | undefined;
  /** Tells pools on one server apart. Default `gleaner`. */
  prefix?: string | undefined;
  /** Caps of all runs of the pool together. The first run sets them; they change while no run is at work. Default none. */
  maxTotalTokens?: number | undefined;
  maxCostUsd?: number | undefined;
  /** What of the spending belongs together, where a run has several directories, and its caps. Default: each directory is a run. */
  run?: { id: string; maxTotalTokens?: number | undefined; maxCostUsd?: number | undefined } | undefined;
  /** How long a pool that does not answer is waited for before a run stops. Default 60 s. */
  waitMs?: number | undefined;
  /** For how long the pool counts a run as living that is not heard of. Default 15 s. */
  leaseMs?: number | undefined;
}

/** A pool, for `run`, together with its connection. */
export interface OpenedPool extends Pool {
  close(): Promise<void>;
}

/** Caps are counted in billionths of a dollar, as doubles, which are exact up to here. */
const MOST_COST_USD = 9_000_000;
const LOOK_AGAIN_MS = 50;

/**
 * Opens a pool that runs share: their rates a minute, a budget, pauses and the circuit breaker. Nothing is sent before a run has something to
 * ask for.
 *
 * @throws {GleanerError} for options that are out of range, and where ioredis is not installed
 */
export function openPool(options: PoolOptions): Promise<OpenedPool> {
  return openFleetPool(options);
}

export interface FleetPoolOptions extends PoolOptions {
  /** Whether what lets the server forget was said, as when a run is submitted. Default false. */
  isWarned?: boolean | undefined;
  /** The caps of the run's latest submission, wherever the pool may have forgotten them. Default those of `run`, which is not submitted. */
  runCaps?: (() => Promise<RunCaps>) | undefined;
}

/** A pool of a fleet, whose workers look after what those that were killed had claimed. */
export interface FleetPool extends OpenedPool {
  /**
   * Puts right what a run directory claims whose session is gone.
   *
   * @param spentIn what was spent in it at most
   */
  lowerClaim(directory: string, spentIn: () => Promise<Amount | undefined>): Promise<ClaimEnd>;
  /**
   * Waits, once a call is noted and before it is sent, where the pool has not been heard of within its lease: another one may have read
   * what is noted by then, and given the rest of the claim to others.
   *
   * @throws {RunStop} where it has
   */
  beforeSending(signal: AbortSignal | undefined): Promise<void> | undefined;
}

export async function openFleetPool(options: FleetPoolOptions): Promise<FleetPool> {
  const address = parsePoolAddress(options.url, options.prefix);
  const caps = capsOf(options);
  const ownCaps: RunCaps = { revision: 0, ...(options.run === undefined ? {} : capsOf(options.run)) };
  const runCaps = options.runCaps ?? (() => ownCaps);
  const connection = await createConnection(address, options.password);
  let session: PoolSession | undefined;
  const onSession = (opened: PoolSession): void => void (session = opened);
  const borne = new Map<string, number>();
  const pool: FleetPool & WorkingPool = {
    name: describePool(address),
    enter: (run) => enterPool(run, { ...options, address, caps, runCaps, connection, borne, onSession }),
    beforeSending: (signal) => (session === undefined || session.isFresh ? undefined : untilFresh(session, signal)),
    lowerClaim: async (directory, spentIn) => {
      const known = accountIn(directory, nameInRecords(address));
      if (known === undefined || options.run === undefined) return 'kept';
      const { account, outside } = known;
      const { redis } = connection;
      const store = new RedisStore(connection, address, '');
      if (redis.status === 'wait') await connect(connection, address);
      const ofPool = async (): Promise<Amount | undefined> => {
        const spent = await spentIn();
        return spent && { tokens: spent.tokens - outside.tokens, nanoUsd: spent.nanoUsd - outside.nanoUsd };
      };
      return lowerClaim({ redis, address, store, account, run: options.run.id, directory, spentIn: ofPool });
    },
    close: () => {
      connection.redis.disconnect();
      return Promise.resolve();
    },
  };
  return pool;
}

interface Entrance extends Omit<FleetPoolOptions, 'runCaps'> {
  address: PoolAddress;
  caps: Caps;
  runCaps: () => RunCaps | Promise<RunCaps>;
  connection: RedisConnection;
  /** How many calls in flight each model bore last: a worker goes from chunk to chunk, and none of them finds it out anew. */
  borne: Map<string, number>;
  onSession(session: PoolSession): void;
}

/** By what name run directories know the pool. */
function nameInRecords({ host, port, database, prefix }: PoolAddress): string {
  return `${host}:${port}/${database} ${prefix}`;
}

async function untilFresh(session: PoolSession, signal: AbortSignal | undefined): Promise<void> {
  while (!session.isFresh) {
    if (session.failure !== undefined) throw session.failure;
    session.exchangeSoon();
    await delay(LOOK_AGAIN_MS, signal);
  }
}

function enterPool(run: PoolRun, entrance: Entrance): PoolMember {
  const { address, caps, runCaps, connection, borne, leaseMs, waitMs } = entrance;
  const { directory, budget, onNotice, emit } = run;
  const poolName = nameInRecords(address);
  const record = readPoolRecord(directory, poolName, wholeOf(budget.spent));
  const rates = { requestsPerMinute: run.rates.requestsPerMinute, tokensPerMinute: run.rates.tokensPerMinute };
  const id = randomUUID();
  const quotaName = quotaNameOf(run);
  const session = new PoolSession({
    store: new RedisStore(connection, address, quotaName),
    account: {
      run: entrance.run?.id ?? record.account,
      id: record.account,
      session: id,
      name: `${run.name}, process ${process.pid} on ${hostname()}`,
    },
    join: { caps, rates },
    runCaps,
    memory: record.memory,
    newEpoch: randomUUID,
    isReplaced: () => !run.isHeld() || isReplacedIn(directory, id),
    leaseMs,
    waitMs,
    onNotice,
    refusalOf: (error) => refusalOf(error, address),
  });
  entrance.onSession(session);
  const quota = new PooledQuota(session);
  const { pacer, close: closePacer } = run.openPacer({ tokens: quota }, borne.get(quotaName));
  const gate = new PoolGate({
    session,
    onNotice,
    onPause: (pauseMs, reason) => {
      pacer.pause(pauseMs);
      emit?.({ type: 'pause', reason, pauseMs, until: Date.now() + pauseMs });
    },
  });
  const pooled = new PooledBudget({ budget, session, outside: record.outside });
  const remember = (): void => {
    if (run.isHeld()) writePoolRecord(directory, poolName, { ...record, memory: session.memory });
  };
  const begin: PoolShare = onFirst((state) => {
    remember();
    const { isPriced } = run;
    if (state.caps.nanoUsd !== undefined && !isPriced) session.fail(unpriced(run, session.name));
    for (const difference of describeDifferences(state, { caps, rates })) onNotice?.(difference);
    if (entrance.isWarned === true) return;
    void serverWarnings(connection.redis).then((warnings) => {
      for (const warning of warnings) onNotice?.(`The pool at ${session.name}: ${warning}`);
    });
  });
  for (const share of [begin, gate, pooled, quota]) session.attach(share);
  return {
    pacer: new PooledPacer({ pacer, gate, session }),
    budget: pooled,
    close: async () => {
      if ((pacer.callsBorne ?? 0) > 0) borne.set(quotaName, pacer.callsBorne ?? 0);
      await closePacer();
      await session.close();
      await quota.close();
      if (session.state !== undefined) tryTo(remember);
    },
  };
}

/** At the end of a run the directory itself says what is wrong with it; what was written when it came into the pool stands. */
function tryTo(write: () => void): void {
  try {
    write();
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
  }
}

/** Does something once, when the pool is first heard of. */
function onFirst(act: (state: PoolState) => void): PoolShare {
  let isDone = false;
  return {
    say: () => undefined,
    hear: (state) => {
      if (isDone) return;
      act(state);
      isDone = true;
    },
  };
}

/** A quota is one service's, for one model in one location. */
function quotaNameOf({ service, model }: PoolRun): string {
  return [service.name, service.location, model].filter((part) => part !== undefined).join(' ');
}

function wholeOf({ tokens, nanoUsd }: Readonly<Amount>): Amount {
  return { tokens, nanoUsd: Math.ceil(nanoUsd) };
}

function capsOf({ maxTotalTokens, maxCostUsd }: Pick<PoolOptions, 'maxTotalTokens' | 'maxCostUsd'>): Caps {
  if (maxTotalTokens !== undefined && !(Number.isSafeInteger(maxTotalTokens) && maxTotalTokens > 0)) {
    throw new GleanerError(
      'option-invalid',
      `Cannot open the pool: maxTotalTokens must be a whole number above 0, got ${maxTotalTokens}`,
    );
  }
  if (maxCostUsd !== undefined && !(maxCostUsd > 0 && maxCostUsd <= MOST_COST_USD)) {
    throw new GleanerError(
      'option-invalid',
      `Cannot open the pool: maxCostUsd must be above 0 and at most ${MOST_COST_USD}, got ${maxCostUsd}`,
    );
  }
  return {
    ...(maxTotalTokens === undefined ? {} : { tokens: maxTotalTokens }),
    ...(maxCostUsd === undefined ? {} : { nanoUsd: Math.round(maxCostUsd * 1e9) }),
  };
}

function unpriced({ name, model }: PoolRun, pool: string): GleanerError {
  return new GleanerError(
    'cap-unenforceable',
    `Cannot keep the cap on the cost of the pool at ${pool} for ${name}: the price of ${model ?? 'a self-deployed model'} is not known; give prices of your own, or use a pool that caps the tokens instead`,
    { facts: { advice: 'price', model: model ?? null } },
  );
}
