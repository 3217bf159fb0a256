import type { CallAdditions } from '../completion/client.ts';
import type { ChatRequest } from '../completion/request.ts';
import { limitsOf } from '../models/registry.ts';
import { WaitQueue } from '../pacing/wait-queue.ts';
import type { AttemptEntry, Spending } from '../store/entries.ts';
import { formatCount, formatUsd } from '../text/format.ts';
import { boundOf } from './call-bound.ts';
import type { Prices } from './prices.ts';

export interface BudgetOptions {
  /** Default: no cap. */
  maxTokens?: number | undefined;
  /** Billionths of a US dollar. Default: no cap. */
  maxNanoUsd?: number | undefined;
  prices: Pick<Prices, 'costOf' | 'worstCost'>;
  /** What the client adds to every request. */
  additions?: CallAdditions | undefined;
  /** Called once where a call was billed more than was reserved for it, and once where its price is not known. */
  onNotice?: ((notice: string) => void) | undefined;
}

/** In both currencies; dollars that are not known count as none. */
type Sum = Required<Spending>;

/**
 * Keeps a run within its caps. The worst case of every call is reserved before it is sent, so the caps hold whatever the
 * calls in flight turn out to cost; when a call ends, what it did not use is given back. Near a cap, calls wait for one
 * another and so become fewer at a time. When nothing is in flight and the next call does not fit, the budget is exhausted;
 * so it is once a call was billed more than was reserved for it, because the caps are not safe any more.
 *
 * Without caps it only says what each call can cost at most, for sessions to come that may have caps.
 */
export class Budget {
  readonly #options: BudgetOptions;
  readonly #line = new WaitQueue();
  readonly #spent: Sum = { tokens: 0, nanoUsd: 0 };
  readonly #reserved: Sum = { tokens: 0, nanoUsd: 0 };
  #inFlight = 0;
  /** What the first call that found no room might have needed. */
  #refused: Spending = NOTHING;
  #refusedCalls = 1;
  #overrun: string | undefined;
  /** The first model that answered without a known price. */
  #unpriced: string | undefined;

  constructor(options: BudgetOptions) {
    this.#options = options;
  }

  /** Spent so far, the most where that is not known. */
  get spent(): Readonly<Sum> {
    return this.#spent;
  }

  /** Reserved for calls in flight. */
  get reserved(): Readonly<Sum> {
    return this.#reserved;
  }

  /** Whether calls wait until others give back what they do not use. */
  get isWaiting(): boolean {
    return this.#line.length > 0;
  }

  /** Counts a call of an earlier session. */
  addEarlier(entry: AttemptEntry): void {
    addTo(this.#spent, this.#spendingOf(entry, undefined));
  }

  /** Sets what earlier sessions have spent: what a checkpoint says of them, or nothing. */
  resume({ tokens, nanoUsd }: Readonly<Sum> = NOTHING): void {
    this.#spent.tokens = tokens;
    this.#spent.nanoUsd = nanoUsd;
  }

  /** The most that a line of a batch job can cost. */
  worstOfLine(request: ChatRequest): Spending {
    const bound = boundOf(request, this.#options.additions);
    const nanoUsd = this.#options.prices.worstCost(bound, { batch: true });
    const tokens = bound.promptTokens + bound.outputTokens;
    return nanoUsd === undefined ? { tokens } : { tokens, nanoUsd };
  }

  /**
   * Sets aside what lines of batch jobs may cost, which no call waits for to come back. What has been committed already is set aside
   * whether there is room or not.
   */
  hold(wanted: Spending, { isCommitted = false } = {}): boolean {
    if (!isCommitted && !this.#hasRoomFor(wanted)) {
      this.#refused = wanted;
      return false;
    }
    addTo(this.#reserved, wanted);
    return true;
  }

  /** Gives back what was set aside, and counts what lines have cost. */
  giveBack(held: Spending, entry?: AttemptEntry): void {
    this.#reserved.tokens -= held.tokens;
    this.#reserved.nanoUsd -= held.nanoUsd ?? 0;
    if (entry !== undefined) addTo(this.#spent, this.#spendingOf(entry, held));
    this.#admitWaiting();
  }

  /** Reserves the worst case of a call, waiting for others to give room back; undefined when there will not be enough. */
  async reserve(request: ChatRequest, signal: AbortSignal): Promise<Spending | undefined> {
    const wanted = this.#worstCaseOf(request);
    while (!this.#hasRoomFor(wanted)) {
      if (this.#isExhaustedFor(wanted, 1)) return undefined;
      await this.#line.wait(signal);
    }
    addTo(this.#reserved, wanted);
    this.#inFlight += 1;
    return wanted;
  }

  /** As `reserve`, without waiting: undefined where there is no room now. */
  tryReserve(request: ChatRequest): Spending | undefined {
    const wanted = this.#worstCaseOf(request);
    if (!this.#hasRoomFor(wanted)) return undefined;
    addTo(this.#reserved, wanted);
    this.#inFlight += 1;
    return wanted;
  }

  /** Reserves the worst case of several calls at once, or of none of them: those of one record. */
  async reserveAll(requests: readonly ChatRequest[], signal: AbortSignal): Promise<Spending[] | undefined> {
    const wanted = requests.map((request) => this.#worstCaseOf(request));
    const sum = sumOf(wanted);
    while (!this.#hasRoomFor(sum)) {
      if (this.#isExhaustedFor(sum, wanted.length)) return undefined;
      await this.#line.wait(signal);
    }
    addTo(this.#reserved, sum);
    this.#inFlight += wanted.length;
    return wanted;
  }

  /** Whether nothing that is in flight will make room. */
  #isExhaustedFor(wanted: Spending, calls: number): boolean {
    if (this.#inFlight > 0 && this.#overrun === undefined) return false;
    this.#refused = wanted;
    this.#refusedCalls = calls;
    return true;
  }

  #worstCaseOf(request: ChatRequest): Spending {
    const bound = boundOf(request, this.#options.additions);
    const nanoUsd = this.#options.prices.worstCost(bound);
    const tokens = bound.promptTokens + bound.outputTokens;
    return nanoUsd === undefined ? { tokens } : { tokens, nanoUsd };
  }

  /** Gives a reservation back for what the call has cost; all of it counts as spent where that is not known. */
  settle(reservation: Spending, entry: AttemptEntry): void {
    const spent = this.#spendingOf(entry, reservation);
    this.#noteOverrun(reservation, spent, entry);
    this.#noteUnpriced(entry);
    this.#release(reservation, spent);
  }

  /** Gives back the reservation of a call that was not sent. */
  cancel(reservation: Spending): void {
    this.#release(reservation, NOTHING);
  }

  get isBelowOneCall(): boolean {
    const { maxTokens = Infinity, maxNanoUsd = Infinity } = this.#options;
    const { tokens, nanoUsd = 0 } = this.#refused;
    return this.#spent.tokens === 0 && (tokens > maxTokens || nanoUsd > maxNanoUsd);
  }

  describe(): string {
    if (this.#overrun !== undefined) return this.#overrun;
    const { maxTokens, maxNanoUsd } = this.#options;
    if (maxNanoUsd !== undefined && this.#refused.nanoUsd === undefined)
      return 'the cap on the cost cannot be kept any more: the price of the model is not known from today on';
    const further = this.#refusedCalls === 1 ? 'one more call' : `the ${this.#refusedCalls} calls of one more record`;
    const parts = [
      ...(maxTokens === undefined
        ? []
        : [
            `${formatCount(this.#spent.tokens)} of ${formatCount(maxTokens)} tokens are spent, and ${further} might need ${formatCount(this.#refused.tokens)} tokens`,
          ]),
      ...(maxNanoUsd === undefined
        ? []
        : [
            `${usd(this.#spent.nanoUsd)} of ${usd(maxNanoUsd)} are spent, and ${further} might need ${usd(this.#refused.nanoUsd ?? 0)}`,
          ]),
    ];
    if (this.isBelowOneCall) {
      return `the cap does not cover a single ${this.#refusedCalls === 1 ? 'call' : 'record'}: ${parts.join('; ')}. Raise the cap, or lower request.maxTokens, which bounds what a call may need`;
    }
    return `the budget is used up: ${parts.join('; ')}. Raise the cap, or lower request.maxTokens, which bounds what a call may need`;
  }

  /** What a call counts as: what was reported; the most it may have cost, where that is not all known. */
  #spendingOf(entry: AttemptEntry, reservation: Spending | undefined): Sum {
    const { total } = entry.tokens;
    const most = entry.mayCost ?? (isUnknown(entry) ? this.#limitOf(entry) : undefined);
    if (most === undefined && total === 0) return NOTHING;
    const cost = total === 0 ? 0 : this.#options.prices.costOf(entry);
    if (most !== undefined)
      return { tokens: Math.max(most.tokens, total), nanoUsd: Math.max(this.#dollarsOf(most), cost ?? 0) };
    return { tokens: total, nanoUsd: cost ?? this.#dollarsOf(reservation ?? { tokens: total }) };
  }

  /** Lines of sessions that noted no dollars: each token at the most that a token can cost. */
  #dollarsOf({ tokens, nanoUsd }: Spending): number {
    if (nanoUsd !== undefined && nanoUsd > 0) return nanoUsd;
    return this.#options.prices.worstCost({ model: undefined, promptTokens: tokens, outputTokens: tokens }) ?? 0;
  }

  /** Lines of sessions that noted no bound at all. */
  #limitOf({ model }: AttemptEntry): Spending {
    const { promptLimit, outputLimit } = limitsOf(model);
    return { tokens: promptLimit + outputLimit };
  }

  #noteOverrun(reservation: Spending, spent: Sum, entry: AttemptEntry): void {
    const { maxTokens, maxNanoUsd, onNotice } = this.#options;
    const isOverTokens = maxTokens !== undefined && spent.tokens > reservation.tokens;
    const isOverCost = maxNanoUsd !== undefined && spent.nanoUsd > (reservation.nanoUsd ?? 0);
    if (this.#overrun !== undefined || (!isOverTokens && !isOverCost)) return;
    const bill = isOverTokens ? `${formatCount(spent.tokens)} tokens` : usd(spent.nanoUsd);
    const most = isOverTokens ? `${formatCount(reservation.tokens)} tokens` : usd(reservation.nanoUsd ?? 0);
    const served = [entry.model, entry.trafficType].filter((name) => name !== undefined).join(', ');
    this.#overrun = `the cap cannot be kept: call ${entry.call} was billed ${bill} where ${most} was the most that was reckoned with${served === '' ? '' : ` (served by ${served})`}`;
    onNotice?.(this.#overrun);
  }

  #noteUnpriced(entry: AttemptEntry): void {
    const { maxNanoUsd, prices, onNotice } = this.#options;
    if (maxNanoUsd === undefined || this.#unpriced !== undefined || entry.model === undefined) return;
    if (entry.tokens.total === 0 || prices.costOf(entry) !== undefined) return;
    this.#unpriced = entry.model;
    onNotice?.(
      `${entry.model} answered, whose price is not known: its calls count for the cap on the cost with the most that the model asked for could have cost`,
    );
  }

  #release(reservation: Spending, spent: Sum): void {
    this.#reserved.tokens -= reservation.tokens;
    this.#reserved.nanoUsd -= reservation.nanoUsd ?? 0;
    addTo(this.#spent, spent);
    this.#inFlight -= 1;
    this.#admitWaiting();
  }

  /** Whoever still does not fit lines up again, or learns that the budget is exhausted. */
  #admitWaiting(): void {
    for (let waiting = this.#line.length; waiting > 0; waiting -= 1) this.#line.admitNext();
  }

  #hasRoomFor(wanted: Spending): boolean {
    if (this.#overrun !== undefined) return false;
    const { maxTokens, maxNanoUsd } = this.#options;
    if (maxTokens !== undefined && this.#spent.tokens + this.#reserved.tokens + wanted.tokens > maxTokens) return false;
    if (maxNanoUsd === undefined) return true;
    return wanted.nanoUsd !== undefined && this.#spent.nanoUsd + this.#reserved.nanoUsd + wanted.nanoUsd <= maxNanoUsd;
  }
}

/** Whether a call may have been billed of which nothing was reported. */
function isUnknown({ outcome, status, tokens }: AttemptEntry): boolean {
  return tokens.total === 0 && (outcome === 'unsettled' || status === 200);
}

function usd(nanoUsd: number): string {
  return formatUsd(nanoUsd / 1e9);
}

const NOTHING: Sum = { tokens: 0, nanoUsd: 0 };

/** Without dollars where those of one are not known. */
function sumOf(spendings: readonly Spending[]): Spending {
  const isPriced = spendings.every(({ nanoUsd }) => nanoUsd !== undefined);
  const sum = { ...NOTHING };
  for (const spending of spendings) addTo(sum, spending);
  return isPriced ? sum : { tokens: sum.tokens };
}

function addTo(sum: Sum, { tokens, nanoUsd = 0 }: Spending): void {
  sum.tokens += tokens;
  sum.nanoUsd += nanoUsd;
}
