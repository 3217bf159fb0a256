import type { RunProgress } from '../../run/session/run-progress.ts';

/** Older readings fade away over this time: long enough for a steady figure, short enough to show a change of pace. */
const MEMORY_SECONDS = 20;

/**
 * Follows how fast records end, as a fading mean over the last seconds. Where none has ended for longer than those, it is what it would be if
 * one ended now, and no more than the mean since the beginning.
 */
export class RateMeter {
  readonly #progress: RunProgress;
  readonly #now: () => number;
  readonly #endedBefore: number;
  readonly #beganAt: number;
  #ended: number;
  #lastEndAt: number;
  #at: number;
  #fadedRecords = 0;
  #fadedSeconds = 0;

  constructor(progress: RunProgress, now: () => number = () => performance.now()) {
    this.#progress = progress;
    this.#now = now;
    this.#endedBefore = progress.extracted + progress.rejected;
    this.#beganAt = now();
    this.#ended = this.#endedBefore;
    this.#lastEndAt = this.#beganAt;
    this.#at = this.#beganAt;
  }

  recordsPerSecond(): number {
    const ended = this.#progress.extracted + this.#progress.rejected;
    const now = this.#now();
    const seconds = (now - this.#at) / 1000;
    const fading = Math.exp(-seconds / MEMORY_SECONDS);
    this.#fadedRecords = this.#fadedRecords * fading + (ended - this.#ended);
    this.#fadedSeconds = this.#fadedSeconds * fading + seconds;
    if (ended !== this.#ended) this.#lastEndAt = now;
    this.#ended = ended;
    this.#at = now;
    if (this.#fadedRecords >= 1) return this.#fadedSeconds > 0 ? this.#fadedRecords / this.#fadedSeconds : 0;
    if (ended === this.#endedBefore) return 0;
    const mean = (ended - this.#endedBefore) / ((now - this.#beganAt) / 1000);
    return now > this.#lastEndAt ? Math.min(mean, 1000 / (now - this.#lastEndAt)) : mean;
  }
}
