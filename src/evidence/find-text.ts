import type { Occurrence } from './evidence.ts';
import { foldText, type FoldedText } from './folded-text.ts';
import { isBorder, isDigitAt, splitsNumber } from './word-border.ts';

/** More are counted no further: a single letter of a long text says nothing. */
export const MAX_OCCURRENCES = 1000;
const FEWEST_LETTERS = 3;

/** Where a text stands as it is, as whole words and not inside of a number. */
export function findExact(text: string, value: string): Occurrence[] {
  const found: Occurrence[] = [];
  for (let at = text.indexOf(value); at >= 0 && found.length < MAX_OCCURRENCES;) {
    const end = at + value.length;
    const isWhole = isBorder(text, at) && isBorder(text, end) && !splitsNumber(text, at, end);
    if (isWhole) found.push({ start: at, end, match: 'exact' });
    at = text.indexOf(value, isWhole ? end : at + 1);
  }
  return found;
}

/**
 * Where a text's letters and digits stand, whatever signs are between them. A decimal point counts all the same: `1.5 kg` is not
 * found in `15 kg`.
 */
export function findNormalized(text: string, folded: FoldedText, value: string): Occurrence[] {
  const wanted = foldText(value);
  const { letters } = wanted;
  // A word in Chinese has one sign or two.
  const isLong = letters.length >= FEWEST_LETTERS || /[^\0-\u{2fff}]/u.test(letters);
  if (letters === '' || !isLong) return [];
  const found: Occurrence[] = [];
  for (let at = folded.letters.indexOf(letters); at >= 0 && found.length < MAX_OCCURRENCES;) {
    const start = folded.starts[at] ?? 0;
    const end = folded.ends[at + letters.length - 1] ?? 0;
    const isWhole = isBorder(text, start) && isBorder(text, end);
    const isSame = isWhole && haveSameNumbers({ text: value, folded: wanted, at: 0 }, { text, folded, at });
    if (isSame) found.push({ start, end, match: 'normalized' });
    at = folded.letters.indexOf(letters, isSame ? at + letters.length : at + 1);
  }
  return found;
}

interface Stretch {
  text: string;
  folded: FoldedText;
  /** Where the letters to compare begin. */
  at: number;
}

/** Whether no point or comma between digits, other than one of thousands, stands on one side only. */
function haveSameNumbers(value: Stretch, source: Stretch): boolean {
  const { length } = value.folded.letters;
  for (let offset = 0; offset + 1 < length; offset += 1) {
    const mine = separatorBehind(value, offset);
    if (mine === undefined) continue;
    const theirs = separatorBehind(source, offset) ?? '';
    if (mine === theirs || (mine !== '' && theirs !== '')) continue;
    const sign = mine === '' ? theirs : mine;
    if (sign !== '.' && sign !== ',') continue;
    if (digitsBehind(mine === '' ? source : value, offset + 1, length) !== 3) return false;
  }
  return true;
}

/** What stands between two digits that follow each other; undefined where they are not both digits. */
function separatorBehind({ text, folded, at }: Stretch, offset: number): string | undefined {
  const here = at + offset;
  const end = folded.ends[here] ?? 0;
  const next = folded.starts[here + 1] ?? 0;
  return isDigitAt(text, end - 1) && isDigitAt(text, next) ? text.slice(end, next) : undefined;
}

/** How many digits follow each other without anything between. */
function digitsBehind(stretch: Stretch, offset: number, length: number): number {
  let count = 1;
  while (offset + count < length && separatorBehind(stretch, offset + count - 1) === '') count += 1;
  return count;
}
