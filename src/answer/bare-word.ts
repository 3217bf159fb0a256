const NAME = /^[\p{L}_$][\p{L}\p{N}_$-]*$/u;
const WORDS = /^(?!.*\/\/)[^"'`“”‘’{}[\]():#,\\\s](?:[^"'`“”‘’{}[\]():#,\\\n]*[^"'`“”‘’{}[\]():#,\\\s])?$/u;
const NUMBER_LIKE = /^[-+.]?\p{N}/u;
const DATE = /^\d{4}-\d{2}-\d{2}$/;

/** Words that stand for no value, or for one of another kind: none of them is text. */
const NO_TEXT: ReadonlySet<string> = new Set(
  'infinity -infinity nil yes no etc etc. n/a na tbd todo unknown'.split(' '),
);
/** Their beginnings are no text either: an answer may have been cut off in one of them. */
const LITERALS = ['true', 'false', 'null', 'none', 'undefined', 'nan'];

/** Whether text without quotation marks can be the name of a member. */
export function isBareName(text: string): boolean {
  return NAME.test(text);
}

/** Whether text without quotation marks is plain words, and stands for no number, literal or absence. */
export function isBareText(text: string): boolean {
  if (!WORDS.test(text)) return false;
  const lower = text.toLowerCase();
  if (NO_TEXT.has(lower) || LITERALS.some((literal) => literal.startsWith(lower))) return false;
  return !NUMBER_LIKE.test(text) || DATE.test(text);
}

/** Whether blanks around such text, which stands in `source` from `start` to `end`, may be its own and not the layout's. */
export function hasLooseBlanks(source: string, start: number, end: number): boolean {
  return (
    /^[^\S\n]{2}/.test(source.slice(Math.max(0, start - 2), start)) || /^[^\S\n]+,/.test(source.slice(end, end + 9))
  );
}
