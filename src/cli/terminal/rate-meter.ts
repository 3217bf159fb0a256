import type { RunProgress } from '../../run/session/run-progress.ts';

/** Older readings fade away over this time: long enough for a steady figure, short enough to show a change of pace. */
const MEMORY_SECONDS = 20;

/** Follows how fast records end, as a fading mean over the last seconds. */
export class RateMeter {
  readonly #progress: RunProgress;
  readonly #now: () => number;
  #ended: number;
  #at: number;
  #fadedRecords = 0;
  #fadedSeconds = 0;

  constructor(progress: RunProgress, now: () => number = () => performance.now()) {
    this.#progress = progress;
    this.#now = now;
    this.#ended = progress.extracted + progress.rejected;
    this.#at = now();
  }

  recordsPerSecond(): number {
    const ended = this.#progress.extracted + this.#progress.rejected;
    const now = this.#now();
    const seconds = (now - this.#at) / 1000;
    const fading = Math.exp(-seconds / MEMORY_SECONDS);
    this.#fadedRecords = this.#fadedRecords * fading + (ended - this.#ended);
    this.#fadedSeconds = this.#fadedSeconds * fading + seconds;
    this.#ended = ended;
    this.#at = now;
    return this.#fadedSeconds > 0 ? this.#fadedRecords / this.#fadedSeconds : 0;
  }
}
