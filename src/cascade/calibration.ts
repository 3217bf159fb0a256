import { hash } from 'node:crypto';
import { findThreshold, type AgreementPromise, type Threshold, type Trial } from './threshold.ts';

/** Says which cheap answers may be kept, so that a promise holds. */
export interface PromiseKeeper {
  /** Undefined where a cheap answer of this score is kept, else why it is not. */
  reasonAgainst(id: string, score: number): string | undefined;
  /** Whether a record's answers are held against each other. */
  isTrial(id: string, score: number): boolean;
  /** Told of every trial, those of earlier sessions included. */
  add(trial: Trial): void;
  report(): CalibrationReport;
}

/** What usage.json says of a promise. */
export interface CalibrationReport extends AgreementPromise {
  /** Cheap answers that were held against the strong model's, and how many agreed. */
  trials: number;
  agreed: number;
  /** Least score of the cheap answers that are kept; null where none are. */
  threshold: number | null;
  /** Of the trials with this score: the exact lower bound of the share that agrees. Null where none passed. */
  bound: number | null;
  /** Where the threshold is that of an earlier run: whether so many of the sample disagree that nothing is kept any more. */
  hasDrifted?: boolean;
}

/**
 * Holds the cheap answers of some records against the strong model's, and says by them which others are kept. The records are chosen by a
 * hash of their ids, so that the choice is the same in every session.
 */
export class CascadeCalibration implements PromiseKeeper {
  readonly #promise: AgreementPromise;
  /** Records with this hash or less are chosen. */
  readonly #upTo: number;
  readonly #trials: Trial[] = [];
  #threshold: Threshold | undefined;

  constructor(promise: AgreementPromise, upTo: number) {
    this.#promise = promise;
    this.#upTo = upTo;
  }

  isChosen(id: string): boolean {
    return rankOf(id) <= this.#upTo;
  }

  /** Adds a trial; those that come once the threshold was asked for do not move it. */
  add(trial: Trial): void {
    this.#trials.push(trial);
  }

  reasonAgainst(id: string, score: number): string | undefined {
    if (this.isTrial(id)) return 'calibration';
    this.#threshold ??= findThreshold(this.#trials, this.#promise);
    const isSure = this.#threshold.score !== undefined && score >= this.#threshold.score;
    return isSure ? undefined : 'unsure';
  }

  isTrial(id: string): boolean {
    return this.isChosen(id);
  }

  report(): CalibrationReport {
    const { score, bound } = this.#threshold ?? findThreshold(this.#trials, this.#promise);
    return {
      ...this.#promise,
      trials: this.#trials.length,
      agreed: this.#trials.filter(({ agrees }) => agrees).length,
      threshold: score ?? null,
      bound: score === undefined ? null : bound,
    };
  }
}

/** A number of 48 bits that says nothing of the record. */
export function rankOf(id: string): number {
  return Number.parseInt(hash('sha256', `calibration\0${id}`).slice(0, 12), 16);
}

/** The rank up to which just `count` of the given ids are chosen, or all where there are no more. Keeps no more than `count` of them. */
export class LowestRanks {
  readonly #count: number;
  #ranks: number[] = [];

  constructor(count: number) {
    this.#count = count;
  }

  add(id: string): void {
    this.#ranks.push(rankOf(id));
    if (this.#ranks.length >= this.#count * 4) this.#cut();
  }

  get highest(): number {
    this.#cut();
    return this.#ranks.at(-1) ?? -1;
  }

  #cut(): void {
    this.#ranks = this.#ranks.sort((left, right) => left - right).slice(0, this.#count);
  }
}
