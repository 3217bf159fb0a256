import type { Budget as RunBudget } from '../../accounting/budget.ts';
import type { ChatRequest } from '../../completion/request.ts';
import type { Budget } from '../../run/ports.ts';
import type { AttemptEntry, Spending } from '../../store/entries.ts';
import { formatCount, formatUsd } from '../../text/format.ts';
import type { PoolSession, PoolShare } from './pool-session.ts';
import type { Amount, Caps, PoolAsk, PoolState } from './pool-store.ts';

export interface PooledBudgetOptions {
  /** The run's own budget, whose caps hold besides. */
  budget: Pick<
    RunBudget,
    'spent' | 'reserve' | 'reserveAll' | 'settle' | 'cancel' | 'isWaiting' | 'isBelowOneCall' | 'describe'
  >;
  session: Pick<PoolSession, 'exchangeSoon' | 'exchangeWithin' | 'failure' | 'isFresh' | 'name'>;
  /** What the run had spent before it first came into the pool, which is no spending of the pool's. */
  outside: Amount;
  /** Milliseconds of a clock that is never set back. Default performance.now. */
  now?: (() => number) | undefined;
}

interface Waiter {
  wanted: Amount;
  calls: number;
  end(isAdmitted: boolean | Error): void;
}

/** Claims are made for what was admitted in this time, and as much again. */
const LATELY_MS = 1000;

/** How often room is looked for that other sessions may have given back. */
const LOOK_AGAIN_MS = 250;

/**
 * A run's budget within the budget of a pool. Each reservation is taken from both: from the run's caps first, then from what this session
 * has claimed of the pool. Claims are made for what was admitted lately twice over, so that few calls wait for one; what a claim holds
 * beyond what calls may cost goes back with the next exchange.
 */
export class PooledBudget implements Budget, PoolShare {
  readonly #options: PooledBudgetOptions;
  readonly #line: Waiter[] = [];
  /** Reserved for calls that were let go. */
  readonly #admitted: Amount = { tokens: 0, nanoUsd: 0 };
  readonly #now: () => number;
  #latelySince = -Infinity;
  /** Admitted in this second or so, and in the one before. */
  #lately: Amount = { tokens: 0, nanoUsd: 0 };
  #before: Amount = { tokens: 0, nanoUsd: 0 };
  #inFlight = 0;
  #state: PoolState | undefined;
  #asked: Amount | undefined;
  #exhausted: string | undefined;

  constructor(options: PooledBudgetOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
  }

  async reserve(request: ChatRequest, signal: AbortSignal): Promise<Spending | undefined> {
    const { budget } = this.#options;
    const reservation = await budget.reserve(request, signal);
    if (reservation === undefined) return undefined;
    if (await this.#admit([reservation], signal)) return reservation;
    budget.cancel(reservation);
    return undefined;
  }

  async reserveAll(requests: readonly ChatRequest[], signal: AbortSignal): Promise<Spending[] | undefined> {
    const { budget } = this.#options;
    const reservations = await budget.reserveAll(requests, signal);
    if (reservations === undefined) return undefined;
    if (await this.#admit(reservations, signal)) return reservations;
    for (const reservation of reservations) budget.cancel(reservation);
    return undefined;
  }

  settle(reservation: Spending, entry: AttemptEntry): void {
    this.#options.budget.settle(reservation, entry);
    this.#release(reservation);
  }

  cancel(reservation: Spending): void {
    this.#options.budget.cancel(reservation);
    this.#release(reservation);
  }

  get isWaiting(): boolean {
    return this.#line.length > 0 || this.#options.budget.isWaiting;
  }

  get isBelowOneCall(): boolean {
    return this.#exhausted === undefined && this.#options.budget.isBelowOneCall;
  }

  describe(): string {
    return this.#exhausted ?? this.#options.budget.describe();
  }

  say(ask: PoolAsk): void {
    const spent = this.#spent();
    const committed = sum(spent, this.#admitted);
    const next = this.#line[0];
    ask.spent = spent;
    ask.committed = committed;
    ask.needed = next === undefined ? committed : sum(committed, next.wanted);
    const waiting = this.#line.reduce((all, { wanted }) => sum(all, wanted), { tokens: 0, nanoUsd: 0 });
    // A session that has just begun has no time before this one: what it claims doubles, so that not each of its calls asks.
    const lately = sum(this.#lately, mostOf(this.#before, this.#lately));
    ask.wanted = ask.leaves ? committed : sum(sum(committed, waiting), lately);
    this.#asked = next === undefined ? undefined : ask.needed;
    const now = this.#now();
    if (now - this.#latelySince < LATELY_MS) return;
    this.#latelySince = now;
    this.#before = this.#lately;
    this.#lately = { tokens: 0, nanoUsd: 0 };
  }

  hear(state: PoolState): void {
    this.#state = state;
    const asked = this.#asked;
    this.#asked = undefined;
    this.#admitWaiting();
    const next = this.#line[0];
    if (next === undefined) return;
    const needed = sum(sum(this.#spent(), this.#admitted), next.wanted);
    const { session } = this.#options;
    if (this.#inFlight > 0) return session.exchangeWithin(LOOK_AGAIN_MS / 10);
    if (asked?.tokens !== needed.tokens || asked.nanoUsd !== needed.nanoUsd) return session.exchangeSoon();
    if (state.othersHolding === 0 && state.graceMs === 0) return this.#exhaust(next.wanted, state);
    session.exchangeWithin(Math.max(state.graceMs, LOOK_AGAIN_MS));
  }

  fail(error: Error): void {
    for (const { end } of this.#line.splice(0)) end(error);
  }

  async #admit(reservations: readonly Spending[], signal: AbortSignal): Promise<boolean> {
    const { session } = this.#options;
    if (session.failure !== undefined) throw session.failure;
    const isPriced = reservations.every(({ nanoUsd }) => nanoUsd !== undefined);
    if (!isPriced && (this.#state?.caps.nanoUsd ?? this.#state?.runCaps.nanoUsd) !== undefined) {
      this.#exhausted = `the cap on the cost of the pool at ${session.name} cannot be kept: the price of the model is not known`;
      return false;
    }
    const wanted = reservations.reduce<Amount>((all, one) => sum(all, amountOf(one)), { tokens: 0, nanoUsd: 0 });
    if (this.#line.length === 0 && this.#fits(wanted)) {
      this.#count({ wanted, calls: reservations.length });
      return true;
    }
    return this.#wait(wanted, reservations.length, signal);
  }

  #wait(wanted: Amount, calls: number, signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(signal.reason);
        return;
      }
      const onAbort = (): void => {
        this.#line.splice(this.#line.indexOf(waiter), 1);
        reject(signal.reason);
      };
      const waiter: Waiter = {
        wanted,
        calls,
        end: (how) => {
          signal.removeEventListener('abort', onAbort);
          if (how instanceof Error) reject(how);
          else resolve(how);
        },
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.#line.push(waiter);
      this.#options.session.exchangeSoon();
    });
  }

  #admitWaiting(): void {
    for (let next = this.#line[0]; next !== undefined && this.#fits(next.wanted); next = this.#line[0]) {
      this.#line.shift();
      this.#count(next);
      next.end(true);
    }
  }

  #count({ wanted, calls }: Pick<Waiter, 'wanted' | 'calls'>): void {
    this.#inFlight += calls;
    addTo(this.#admitted, wanted);
    addTo(this.#lately, wanted);
    // Half of it is left for what comes while the next claim is on its way.
    if (!this.#fits(this.#lately)) this.#options.session.exchangeSoon();
  }

  #release(reservation: Spending): void {
    const { tokens, nanoUsd } = amountOf(reservation);
    this.#admitted.tokens -= tokens;
    this.#admitted.nanoUsd -= nanoUsd;
    this.#inFlight -= 1;
    if (this.#line.length === 0) return;
    this.#admitWaiting();
    if (this.#line.length > 0) this.#options.session.exchangeWithin(LOOK_AGAIN_MS / 10);
  }

  #fits(wanted: Amount): boolean {
    const claim = this.#state?.claim;
    if (claim === undefined || !this.#options.session.isFresh) return false;
    const spent = this.#spent();
    return (
      spent.tokens + this.#admitted.tokens + wanted.tokens <= claim.tokens &&
      spent.nanoUsd + this.#admitted.nanoUsd + wanted.nanoUsd <= claim.nanoUsd
    );
  }

  #spent(): Amount {
    const { budget, outside } = this.#options;
    return {
      tokens: budget.spent.tokens - outside.tokens,
      nanoUsd: Math.ceil(budget.spent.nanoUsd) - outside.nanoUsd,
    };
  }

  #exhaust(wanted: Amount, state: PoolState): void {
    const { name } = this.#options.session;
    const ofPool = capTexts(`the pool at ${name}`, state.total, state.caps, wanted);
    const ofRun = capTexts('this run', state.runTotal, state.runCaps, wanted);
    const [whose, remedy] =
      ofPool.length === 0
        ? ['this run', 'Raise the cap, which may be done at any time']
        : ['the pool', 'Raise the cap once none of its runs is at work'];
    this.#exhausted = `the budget of ${whose} is used up: ${[...ofPool, ...ofRun].join('; ')}. ${remedy}, or lower request.maxTokens, which bounds what a call may need`;
    for (const { end } of this.#line.splice(0)) end(false);
  }
}

/** Those caps that leave no room. */
function capTexts(whose: string, total: Amount, caps: Caps, wanted: Amount): string[] {
  const { tokens, nanoUsd } = caps;
  return [
    ...(tokens === undefined || total.tokens + wanted.tokens <= tokens
      ? []
      : [
          `${formatCount(total.tokens)} of ${formatCount(tokens)} tokens of ${whose} are spent, and one more call might need ${formatCount(wanted.tokens)} tokens`,
        ]),
    ...(nanoUsd === undefined || total.nanoUsd + wanted.nanoUsd <= nanoUsd
      ? []
      : [
          `${formatUsd(total.nanoUsd / 1e9)} of ${formatUsd(nanoUsd / 1e9)} of ${whose} are spent, and one more call might need ${formatUsd(wanted.nanoUsd / 1e9)}`,
        ]),
  ];
}

/** Whole billionths: the pool counts in them. */
function amountOf({ tokens, nanoUsd = 0 }: Spending): Amount {
  return { tokens, nanoUsd: Math.ceil(nanoUsd) };
}

function sum(one: Amount, other: Amount): Amount {
  return { tokens: one.tokens + other.tokens, nanoUsd: one.nanoUsd + other.nanoUsd };
}

function mostOf(one: Amount, other: Amount): Amount {
  return { tokens: Math.max(one.tokens, other.tokens), nanoUsd: Math.max(one.nanoUsd, other.nanoUsd) };
}

function addTo(all: Amount, { tokens, nanoUsd }: Amount): void {
  all.tokens += tokens;
  all.nanoUsd += nanoUsd;
}
