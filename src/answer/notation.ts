/** Quotation marks that may open a string, with those that may close it. */
export const QUOTES: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ["'", "'"],
  ['`', '`'],
  ['“', '”“'],
  ['‘', '’‘'],
]);

/** What stands after a backslash, with what it means. */
export const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ["'", "'"],
  ['\\', '\\'],
  ['/', '/'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
]);

/** The literals of JSON, with the forms that other notations have for them. */
export const LITERALS: ReadonlyMap<string, readonly string[]> = new Map([
  ['true', ['true', 'True', 'TRUE']],
  ['false', ['false', 'False', 'FALSE']],
  ['null', ['null', 'None', 'NULL', 'Null', 'undefined']],
]);

/** Blanks beyond these beside a quotation mark leave open what it is. */
const MOST_BLANKS = 40;

/** Whether a quotation mark at `at` stands where no string could end or begin. */
export function isAmidText(source: string, at: number): boolean {
  const before = source.slice(Math.max(0, at - MOST_BLANKS), at);
  const after = source.slice(at + 1, at + 1 + MOST_BLANKS);
  return /[^\s,:{[]\s*$/.test(before) && /^\s*[^\s,:}\]]/.test(after);
}

/** A comment with members or brackets in it, or with an ellipsis, may stand for what was left out. */
export function isMereRemark(comment: string): boolean {
  return !/["'`“”‘’{}[\]…]|\.\.\./.test(comment);
}

/** The place after the closing quotation mark of the JSON string that begins at `start`. */
export function stringEnd(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x5c) at += 1;
    else if (code === 0x22) return at + 1;
  }
  return text.length;
}
