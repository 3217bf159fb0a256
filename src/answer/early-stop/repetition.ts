/** A text that ends in the same stretch over and over. */
export interface Repetition {
  /** Characters of the repeating tail. */
  length: number;
  /** Characters of the stretch that repeats. */
  period: number;
}

/** How much of the tail decides; a stretch longer than a quarter of it is not recognised. */
const MAX_WINDOW = 4_000;
const MIN_LENGTH = 200;
const MIN_REPEATS = 4;

/**
 * Finds the longest repeating tail: at least 200 characters and four repeats, so that a table with a few equal rows
 * is no loop. Linear: the failure function of Knuth, Morris and Pratt over the reversed tail gives the smallest period of
 * each of its prefixes, that is, of each suffix of the text.
 */
export function findRepetition(text: string): Repetition | undefined {
  const window = Math.min(text.length, MAX_WINDOW);
  if (window < MIN_LENGTH) return undefined;
  const last = text.length - 1;
  const borders = new Uint16Array(window);
  let border = 0;
  let found: Repetition | undefined;
  for (let length = 2; length <= window; length += 1) {
    const code = text.charCodeAt(last - length + 1);
    while (border > 0 && text.charCodeAt(last - border) !== code) border = borders[border - 1] ?? 0;
    if (text.charCodeAt(last - border) === code) border += 1;
    borders[length - 1] = border;
    const period = length - border;
    if (length >= MIN_LENGTH && length >= MIN_REPEATS * period) found = { length, period };
  }
  return found && { period: found.period, length: extend(text, found) };
}

/** How far the period reaches back, beyond the window too. */
function extend(text: string, { length, period }: Repetition): number {
  let start = text.length - length;
  while (start > 0 && text.charCodeAt(start - 1) === text.charCodeAt(start - 1 + period)) start -= 1;
  return text.length - start;
}
