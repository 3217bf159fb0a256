import { distance } from 'fastest-levenshtein';

const BEYOND_16_BITS = /[\u{10000}-\u{10ffff}]/gu;

/** Counts the letters that have to change to make one text of another. A letter beyond 16 bits is one letter. */
export function letterDistance(left: string, right: string): { changes: number; length: number } {
  // The package counts UTF-16 units, so each such letter is replaced by an unused one of a single unit.
  const units = new Map<string, string>();
  const taken = new Set(left + right);
  let next = 0xe000;
  const unitOf = (letter: string): string => {
    let unit = units.get(letter);
    if (unit === undefined) {
      while (taken.has(String.fromCharCode(next))) next += 1;
      units.set(letter, (unit = String.fromCharCode(next)));
      next += 1;
    }
    return unit;
  };
  const [first, second] = [left.replaceAll(BEYOND_16_BITS, unitOf), right.replaceAll(BEYOND_16_BITS, unitOf)];
  return { changes: distance(first, second), length: Math.max(first.length, second.length) };
}
