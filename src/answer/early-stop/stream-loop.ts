import { findRepetition, type Repetition } from './repetition.ts';

/** How many new characters are waited for between two looks. */
const interval = 1_000;

/** Long lists and zero-filled data are legitimate; what repeats this much, to the letter, is neither. */
const minLength = 3_000;
const minRepeats = 10;

const maxPeriod = 1_000;
/** Enough for the longest period to be repeated often enough. */
const keptLength = minRepeats * maxPeriod + 2 * interval;
const probeLength = 32;

/** Notices that a text which arrives in pieces repeats one stretch over and over. Keeps its tail only. */
export class RepetitionDetector {
  #tail = '';
  #unseen = 0;

  push(text: string): Repetition | undefined {
    this.#tail += text.length > keptLength ? text.slice(-keptLength) : text;
    this.#unseen += text.length;
    if (this.#unseen < interval) return undefined;
    this.#unseen = 0;
    if (this.#tail.length > keptLength) this.#tail = this.#tail.slice(-keptLength);
    return findLoop(this.#tail);
  }
}

function findLoop(tail: string): Repetition | undefined {
  if (tail.length < minLength) return undefined;
  // In a repeating text the last few characters stand one period earlier too; a look for them spares most texts the rest.
  const recent = tail.slice(-(maxPeriod + probeLength));
  const probe = recent.slice(-probeLength);
  if (!recent.slice(0, -1).includes(probe)) return undefined;
  const found = findRepetition(tail);
  if (found === undefined || found.length < minLength || found.length < minRepeats * found.period) return undefined;
  return found;
}
