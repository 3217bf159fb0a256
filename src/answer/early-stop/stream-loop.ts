import { findRepetition, type Repetition } from './repetition.ts';

/** How many new characters are waited for between two looks. */
const INTERVAL = 1_000;

/** Long lists and zero-filled data are legitimate; what repeats this much, to the letter, is neither. */
const MIN_LENGTH = 3_000;
const MIN_REPEATS = 10;

const MAX_PERIOD = 1_000;
/** Enough for the longest period to be repeated often enough. */
const keptLength = MIN_REPEATS * MAX_PERIOD + 2 * INTERVAL;
const PROBE_LENGTH = 32;

/** Notices that a text which arrives in pieces repeats one stretch over and over. Keeps its tail only. */
export class RepetitionDetector {
  #tail = '';
  #unseen = 0;

  push(text: string): Repetition | undefined {
    this.#tail += text.length > keptLength ? text.slice(-keptLength) : text;
    this.#unseen += text.length;
    if (this.#unseen < INTERVAL) return undefined;
    this.#unseen = 0;
    if (this.#tail.length > keptLength) this.#tail = this.#tail.slice(-keptLength);
    return findLoop(this.#tail);
  }
}

function findLoop(tail: string): Repetition | undefined {
  if (tail.length < MIN_LENGTH) return undefined;
  // In a repeating text the last few characters stand one period earlier too; a look for them spares most texts the rest.
  const recent = tail.slice(-(MAX_PERIOD + PROBE_LENGTH));
  const probe = recent.slice(-PROBE_LENGTH);
  if (!recent.slice(0, -1).includes(probe)) return undefined;
  const found = findRepetition(tail);
  if (found === undefined || found.length < MIN_LENGTH || found.length < MIN_REPEATS * found.period) return undefined;
  return found;
}
