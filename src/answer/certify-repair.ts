import { hasLooseBlanks, isBareName, isBareText } from './bare-word.ts';
import { ESCAPES, isAmidText, isMereRemark, LITERALS, QUOTES, stringEnd } from './notation.ts';

/**
 * Whether `repaired`, which is JSON, says exactly what `source` says: every value, name and bracket of the one stands in the
 * other, in the same order, and what differs is notation alone. The closed list of what notation may be:
 *
 * - quotation marks of another kind around a string, its characters untouched; the escapes of JSON, `\'`, and bare line
 *   breaks and tabs in it, but no other backslash;
 * - quotation marks bare inside a string of an object, where none of them can be taken for its end;
 * - names without quotation marks, if they are identifiers; plain words as values of an object;
 * - `True`, `None` and the like for the literals of JSON; numbers only as they are;
 * - a comma too many before a closing bracket; one missing between members of an object or between objects of a list;
 * - comments in objects, never in lists, where they may stand for items left out.
 *
 * Bare names, bare words, bare quotation marks inside a string and a missing comma each lack one of the marks that tell where a
 * text ends. Each is understood by the other marks, so they do not stand together in one answer; but for bare names with bare
 * words, which is told as `bare-members`, since there the names must be known.
 *
 * Linear in the text's length.
 */
export function certifyRepair(source: string, repaired: string): Certificate | undefined {
  return new NotationWalk(source, repaired).run();
}

export type Certificate = 'plain' | 'bare-members';

/** What leaves open where a text ends. */
type OpenEnd = 'bare-name' | 'bare-value' | 'inner-quote' | 'missing-comma';

class NotationWalk {
  readonly #source: string;
  readonly #repaired: string;
  /** Where to read on. */
  #s = 0;
  #r = 0;
  /** Opening brackets of the containers that are open. */
  readonly #open: string[] = [];
  /** The last token of the repaired text, by its first character. */
  #last = '';
  /** Whether that token is a word without quotation marks, of which what looks like a comment may be a part. */
  #isAfterBare = false;
  readonly #openEnds = new Set<OpenEnd>();

  constructor(source: string, repaired: string) {
    this.#source = source;
    this.#repaired = repaired;
  }

  run(): Certificate | undefined {
    for (;;) {
      this.#skipRepairedSpace();
      const token = this.#repaired.charAt(this.#r);
      if (token === '') return this.#conclude();
      if (!this.#skipGap() || !this.#match(token)) return undefined;
      this.#last = token;
      if (token !== '"') this.#isAfterBare = false;
    }
  }

  #conclude(): Certificate | undefined {
    const isWhole = this.#open.length === 0 && /^[\s,;]*$/.test(this.#source.slice(this.#s));
    const hasBareMembers = this.#openEnds.has('bare-name') && this.#openEnds.has('bare-value');
    if (!isWhole || this.#openEnds.size > (hasBareMembers ? 2 : 1)) return undefined;
    return hasBareMembers ? 'bare-members' : 'plain';
  }

  #match(token: string): boolean {
    switch (token) {
      case '{':
      case '[':
        this.#open.push(token);
        return this.#matchMark(token);
      case '}':
      case ']':
        return this.#matchCloser(token);
      case ':':
        return this.#matchMark(token);
      case ',':
        return this.#matchComma();
      case '"':
        return this.#matchString();
      default:
        return this.#matchWord();
    }
  }

  #matchMark(mark: string): boolean {
    if (this.#source.charAt(this.#s) !== mark) return false;
    this.#s += 1;
    this.#r += 1;
    return true;
  }

  #matchCloser(closer: string): boolean {
    const isEmpty = this.#last === '{' || this.#last === '[';
    if (!isEmpty && this.#source.charAt(this.#s) === ',') {
      this.#s += 1;
      if (!this.#skipGap()) return false;
    }
    this.#open.pop();
    return this.#matchMark(closer);
  }

  #matchComma(): boolean {
    if (this.#source.charAt(this.#s) === ',') return this.#matchMark(',');
    this.#r += 1;
    this.#skipRepairedSpace();
    if (!this.#isInObject) return '}]'.includes(this.#last) && '{['.includes(this.#repaired.charAt(this.#r));
    this.#openEnds.add('missing-comma');
    return true;
  }

  get #isInObject(): boolean {
    return this.#open.at(-1) === '{';
  }

  get #isKey(): boolean {
    return this.#isInObject && this.#last !== ':';
  }

  #matchString(): boolean {
    this.#isAfterBare = !QUOTES.has(this.#source.charAt(this.#s));
    const end = stringEnd(this.#repaired, this.#r);
    const value = JSON.parse(this.#repaired.slice(this.#r, end)) as string;
    this.#r = end;
    const closers = QUOTES.get(this.#source.charAt(this.#s));
    return closers === undefined ? this.#matchBare(value) : this.#matchQuoted(value, closers);
  }

  #matchBare(value: string): boolean {
    const start = this.#s;
    if (!this.#source.startsWith(value, start)) return false;
    this.#s += value.length;
    this.#openEnds.add(this.#isKey ? 'bare-name' : 'bare-value');
    if (this.#isKey) return isBareName(value);
    return this.#isInObject && isBareText(value) && !hasLooseBlanks(this.#source, start, this.#s);
  }

  #matchQuoted(value: string, closers: string): boolean {
    const quote = this.#source.charAt(this.#s);
    this.#s += 1;
    for (let at = 0; at < value.length; at += 1) {
      const wanted = value.charAt(at);
      const given = this.#source.charAt(this.#s);
      if (given === '\\') {
        if (!this.#matchEscape(wanted)) return false;
        continue;
      }
      if (given !== wanted || (closers.includes(given) && !this.#isInnerQuote(quote))) return false;
      this.#s += 1;
    }
    const closer = this.#source.charAt(this.#s);
    if (closer === '' || !closers.includes(closer)) return false;
    this.#s += 1;
    return true;
  }

  #matchEscape(wanted: string): boolean {
    const escaped = this.#source.charAt(this.#s + 1);
    if (escaped === 'u') {
      const hex = this.#source.slice(this.#s + 2, this.#s + 6);
      this.#s += 6;
      return /^[0-9a-f]{4}$/i.test(hex) && String.fromCharCode(Number.parseInt(hex, 16)) === wanted;
    }
    this.#s += 2;
    return ESCAPES.get(escaped) === wanted;
  }

  /** A bare quotation mark of the kind that ends the string, at a place where a string could not end or begin. */
  #isInnerQuote(quote: string): boolean {
    if (quote !== '"' || !this.#isInObject || this.#isKey) return false;
    this.#openEnds.add('inner-quote');
    return isAmidText(this.#source, this.#s);
  }

  /** Literals and numbers. */
  #matchWord(): boolean {
    const word = /^[\w.+-]+/.exec(this.#repaired.slice(this.#r, this.#r + 400))?.[0] ?? '';
    this.#r += word.length;
    const given = (LITERALS.get(word) ?? [word]).find((form) => this.#source.startsWith(form, this.#s));
    if (word === '' || given === undefined) return false;
    this.#s += given.length;
    return /^(?:[\s,}\]]|\/[/*]|$)/.test(this.#source.slice(this.#s, this.#s + 2));
  }

  #skipRepairedSpace(): void {
    while (' \n\r\t'.includes(this.#repaired.charAt(this.#r)) && this.#r < this.#repaired.length) this.#r += 1;
  }

  /** Skips blanks, and comments where they may stand; false for one that may say something. */
  #skipGap(): boolean {
    for (;;) {
      while (this.#s < this.#source.length && this.#source.charAt(this.#s).trim() === '') this.#s += 1;
      const opening = this.#source.slice(this.#s, this.#s + 2);
      if (opening !== '//' && opening !== '/*') return true;
      const [mark, length] = opening === '//' ? ['\n', 0] : ['*/', 2];
      const found = this.#source.indexOf(mark, this.#s + 2);
      const end = found === -1 ? this.#source.length : found + length;
      if (!this.#isInObject || this.#isAfterBare || !isMereRemark(this.#source.slice(this.#s + 2, end - length)))
        return false;
      this.#s = end;
    }
  }
}
