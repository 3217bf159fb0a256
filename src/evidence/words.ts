import { foldLetters } from './folded-text.ts';

/** A word of a text: a run of letters, a run of digits, or one sign of a script that is written without blanks. */
export interface Word {
  /** Without case and signs, and without a plural s. */
  text: string;
  start: number;
  end: number;
}

const UNSPACED = String.raw`[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Thai}\p{sc=Laoo}\p{sc=Khmr}\p{sc=Mymr}]`;
const SPACED = String.raw`[\p{L}--${UNSPACED}]`;
const WORD = new RegExp(String.raw`${UNSPACED}\p{M}*|(?:${SPACED}\p{M}*)+|\p{N}+`, 'gv');
const ASCII_WORD = /[a-z]+|[0-9]+/gi;
// oxlint-disable-next-line no-control-regex
const NOT_ASCII = /[^\0-\x7f]/;

export function wordsOf(text: string): Word[] {
  const isAscii = !NOT_ASCII.test(text);
  const words: Word[] = [];
  for (const match of text.matchAll(isAscii ? ASCII_WORD : WORD)) {
    const folded = isAscii ? match[0].toLowerCase() : foldLetters(match[0]);
    words.push({ text: singular(folded), start: match.index, end: match.index + match[0].length });
  }
  return words;
}

function singular(word: string): string {
  return word.length > 3 && word.endsWith('s') && !word.endsWith('ss') ? word.slice(0, -1) : word;
}
