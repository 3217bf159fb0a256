import type { AttemptEntry, CallEntry } from '../../store/entries.ts';
import type { EventListener } from '../events.ts';
import type { Journal, OpenedCall } from '../ports.ts';
import { tellRecordEnd } from '../record/call-events.ts';
import type { Outcome } from '../record/outcome.ts';

/** Nothing is written down here that could be lost. */
const NOTED = Promise.resolve();

/**
 * The journal of a session in memory: outcomes wait here until somebody takes them. While as many wait as `limit` says, no further
 * record should be begun; `room` tells when one may.
 */
export class OutcomeQueue implements Journal {
  readonly #limit: number;
  readonly #emit: EventListener | undefined;
  readonly #outcomes: Outcome[] = [];
  #nextCall = 1;
  #isClosed = false;
  #onChange: (() => void)[] = [];

  constructor(options: { limit: number; emit: EventListener | undefined }) {
    this.#limit = options.limit;
    this.#emit = options.emit;
  }

  open(_call: Omit<CallEntry, 'call'>): OpenedCall {
    const ordinal = this.#nextCall;
    this.#nextCall += 1;
    return { ordinal, isNoted: NOTED };
  }

  settle(_attempt: AttemptEntry, outcome?: Outcome): void {
    if (outcome !== undefined) this.#push(outcome);
  }

  end(outcome: Outcome): void {
    if (this.#emit !== undefined) tellRecordEnd(this.#emit, outcome);
    this.#push(outcome);
  }

  /** Resolves when a further record may be begun, or nobody takes outcomes any more. */
  async room(): Promise<void> {
    while (this.#outcomes.length >= this.#limit && !this.#isClosed) await this.#change();
  }

  /** The next outcome; undefined when the queue is closed and empty. */
  async take(): Promise<Outcome | undefined> {
    while (this.#outcomes.length === 0 && !this.#isClosed) await this.#change();
    const outcome = this.#outcomes.shift();
    this.#tell();
    return outcome;
  }

  /** Says that no more outcomes come, or that no more are wanted. */
  close(): void {
    this.#isClosed = true;
    this.#tell();
  }

  #push(outcome: Outcome): void {
    this.#outcomes.push(outcome);
    this.#tell();
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#onChange.push(resolve));
  }

  #tell(): void {
    for (const resolve of this.#onChange.splice(0)) resolve();
  }
}
