import { rankOf, type CalibrationReport, type PromiseKeeper } from './calibration.ts';
import type { AgreementPromise, Trial } from './threshold.ts';

export interface DriftOptions {
  promise: AgreementPromise;
  /** Least score of the cheap answers that are kept, as an earlier run has found it out. */
  keep: number;
  /** The share of them that is asked of the strong model all the same, from 0 to 1. */
  share: number;
}

/** Rates below the promised one that are held against it, as shares of it. */
const ALTERNATIVES = Array.from({ length: 20 }, (_, at) => (at + 0.5) / 20);
const RANKS = 2 ** 48;

/**
 * Keeps a promise by the threshold of an earlier run, and watches whether it still holds: a sample of the answers that would be kept is held
 * against the strong model's. Where these agree too seldom, nothing is kept any more.
 *
 * The test may be looked at after every trial: it is a mixture of likelihood ratios, which where the promise holds exceeds 1 / delta
 * with a probability of delta at most, however long the run is (Ville's inequality).
 */
export class CascadeDrift implements PromiseKeeper {
  readonly #options: DriftOptions;
  /** Logarithms of the likelihood ratios, one for each alternative. */
  readonly #ratios = ALTERNATIVES.map(() => 0);
  #trials = 0;
  #agreed = 0;
  #hasDrifted = false;

  constructor(options: DriftOptions) {
    this.#options = options;
  }

  reasonAgainst(id: string, score: number): string | undefined {
    if (score < this.#options.keep) return 'unsure';
    if (this.#hasDrifted) return 'drifted';
    return this.isTrial(id, score) ? 'drift' : undefined;
  }

  isTrial(id: string, score: number): boolean {
    return score >= this.#options.keep && rankOf(id) < this.#options.share * RANKS;
  }

  add({ score, agrees }: Trial): void {
    const { promise, keep } = this.#options;
    if (score < keep) return;
    this.#trials += 1;
    if (agrees) this.#agreed += 1;
    for (const [at, part] of ALTERNATIVES.entries()) {
      const rate = part * promise.agree;
      const ratio = agrees ? part : (1 - rate) / (1 - promise.agree);
      this.#ratios[at] = (this.#ratios[at] ?? 0) + Math.log(ratio);
    }
    const mean = this.#ratios.reduce((sum, ratio) => sum + Math.exp(ratio), 0) / ALTERNATIVES.length;
    // Once shown it stays so: answers that come afterwards do not make those before them agree.
    if (mean >= 1 / promise.delta) this.#hasDrifted = true;
  }

  report(): CalibrationReport {
    const { promise, keep } = this.#options;
    return {
      ...promise,
      trials: this.#trials,
      agreed: this.#agreed,
      threshold: keep,
      bound: null,
      hasDrifted: this.#hasDrifted,
    };
  }
}
