import type { LeafStatus } from './compare-record.ts';
import { ClusteredRate } from './clustered-rate.ts';
import type { Rate } from './intervals.ts';

/** How one field fared. A rate is null where nothing could be counted for it. */
export interface FieldScore {
  match: number;
  mismatch: number;
  omission: number;
  hallucination: number;
  /** Of what was answered, how much is right: match / (match + mismatch + hallucination). */
  precision: number | null;
  /** Of what the gold has, how much was found: match / (match + mismatch + omission). */
  recall: number | null;
  /** 2 · match / (answered + wanted), the harmonic mean of both. */
  f1: number | null;
  /** Wilson's intervals at 95 %, lower and upper bound; values of one record count together. */
  intervals: {
    precision: readonly [number, number] | null;
    recall: readonly [number, number] | null;
    f1: readonly [number, number] | null;
  };
  /** Mean ANLS* of the field over all records; for fields of the record itself only. */
  anls?: number;
}

/** Values of a record by what they are. */
export type StatusCounts = Record<LeafStatus, number>;

export function noCounts(): StatusCounts {
  return { match: 0, mismatch: 0, omission: 0, hallucination: 0 };
}

/** Adds up a field, record by record. */
export class ScoreTally {
  readonly #counts = noCounts();
  readonly #precision = new ClusteredRate();
  readonly #recall = new ClusteredRate();
  // A right value counts on both sides, answered and wanted.
  readonly #f1 = new ClusteredRate(2);

  add(record: Readonly<StatusCounts>): void {
    const { match, mismatch, omission, hallucination } = record;
    const answered = match + mismatch + hallucination;
    const wanted = match + mismatch + omission;
    this.#counts.match += match;
    this.#counts.mismatch += mismatch;
    this.#counts.omission += omission;
    this.#counts.hallucination += hallucination;
    this.#precision.add(match, answered);
    this.#recall.add(match, wanted);
    this.#f1.add(2 * match, answered + wanted);
  }

  score(): FieldScore {
    const [precision, recall, f1] = [this.#precision.rate(), this.#recall.rate(), this.#f1.rate()];
    return {
      ...this.#counts,
      precision: precision?.value ?? null,
      recall: recall?.value ?? null,
      f1: f1?.value ?? null,
      intervals: { precision: boundsOf(precision), recall: boundsOf(recall), f1: boundsOf(f1) },
    };
  }
}

export function boundsOf(rate: Rate | undefined): readonly [number, number] | null {
  return rate === undefined ? null : [rate.low, rate.high];
}
