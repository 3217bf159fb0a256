import type { Quota } from '../../pacing/quota.ts';
import { RequestRate } from '../../pacing/request-rate.ts';
import type { PoolSession, PoolShare } from './pool-session.ts';
import { RATE_MARGIN, type PoolAsk, type PoolState, type Rates } from './pool-store.ts';

interface Waiter {
  tokens: number;
  /** When its turn comes, by the clock of this process; undefined until it has one. */
  dueAt: number | undefined;
  /** Whether a turn is asked for it. */
  isAsked: boolean;
  admit(): void;
  fail(error: Error): void;
}

/** A lease is for so much of a rate, all sessions together. */
const LEASE_SECONDS = 1;
/** The next is asked for so long before the last turn of this one. */
const AHEAD_MS = 50;
/** A turn that is later than this is given up. */
const MISSED_MS = 250;
/** So much of what turns are worth leaves at once. */
const LOCAL_BURST_MS = 50;
/** Turns so close to one another share a timer. */
const TOGETHER_MS = 5;

/**
 * Calls and tokens a minute, shared with all sessions of a pool. What is taken is one call with its tokens. The pool hands out turns in
 * bunches: a bunch is for the calls that wait, and for a second's share at most, so that a session that dies takes few turns with
 * it. Within a lease Bottleneck keeps the pace, so that calls whose turns passed while this process was busy do not leave in one burst.
 */
export class PooledQuota implements Quota, PoolShare {
  readonly #session: Pick<PoolSession, 'exchangeSoon' | 'failure' | 'state'>;
  readonly #now: () => number;
  readonly #waiters = new Set<Waiter>();
  #credit = 0;
  #isClosed = false;
  #timer: NodeJS.Timeout | undefined;
  #timerAt = Infinity;
  #local: { rate: RequestRate; perMinute: number } | undefined;
  /** When the last turn comes that was handed out. */
  #lastTurn = -Infinity;
  #asked = { calls: 0, tokens: 0 };

  constructor(session: Pick<PoolSession, 'exchangeSoon' | 'failure' | 'state'>, now = (): number => performance.now()) {
    this.#session = session;
    this.#now = now;
  }

  async take(tokens: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    const rates = this.#session.state?.rates;
    if (rates !== undefined && isUnlimited(rates) && this.#waiters.size === 0) return;
    await this.#wait(tokens, signal);
    const perMinute = this.#session.state?.rates.requestsPerMinute;
    if (perMinute !== undefined) await this.#localRate(perMinute).take(1, signal);
  }

  settle(taken: number, used: number): void {
    this.#credit += Math.round(taken - used);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#local?.rate.close();
  }

  say(ask: PoolAsk): void {
    ask.credit = this.#credit;
    for (const waiter of this.#waiters) waiter.isAsked = false;
    if (ask.leaves || this.#lastTurn - this.#now() > AHEAD_MS) return;
    const most = bunchOf(this.#session.state);
    for (const waiter of this.#waiters) {
      if (waiter.dueAt !== undefined) continue;
      // One call at least, however large it is.
      if (ask.calls > 0 && (ask.calls >= most.calls || ask.tokens + waiter.tokens > most.tokens)) break;
      waiter.isAsked = true;
      ask.calls += 1;
      ask.tokens += waiter.tokens;
    }
    this.#asked = { calls: ask.calls, tokens: ask.tokens };
  }

  hear(state: PoolState): void {
    const now = this.#now();
    const { rates } = state;
    const each = (perMinute: number | undefined): number =>
      perMinute === undefined ? 0 : 60_000 / (perMinute * RATE_MARGIN);
    const [eachCall, eachToken] = [each(rates.requestsPerMinute), each(rates.tokensPerMinute)];
    let calls = 0;
    let tokens = 0;
    for (const waiter of this.#waiters) {
      if (isUnlimited(rates)) waiter.dueAt = now;
      if (!waiter.isAsked || waiter.dueAt !== undefined) continue;
      waiter.dueAt = now + Math.max(0, state.callsInMs + calls * eachCall, state.tokensInMs + tokens * eachToken);
      this.#lastTurn = waiter.dueAt;
      calls += 1;
      tokens += waiter.tokens;
    }
    // Those that have left meanwhile were given a turn, and use no tokens.
    this.#credit += this.#asked.tokens - tokens;
    this.#asked = { calls: 0, tokens: 0 };
    this.#admitDue();
  }

  unheard(): void {
    this.#asked = { calls: 0, tokens: 0 };
  }

  fail(error: Error): void {
    for (const waiter of this.#waiters) waiter.fail(error);
  }

  #wait(tokens: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#session.failure !== undefined) {
        reject(this.#session.failure);
        return;
      }
      const leave = (): void => {
        signal?.removeEventListener('abort', onAbort);
        this.#waiters.delete(waiter);
      };
      const onAbort = (): void => {
        leave();
        reject(signal?.reason);
      };
      const waiter: Waiter = {
        tokens,
        dueAt: undefined,
        isAsked: false,
        admit: () => {
          leave();
          resolve();
        },
        fail: (error) => {
          leave();
          reject(error);
        },
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#waiters.add(waiter);
      this.#askAhead();
    });
  }

  #admitDue(): void {
    const soon = this.#now() + TOGETHER_MS;
    let next: number | undefined;
    for (const waiter of this.#waiters) {
      if (waiter.dueAt === undefined) continue;
      if (waiter.dueAt < soon - MISSED_MS) this.#miss(waiter);
      else if (waiter.dueAt <= soon) waiter.admit();
      else next ??= waiter.dueAt;
    }
    this.#askAhead();
    if (next !== undefined) this.#wakeAt(next);
  }

  /** This process stood still when its turn came. It takes another: what is late by more would be a burst on top of others' turns. */
  #miss(waiter: Waiter): void {
    waiter.dueAt = undefined;
    this.#credit += waiter.tokens;
  }

  /** Asks for turns in time: when the last of those there are is near. */
  #askAhead(): void {
    // What comes of an exchange that asks for turns says when the next ones are needed.
    if (this.#isClosed || this.#asked.calls > 0 || !this.#hasUnassigned()) return;
    const aheadMs = this.#lastTurn - AHEAD_MS - this.#now();
    if (aheadMs <= 0) this.#session.exchangeSoon();
    else this.#wakeAt(this.#lastTurn - AHEAD_MS);
  }

  #hasUnassigned(): boolean {
    // Those that have a turn stand before those that have none.
    for (const { dueAt } of this.#waiters) if (dueAt === undefined) return true;
    return false;
  }

  #wakeAt(at: number): void {
    if (this.#isClosed || at >= this.#timerAt) return;
    clearTimeout(this.#timer);
    this.#timerAt = at;
    this.#timer = setTimeout(
      () => {
        this.#timerAt = Infinity;
        this.#admitDue();
      },
      Math.max(1, at - this.#now()),
    );
  }

  #localRate(perMinute: number): RequestRate {
    if (this.#local?.perMinute !== perMinute) {
      void this.#local?.rate.close();
      this.#local = { perMinute, rate: new RequestRate(perMinute, { margin: 1, catchUpMs: LOCAL_BURST_MS }) };
    }
    return this.#local.rate;
  }
}

function isUnlimited({ requestsPerMinute, tokensPerMinute }: Rates): boolean {
  return requestsPerMinute === undefined && tokensPerMinute === undefined;
}

/** The most of one lease; before the pool is known, one call. */
function bunchOf(state: PoolState | undefined): { calls: number; tokens: number } {
  if (state === undefined) return { calls: 1, tokens: 0 };
  const share = (perMinute: number | undefined): number =>
    perMinute === undefined ? Infinity : ((perMinute / 60) * LEASE_SECONDS) / Math.max(1, state.live);
  return {
    calls: Math.max(1, Math.floor(share(state.rates.requestsPerMinute))),
    tokens: share(state.rates.tokensPerMinute),
  };
}
