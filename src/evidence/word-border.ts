const LETTER = 1;
const DIGIT = 2;
/** Signs of scripts that are written without blanks between words: a word may begin and end at each. */
const UNSPACED = 3;
const MARK = 4;

/** By UTF-16 unit; 255 where it was not looked up yet. */
const KINDS = new Uint8Array(65_536).fill(255);

function kindOf(unit: number): number {
  const known = KINDS[unit] ?? 0;
  return known === 255 ? learn(unit) : known;
}

function learn(unit: number): number {
  const sign = String.fromCharCode(unit);
  let kind = 0;
  if (/\p{M}/u.test(sign)) kind = MARK;
  else if (/\p{Nd}/u.test(sign)) kind = DIGIT;
  // Halves of pairs are mostly Han signs beyond the first plane.
  else if (/[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Thai}\p{sc=Laoo}\p{sc=Khmr}\p{sc=Mymr}\p{Cs}]/u.test(sign))
    kind = UNSPACED;
  else if (/[\p{L}\p{N}]/u.test(sign)) kind = LETTER;
  KINDS[unit] = kind;
  return kind;
}

/** Whether a word may begin or end between the signs before and behind an offset. */
export function isBorder(text: string, at: number): boolean {
  if (at <= 0 || at >= text.length) return true;
  const after = kindOf(text.charCodeAt(at));
  if (after === MARK) return false;
  const before = kindOf(text.charCodeAt(at - 1));
  if (before === MARK) return after !== LETTER;
  return before !== after || before === 0 || before === UNSPACED;
}

/** Whether the sign at an offset is a digit. */
export function isDigitAt(text: string, at: number): boolean {
  return kindOf(text.charCodeAt(at)) === DIGIT;
}

/** Whether what stands at an offset begins inside a number: `5` in `1.5`. */
export function splitsNumber(text: string, start: number, end: number): boolean {
  const joins = (at: number): boolean => at >= 0 && at < text.length && (text[at] === '.' || text[at] === ',');
  if (start >= 1 && joins(start) && isDigitAt(text, start - 1) && isDigitAt(text, start + 1)) return true;
  const isBehind = isDigitAt(text, start) && start >= 2 && joins(start - 1) && isDigitAt(text, start - 2);
  const isBefore = isDigitAt(text, end - 1) && joins(end) && end + 1 < text.length && isDigitAt(text, end + 1);
  return isBehind || isBefore;
}
