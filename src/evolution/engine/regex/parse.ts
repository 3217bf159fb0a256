import { charSet, complementOf, everyChar, rangesOf, unionOf, type CharSet } from './char-set.ts';

/** A regular expression as a tree; groups are gone, since only the set of matched strings matters. */
export type RegexNode =
  | { readonly kind: 'chars'; readonly set: CharSet }
  | { readonly kind: 'sequence'; readonly items: readonly RegexNode[] }
  | { readonly kind: 'choice'; readonly options: readonly RegexNode[] }
  | { readonly kind: 'repeat'; readonly body: RegexNode; readonly min: number; readonly max: number }
  | { readonly kind: 'start' }
  | { readonly kind: 'end' }
  | { readonly kind: 'word-boundary'; readonly negated: boolean }
  | { readonly kind: 'lookahead'; readonly negated: boolean; readonly body: RegexNode };

/** Thrown for what is not a regular language, or is not treated as one here. */
export class UnsupportedPattern extends Error {
  override readonly name = 'UnsupportedPattern';
}

const digits = charSet([[48, 57]]);
export const wordChars = charSet([
  [48, 57],
  [65, 90],
  [95, 95],
  [97, 122],
]);
const spaces = charSet([
  [9, 13],
  [32, 32],
  [0xa0, 0xa0],
  [0x1680, 0x1680],
  [0x2000, 0x200a],
  [0x2028, 0x2029],
  [0x202f, 0x202f],
  [0x205f, 0x205f],
  [0x3000, 0x3000],
  [0xfeff, 0xfeff],
]);
const notLineEnds = complementOf(
  charSet([
    [10, 10],
    [13, 13],
    [0x2028, 0x2029],
  ]),
);
const CONTROL_ESCAPES: Readonly<Record<string, number>> = { t: 9, n: 10, v: 11, f: 12, r: 13, '0': 0 };

/**
 * The tree of a pattern that is known to be valid with the `u` flag.
 * Throws UnsupportedPattern for backreferences, lookbehind and group modifiers.
 */
export function parseRegex(source: string): RegexNode {
  return new Parser(source).parse();
}

class Parser {
  readonly #chars: readonly string[];
  #position = 0;

  constructor(source: string) {
    this.#chars = Array.from(source);
  }

  parse(): RegexNode {
    return this.#choice();
  }

  #choice(): RegexNode {
    const options = [this.#sequence()];
    while (this.#take('|')) options.push(this.#sequence());
    return options.length === 1 && options[0] !== undefined ? options[0] : { kind: 'choice', options };
  }

  #sequence(): RegexNode {
    const items: RegexNode[] = [];
    while (this.#position < this.#chars.length && this.#peek() !== '|' && this.#peek() !== ')')
      items.push(this.#term());
    return items.length === 1 && items[0] !== undefined ? items[0] : { kind: 'sequence', items };
  }

  #term(): RegexNode {
    const atom = this.#atom();
    let min: number;
    let max: number;
    if (this.#take('*')) [min, max] = [0, Infinity];
    else if (this.#take('+')) [min, max] = [1, Infinity];
    else if (this.#take('?')) [min, max] = [0, 1];
    else if (this.#take('{')) [min, max] = this.#counts();
    else return atom;
    this.#take('?'); // laziness changes which match is found, not whether there is one
    return { kind: 'repeat', body: atom, min, max };
  }

  #counts(): [number, number] {
    const min = this.#integer();
    let max = min;
    if (this.#take(',')) max = this.#peek() === '}' ? Infinity : this.#integer();
    this.#take('}');
    return [min, max];
  }

  #integer(): number {
    let text = '';
    while (/^\d$/.test(this.#peek())) text += this.#next();
    return Number(text);
  }

  #atom(): RegexNode {
    const char = this.#next();
    switch (char) {
      case '^':
        return { kind: 'start' };
      case '$':
        return { kind: 'end' };
      case '.':
        return { kind: 'chars', set: notLineEnds };
      case '(':
        return this.#group();
      case '[':
        return { kind: 'chars', set: this.#charClass() };
      case '\\':
        return this.#escape();
      default:
        return { kind: 'chars', set: single(codePointOf(char)) };
    }
  }

  #group(): RegexNode {
    let look: boolean | undefined;
    if (this.#take('?')) {
      if (this.#take('=')) look = false;
      else if (this.#take('!')) look = true;
      else if (this.#take('<')) {
        if (this.#peek() === '=' || this.#peek() === '!') throw new UnsupportedPattern('lookbehind');
        while (!this.#take('>')) this.#next();
      } else if (!this.#take(':')) throw new UnsupportedPattern('group modifier');
    }
    const body = this.#choice();
    this.#take(')');
    return look === undefined ? body : { kind: 'lookahead', negated: look, body };
  }

  #escape(): RegexNode {
    const char = this.#peek();
    if (char === 'b' || char === 'B') {
      this.#next();
      return { kind: 'word-boundary', negated: char === 'B' };
    }
    if (char === 'k' || /^[1-9]$/.test(char)) throw new UnsupportedPattern('backreference');
    const escaped = this.#classEscape();
    return { kind: 'chars', set: typeof escaped === 'number' ? single(escaped) : escaped };
  }

  #charClass(): CharSet {
    const negated = this.#take('^');
    const parts: CharSet[] = [];
    while (!this.#take(']')) {
      const from = this.#classAtom();
      if (this.#peek() === '-' && this.#chars[this.#position + 1] !== ']' && typeof from === 'number') {
        this.#next();
        const to = this.#classAtom();
        // The pattern is valid, so a range ends in a single character.
        parts.push(charSet([[from, typeof to === 'number' ? to : from]]));
      } else {
        parts.push(typeof from === 'number' ? single(from) : from);
      }
    }
    const set = unionOf(parts);
    return negated ? complementOf(set) : set;
  }

  #classAtom(): number | CharSet {
    const char = this.#next();
    if (char !== '\\') return codePointOf(char);
    if (this.#take('b')) return 8;
    return this.#classEscape();
  }

  #classEscape(): number | CharSet {
    const char = this.#next();
    switch (char) {
      case 'd':
        return digits;
      case 'D':
        return complementOf(digits);
      case 'w':
        return wordChars;
      case 'W':
        return complementOf(wordChars);
      case 's':
        return spaces;
      case 'S':
        return complementOf(spaces);
      case 'p':
      case 'P':
        return this.#property(char === 'P');
      case 'c':
        return codePointOf(this.#next()) % 32;
      case 'x':
        return Number.parseInt(this.#next() + this.#next(), 16);
      case 'u':
        return this.#unicodeEscape();
      default:
        return CONTROL_ESCAPES[char] ?? codePointOf(char);
    }
  }

  #unicodeEscape(): number {
    if (this.#take('{')) {
      let text = '';
      while (!this.#take('}')) text += this.#next();
      return Number.parseInt(text, 16);
    }
    const unit = this.#fourHexDigits();
    if (unit < 0xd800 || unit > 0xdbff || this.#peek() !== '\\' || this.#chars[this.#position + 1] !== 'u') return unit;
    const start = this.#position;
    this.#position += 2;
    const low = this.#peek() === '{' ? 0 : this.#fourHexDigits();
    if (low >= 0xdc00 && low <= 0xdfff) return 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
    this.#position = start;
    return unit;
  }

  #fourHexDigits(): number {
    return Number.parseInt(this.#next() + this.#next() + this.#next() + this.#next(), 16);
  }

  #property(negated: boolean): CharSet {
    let name = '';
    this.#take('{');
    while (!this.#take('}')) name += this.#next();
    const set = unicodeProperty(name);
    return negated ? complementOf(set) : set;
  }

  #peek(): string {
    return this.#chars[this.#position] ?? '';
  }

  #next(): string {
    const char = this.#chars[this.#position] ?? '';
    this.#position += 1;
    return char;
  }

  #take(char: string): boolean {
    if (this.#chars[this.#position] !== char) return false;
    this.#position += 1;
    return true;
  }
}

function codePointOf(char: string): number {
  return char.codePointAt(0) ?? 0;
}

function single(codePoint: number): CharSet {
  return [codePoint, codePoint];
}

const UNICODE_PROPERTIES = new Map<string, CharSet>();

/** The members of a Unicode property, asked of the engine that validators run on; slow once, then remembered. */
function unicodeProperty(name: string): CharSet {
  const known = UNICODE_PROPERTIES.get(name);
  if (known !== undefined) return known;
  const ranges: [number, number][] = [];
  const run = new RegExp(`\\p{${name}}+`, 'gu');
  for (const [from, to] of rangesOf(everyChar)) {
    for (let start = from; start <= to; start += 4096) {
      if (start >= 0xd800 && start <= 0xdfff) continue;
      let text = '';
      const offsets: number[] = [];
      for (let codePoint = start; codePoint < start + 4096; codePoint += 1) {
        if (codePoint >= 0xd800 && codePoint <= 0xdfff) continue;
        offsets[text.length] = codePoint;
        text += String.fromCodePoint(codePoint);
      }
      for (const match of text.matchAll(run)) {
        const first = offsets[match.index] ?? start;
        ranges.push([first, first + Array.from(match[0]).length - 1]);
      }
    }
  }
  const set = charSet(ranges);
  UNICODE_PROPERTIES.set(name, set);
  return set;
}
