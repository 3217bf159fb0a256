import type { ChatRequest } from '../../completion/request.ts';
import type { Spending } from '../../store/entries.ts';
import type { Permit, RecordContext } from '../ports.ts';

/** That a call may go, and what it may cost. */
export interface Leave {
  permit: Permit;
  reservation: Spending | undefined;
}

/** Who lets a call go. */
type Givers = Pick<RecordContext, 'budget' | 'pacer' | 'observer' | 'stopping'>;

/** Reserves budget, then waits for a permit. Undefined when the run is stopping. */
export async function takeLeave(
  { budget, pacer, observer, stopping }: Givers,
  request: ChatRequest,
): Promise<Leave | undefined> {
  let reservation: Spending | undefined;
  try {
    if (budget !== undefined) {
      reservation = await budget.reserve(request, stopping);
      if (reservation === undefined) {
        observer.onBudgetExhausted();
        return undefined;
      }
    }
    return { permit: await pacer.acquire(request.messages, stopping), reservation };
  } catch (reason) {
    if (reservation !== undefined) budget?.cancel(reservation);
    if (stopping.aborted) return undefined;
    throw reason;
  }
}

/** For a call that is not sent after all. */
export function giveBack({ pacer, budget }: Givers, { permit, reservation }: Leave): void {
  pacer.release(permit, 'failed');
  if (reservation !== undefined) budget?.cancel(reservation);
}
