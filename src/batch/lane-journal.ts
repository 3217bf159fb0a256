import { statSync } from 'node:fs';
import { readPlacedJsonLines } from '../files/read-json-lines.ts';
import type { Journal, OpenedCall } from '../run/ports.ts';
import type { Outcome } from '../run/record/outcome.ts';
import type { AnsweredEntry, AttemptEntry, CallEntry } from '../store/entries.ts';
import { noteEnded, type RecoveredState } from '../store/recover.ts';
import type { RunDirectory } from '../store/run-directory.ts';
import type { WayTally } from './way-tally.ts';

const LOGS = ['results', 'rejects'] as const;

/** A journal that makes what has ended known to the next pass over the input, as a continued run reads it back. */
export class LaneJournal implements Journal {
  readonly #journal: Journal;
  readonly #directory: RunDirectory;
  readonly #recovered: RecoveredState;
  readonly #tally: WayTally;
  /** Bytes of the logs whose ends are known. */
  readonly #known: Record<(typeof LOGS)[number], number>;

  constructor(parts: { journal: Journal; directory: RunDirectory; recovered: RecoveredState; tally: WayTally }) {
    this.#journal = parts.journal;
    this.#directory = parts.directory;
    this.#recovered = parts.recovered;
    this.#tally = parts.tally;
    this.#directory.flush();
    this.#known = { results: this.#sizeOf('results'), rejects: this.#sizeOf('rejects') };
  }

  open(call: Omit<CallEntry, 'call'>): OpenedCall {
    return this.#journal.open(call);
  }

  settle(attempt: AttemptEntry, outcome?: Outcome, answered?: AnsweredEntry): void {
    this.#journal.settle(attempt, outcome, answered);
    this.#tally.add(attempt);
  }

  end(outcome: Outcome): void {
    this.#journal.end(outcome);
  }

  /** Before another pass: notes what has ended since. Mostly there is none, so that nothing is kept in memory for it. */
  catchUp(): void {
    this.#directory.flush();
    for (const log of LOGS) {
      for (const { value, offset, length } of readPlacedJsonLines(
        this.#directory.file(log),
        undefined,
        this.#known[log],
      )) {
        noteEnded(this.#recovered, value as unknown as Parameters<typeof noteEnded>[1]);
        this.#known[log] = offset + length + 1;
      }
    }
  }

  #sizeOf(log: (typeof LOGS)[number]): number {
    return statSync(this.#directory.file(log), { throwIfNoEntry: false })?.size ?? 0;
  }
}
