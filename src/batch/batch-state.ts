import type { Spending } from '../store/entries.ts';
import type { BatchEvent, CollectedCounts, OutputFile } from './batch-event.ts';
import { RowRanges } from './row-ranges.ts';

/** One job and the lines that it was given, as far as batches.jsonl tells. */
export interface Shard {
  shard: number;
  round: number;
  displayName: string;
  prefix: string;
  /** Undefined where batches.jsonl does not say. */
  place: string | undefined;
  rows: RowRanges;
  lines: number;
  bytes: number;
  sha256: string;
  mayCost: Spending;
  asked: string;
  isProbe: boolean;
  /** Which question of its records it asks: 0 for the first, then for each re-ask one more. */
  question: number;
  stage: 'planned' | 'uploaded' | 'creating' | 'created' | 'ended' | 'collected' | 'abandoned';
  job: string | undefined;
  createdAt: string;
  isCancelled: boolean;
  /** Whether its records are asked for in another way. */
  isLeft: boolean;
  /** Whether it is the second job of a shard. */
  isTwin: boolean;
  end:
    { state: string; output: readonly OutputFile[]; error: { code: number; message: string } | undefined } | undefined;
  counts: CollectedCounts | undefined;
}

/** Codes of google.rpc that say that something is to be mended first: what failed so would fail so again. */
const LASTING_CODES: ReadonlySet<number> = new Set([3, 5, 7, 9, 16]);

/** What batches.jsonl says, event by event. */
export class BatchState {
  run: string | undefined;
  deadline: { text: string; until: number } | undefined;
  readonly #shards = new Map<number, Shard>();
  /** Asked for with every record, so it is made once an event. */
  #live: readonly Shard[] = [];

  get shards(): readonly Shard[] {
    return [...this.#shards.values()];
  }

  /** Those that are not done with. */
  get live(): readonly Shard[] {
    return this.#live;
  }

  /** Those whose jobs have not ended. */
  get open(): readonly Shard[] {
    return this.live.filter(({ stage }) => stage !== 'ended');
  }

  get nextShard(): number {
    return Math.max(0, ...this.#shards.keys()) + 1;
  }

  find(job: string): Shard | undefined {
    return this.shards.find((shard) => shard.job === job);
  }

  /** The shard that answers a question of a row now. */
  liveShardOf(row: number, question: number): Shard | undefined {
    return this.#live.find((shard) => !shard.isLeft && shard.question === question && shard.rows.has(row));
  }

  /** How many jobs have had a row. Jobs that never began for want of a permission do not count. */
  roundsOf(row: number): number {
    return this.shards.filter(
      (shard) => shard.stage === 'collected' && !shard.isTwin && !hasLastingFailure(shard) && shard.rows.has(row),
    ).length;
  }

  /** The round of the next job of a row. */
  nextRoundOf(row: number): number {
    let last = 0;
    for (const shard of this.#shards.values()) {
      const isBegun = shard.stage !== 'abandoned' && !hasLastingFailure(shard);
      if (shard.round > last && isBegun && shard.rows.has(row)) last = shard.round;
    }
    return last + 1;
  }

  apply(event: BatchEvent): void {
    if (event.event === 'begun') this.run = event.run;
    else if (event.event === 'deadline') this.deadline = { text: event.text, until: event.until };
    else if (event.event === 'planned') this.#plan(event);
    else {
      const shard = this.#shards.get(event.shard);
      if (shard !== undefined) this.#step(shard, event);
    }
    this.#live = this.shards.filter(({ stage }) => stage !== 'collected' && stage !== 'abandoned');
  }

  #plan(event: BatchEvent & { event: 'planned' }): void {
    const {
      shard,
      round,
      displayName,
      prefix,
      place,
      rows,
      lines,
      bytes,
      sha256,
      mayCost,
      asked,
      isProbe = false,
      question = 0,
      at,
    } = event;
    this.#shards.set(shard, {
      shard,
      round,
      displayName,
      prefix,
      place,
      rows: new RowRanges(rows),
      lines,
      bytes,
      sha256,
      mayCost,
      asked,
      isProbe,
      question,
      stage: 'planned',
      job: undefined,
      createdAt: at,
      isCancelled: false,
      isLeft: false,
      isTwin: false,
      end: undefined,
      counts: undefined,
    });
  }

  #step(shard: Shard, event: Exclude<BatchEvent, { event: 'begun' | 'deadline' | 'planned' }>): void {
    switch (event.event) {
      case 'uploaded':
      case 'creating':
      case 'abandoned':
        shard.stage = event.event;
        return;
      case 'created':
        shard.stage = 'created';
        shard.job = event.job;
        shard.createdAt = event.at;
        return;
      case 'cancelling':
        shard.isCancelled = true;
        return;
      case 'left':
        shard.isLeft = true;
        return;
      case 'ended':
        shard.stage = 'ended';
        shard.end = { state: event.state, output: event.output, error: event.error };
        return;
      case 'collected': {
        const { matched, failed, missing, unmatched, repeated, paidTwice, invalid } = event;
        shard.stage = 'collected';
        shard.counts = { matched, failed, missing, unmatched, repeated, paidTwice, invalid };
        return;
      }
      case 'doubled':
        this.#shards.set(event.twin, {
          ...shard,
          shard: event.twin,
          stage: 'created',
          job: event.job,
          isCancelled: true,
          isLeft: true,
          isTwin: true,
          isProbe: false,
          end: undefined,
          counts: undefined,
        });
        return;
      default:
        event satisfies never;
    }
  }
}

/** Whether a job failed, without a row, for something that somebody has to mend. */
export function hasLastingFailure({ end, counts }: Shard): boolean {
  return end?.state === 'JOB_STATE_FAILED' && LASTING_CODES.has(end.error?.code ?? 0) && (counts?.matched ?? 0) === 0;
}
