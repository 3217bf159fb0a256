import { WaitQueue } from '../pacing/wait-queue.ts';
import { formatCount, formatUsd } from '../text/format.ts';
import type { AttemptEntry, Spending } from '../store/entries.ts';
import type { CallBound } from './call-bound.ts';

export interface BudgetOptions {
  /** Default: no cap. */
  maxTokens?: number | undefined;
  /** Billionths of a US dollar. Default: no cap. */
  maxNanoUsd?: number | undefined;
  /** The most that a call within the bound can cost, in billionths of a US dollar. */
  worstCost(bound: CallBound): number;
  /** What an ended call cost; undefined where its model's price is not known. */
  costOf(entry: AttemptEntry): number | undefined;
}

/**
 * Keeps a run within its caps. The worst case of every call is reserved before it is sent, so the caps hold whatever the
 * calls in flight turn out to cost; when a call ends, what it did not use is given back. Near a cap, calls wait for one
 * another and so become fewer at a time. When nothing is in flight and the next call does not fit, the budget is exhausted.
 */
export class Budget {
  readonly #options: BudgetOptions;
  readonly #line = new WaitQueue();
  #spent: Spending = { tokens: 0, nanoUsd: 0 };
  #reserved: Spending = { tokens: 0, nanoUsd: 0 };
  #inFlight = 0;
  /** What the first call that found no room might have needed. */
  #refused: Spending = nothing;

  constructor(options: BudgetOptions) {
    this.#options = options;
  }

  /** Counts a call of an earlier session. */
  addEarlier(entry: AttemptEntry): void {
    this.#spent = add(this.#spent, this.#spendingOf(entry, entry.mayCost));
  }

  /** Reserves the worst case of a call, waiting for others to give room back; undefined when there will not be enough. */
  async reserve(bound: CallBound, signal: AbortSignal): Promise<Spending | undefined> {
    const { maxNanoUsd, worstCost } = this.#options;
    const wanted: Spending = {
      tokens: bound.promptTokens + bound.outputTokens,
      nanoUsd: maxNanoUsd === undefined ? 0 : worstCost(bound),
    };
    while (!this.#hasRoomFor(wanted)) {
      if (this.#inFlight === 0) {
        this.#refused = wanted;
        return undefined;
      }
      await this.#line.wait(signal);
    }
    this.#reserved = add(this.#reserved, wanted);
    this.#inFlight += 1;
    return wanted;
  }

  /** Gives a reservation back for what the call has cost; all of it counts as spent where that is not known. */
  settle(reservation: Spending, entry: AttemptEntry): void {
    this.#release(reservation, this.#spendingOf(entry, reservation));
  }

  /** Gives back the reservation of a call that was not sent. */
  cancel(reservation: Spending): void {
    this.#release(reservation, nothing);
  }

  describe(): string {
    const { maxTokens, maxNanoUsd } = this.#options;
    const tokens = `${formatCount(this.#refused.tokens)} tokens`;
    const parts = [
      ...(maxTokens === undefined
        ? []
        : [
            `${formatCount(this.#spent.tokens)} of ${formatCount(maxTokens)} tokens are spent, and one more call might need ${tokens}`,
          ]),
      ...(maxNanoUsd === undefined
        ? []
        : [
            `${usd(this.#spent.nanoUsd)} of ${usd(maxNanoUsd)} are spent, and one more call might need ${usd(this.#refused.nanoUsd)}`,
          ]),
    ];
    return `the budget is used up: ${parts.join('; ')}. Raise the cap, or lower request.maxTokens, which bounds what a call may need`;
  }

  /** What a call counts as: what was reported; the most it may have cost, where that is not all known. */
  #spendingOf(entry: AttemptEntry, most: Spending | undefined): Spending {
    if (entry.mayCost !== undefined) return entry.mayCost;
    const { total: tokens } = entry.tokens;
    if (tokens === 0) return nothing;
    return { tokens, nanoUsd: this.#options.costOf(entry) ?? most?.nanoUsd ?? 0 };
  }

  #release(reservation: Spending, spent: Spending): void {
    this.#reserved = subtract(this.#reserved, reservation);
    this.#spent = add(this.#spent, spent);
    this.#inFlight -= 1;
    // Whoever still does not fit lines up again, or learns that the budget is exhausted.
    for (let waiting = this.#line.length; waiting > 0; waiting -= 1) this.#line.admitNext();
  }

  #hasRoomFor(wanted: Spending): boolean {
    const { maxTokens = Number.POSITIVE_INFINITY, maxNanoUsd = Number.POSITIVE_INFINITY } = this.#options;
    const { tokens, nanoUsd } = add(add(this.#spent, this.#reserved), wanted);
    return tokens <= maxTokens && nanoUsd <= maxNanoUsd;
  }
}

function usd(nanoUsd: number): string {
  return formatUsd(nanoUsd / 1e9);
}

const nothing: Spending = { tokens: 0, nanoUsd: 0 };

function add(left: Spending, right: Spending): Spending {
  return { tokens: left.tokens + right.tokens, nanoUsd: left.nanoUsd + right.nanoUsd };
}

function subtract(left: Spending, right: Spending): Spending {
  return { tokens: left.tokens - right.tokens, nanoUsd: left.nanoUsd - right.nanoUsd };
}
