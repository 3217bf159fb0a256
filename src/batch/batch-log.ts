import { randomBytes } from 'node:crypto';
import { GleanerError } from '../gleaner-error.ts';
import type { RunDirectory } from '../store/run-directory.ts';
import type { BatchEvent, BatchStep } from './batch-event.ts';
import { BatchState } from './batch-state.ts';

/** The events of batches.jsonl, and what they amount to. */
export class BatchLog {
  readonly state = new BatchState();
  readonly #directory: RunDirectory;
  readonly #now: () => number;

  /** @throws {GleanerError} where the file is damaged */
  constructor(directory: RunDirectory, now: () => number) {
    this.#directory = directory;
    this.#now = now;
    for (const event of directory.readBatches()) {
      if (typeof event['event'] !== 'string') {
        throw new GleanerError(
          'directory-unusable',
          `Cannot read ${directory.file('batches')}: a line of it is no event of a batch job`,
        );
      }
      this.state.apply(event as unknown as BatchEvent);
    }
  }

  /** Notes an event: it is with the system when this returns. */
  note(step: BatchStep): void {
    const event = { at: new Date(this.#now()).toISOString(), ...step } as BatchEvent;
    this.#directory.noteBatch(event);
    this.state.apply(event);
  }

  /** The name by which jobs of this run are known. */
  runName(): string {
    if (this.state.run === undefined) {
      const run = randomBytes(4).toString('hex');
      this.note({ event: 'begun', run });
    }
    return this.state.run ?? '';
  }
}
