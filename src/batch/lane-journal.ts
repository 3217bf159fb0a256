import type { AnsweredEntry, AttemptEntry, CallEntry } from '../store/entries.ts';
import { contentKey, type RecoveredState } from '../store/recover.ts';
import type { Journal } from '../run/ports.ts';
import type { Outcome } from '../run/record/outcome.ts';
import type { WayTally } from './way-tally.ts';

/** A journal that keeps what has ended known for the next pass over the input, as a continued run reads it back. */
export class LaneJournal implements Journal {
  readonly #journal: Journal;
  readonly #recovered: RecoveredState;
  readonly #tally: WayTally;

  constructor(journal: Journal, recovered: RecoveredState, tally: WayTally) {
    this.#journal = journal;
    this.#recovered = recovered;
    this.#tally = tally;
  }

  open(call: Omit<CallEntry, 'call'>): Promise<number> {
    return this.#journal.open(call);
  }

  settle(attempt: AttemptEntry, outcome?: Outcome, answered?: AnsweredEntry): void {
    this.#journal.settle(attempt, outcome, answered);
    this.#tally.add(attempt);
    if (outcome !== undefined) this.#note(outcome);
  }

  end(outcome: Outcome): void {
    this.#journal.end(outcome);
    this.#note(outcome);
  }

  #note({ recordId, index, fingerprint }: Outcome): void {
    const { endedRows, badRows, endedIds, endedContents } = this.#recovered;
    if (recordId === null || fingerprint === undefined) {
      badRows.add(index);
      return;
    }
    endedRows.add(index);
    endedIds.add(recordId);
    endedContents.add(contentKey(recordId, fingerprint));
  }
}
