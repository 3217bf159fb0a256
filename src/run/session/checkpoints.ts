import { hash } from 'node:crypto';
import type { Budget } from '../../accounting/budget.ts';
import type { Prices } from '../../accounting/prices.ts';
import { canonicalJson } from '../../json/canonical.ts';
import type { SavedRun } from '../../store/checkpoint.ts';
import type { Manifest } from '../../store/manifest.ts';
import type { RunDirectory } from '../../store/run-directory.ts';
import { version } from '../../packages/version.ts';
import type { OpenedRun } from './open-run.ts';
import type { PendingRecords } from './pending-records.ts';
import type { RunJournal } from './run-journal.ts';

/** Fewer records are read back before anybody waits. */
const LEAST_RECORDS = 1000;
/** How often it is seen whether enough has ended since the last one. */
const LOOK_EVERY_MS = 5000;

/** Tells what a checkpoint is of: the run, and how its calls are reckoned. Another version of this program may count otherwise. */
export function checkpointKey(identity: Manifest['identity'], prices: Prices): string {
  return hash('sha256', `${version()} ${canonicalJson(identity)} ${JSON.stringify(prices.basis)}`);
}

export interface CheckpointsOptions {
  key: string;
  directory: RunDirectory;
  opened: Pick<OpenedRun, 'recovered' | 'tally' | 'aggregates'>;
  journal: Pick<RunJournal, 'extracted' | 'reused' | 'rejected' | 'nextCall'>;
  feed: Pick<PendingRecords, 'known'>;
  budget: Pick<Budget, 'spent'>;
  prices: Pick<Prices, 'used' | 'isAskedPriced'>;
  /** Fewer ended records are not worth a checkpoint. Default: 1000. */
  leastRecords?: number | undefined;
}

/**
 * Writes checkpoints of a run: one each time that twice as many records have ended, so that all of them together cost a record next to
 * nothing, and one at the end of the session. One is written at a time, while records are asked for.
 */
export class Checkpoints {
  readonly #options: CheckpointsOptions;
  readonly #timer: NodeJS.Timeout;
  /** Ended records of the last one. */
  #last: number;
  #writing: Promise<void> | undefined;
  #isGivenUp = false;

  constructor(options: CheckpointsOptions) {
    this.#options = options;
    this.#last = options.opened.recovered.input === undefined ? 0 : this.#ended;
    this.#timer = setInterval(() => {
      if (this.#ended >= 2 * this.#last) this.#write();
    }, LOOK_EVERY_MS);
    this.#timer.unref();
  }

  /** Writes the last one, where there is anything new to say. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#writing;
    if (this.#ended > this.#last) this.#write();
    await this.#writing;
  }

  get #ended(): number {
    const { extracted, rejected } = this.#options.journal;
    return extracted + rejected;
  }

  #write(): void {
    const { directory, leastRecords = LEAST_RECORDS } = this.#options;
    if (this.#writing !== undefined || this.#isGivenUp) return;
    if (this.#ended < leastRecords || directory.failure.aborted) return;
    const saved = savedRun(this.#options);
    if (saved === undefined) return;
    this.#writing = this.#writeDown(saved).finally(() => (this.#writing = undefined));
  }

  /** A run without a checkpoint is read back from its logs, so nothing that hinders one is a reason to end. */
  async #writeDown(saved: SavedRun): Promise<void> {
    const { key, directory } = this.#options;
    const ended = this.#ended;
    try {
      await directory.writeCheckpoint(key, saved);
      this.#last = ended;
    } catch {
      this.#isGivenUp = true;
    }
  }
}

/** Undefined where reading the logs back would tell more, or something else. */
function savedRun({ opened, journal, feed, budget, prices }: CheckpointsOptions): SavedRun | undefined {
  const { recovered, tally, aggregates } = opened;
  const { known } = feed;
  const savedTally = tally.save();
  if (known === undefined || savedTally === undefined) return undefined;
  // The session may have ended before it came to rows that others have ended: their ids are not among the known ones.
  if (Math.max(recovered.endedRows.end, recovered.badRows.end) > known.rows) return undefined;
  // A call of another model than was asked counts with what was reserved for it, which no log holds.
  if (prices.isAskedPriced && savedTally.unpricedModels.size > 0) return undefined;
  return {
    rows: known.rows,
    seenIds: known.seenIds.save(),
    endedRows: recovered.endedRows.save(),
    badRows: recovered.badRows.save(),
    settledCalls: recovered.settledCalls.save(),
    extracted: journal.extracted,
    reused: journal.reused,
    rejected: journal.rejected,
    nextCall: journal.nextCall,
    tally: savedTally,
    aggregates: aggregates.save(),
    spent: budget.spent,
    usedPrices: prices.used(),
  };
}
