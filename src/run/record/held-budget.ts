import type { ChatRequest } from '../../completion/request.ts';
import { requestKey } from '../../store/kept-answers.ts';
import type { AttemptEntry, Spending } from '../../store/entries.ts';
import type { Budget } from '../ports.ts';

/**
 * The budget of one record that takes several calls: the worst case of all that are planned is reserved before the first of them goes out,
 * so that no record is begun that the caps leave half done. A call that was not planned (a retry, a re-ask) is reserved when it comes.
 * A record never waits for room while it holds some, or records could wait for each other: it gives back what it holds first.
 */
export class HeldBudget implements Budget {
  readonly #budget: Budget;
  readonly #planned: () => readonly ChatRequest[];
  /** By request; undefined until the first call. */
  #held: { key: string; reservation: Spending }[] | undefined;

  constructor(budget: Budget, planned: () => readonly ChatRequest[]) {
    this.#budget = budget;
    this.#planned = planned;
  }

  async reserve(request: ChatRequest, signal: AbortSignal): Promise<Spending | undefined> {
    const key = requestKey(request);
    if (this.#held === undefined) {
      const held = await this.#hold(key, signal);
      if (held === undefined) return undefined;
      this.#held = held;
    }
    const at = this.#held.findIndex((one) => one.key === key);
    if (at >= 0) return this.#held.splice(at, 1)[0]?.reservation;
    this.giveBack();
    return this.#budget.reserve(request, signal);
  }

  settle(reservation: Spending, entry: AttemptEntry): void {
    this.#budget.settle(reservation, entry);
  }

  cancel(reservation: Spending): void {
    this.#budget.cancel(reservation);
  }

  get isBelowOneCall(): boolean {
    return this.#budget.isBelowOneCall;
  }

  describe(): string {
    return this.#budget.describe();
  }

  /** Gives back what was reserved for calls that are not made. */
  giveBack(): void {
    for (const { reservation } of this.#held?.splice(0) ?? []) this.#budget.cancel(reservation);
  }

  /** Reserves the calls from this one on: those before it were answered in an earlier session. */
  async #hold(key: string, signal: AbortSignal): Promise<{ key: string; reservation: Spending }[] | undefined> {
    const all = this.#planned().map((request) => ({ request, key: requestKey(request) }));
    const from = all.findIndex((one) => one.key === key);
    const planned = from < 0 ? [] : all.slice(from);
    if (planned.length === 0 || this.#budget.reserveAll === undefined) return [];
    const reservations = await this.#budget.reserveAll(
      planned.map(({ request }) => request),
      signal,
    );
    return reservations?.map((reservation, at) => ({ key: planned[at]?.key ?? '', reservation }));
  }
}
