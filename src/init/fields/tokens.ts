import { FieldError } from './field-error.ts';

/** One word, quoted text or sign, and the column, from 1, at which it begins. */
export interface Token {
  readonly kind: 'word' | 'text' | 'sign' | 'end';
  readonly value: string;
  readonly column: number;
}

const SPACE = /\s+/y;
const WORD = /[\p{L}\p{N}_][\p{L}\p{N}\p{M}_.-]*/uy;
const SIGN = /\[\]|[,:?|{}]/y;
const TEXT = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/suy;

/** @throws {FieldError} at a character that begins nothing */
export function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    if (found !== undefined) at += found.length;
    return found;
  };
  for (;;) {
    take(SPACE);
    const column = at + 1;
    if (at === text.length) {
      tokens.push({ kind: 'end', value: '', column });
      return tokens;
    }
    const word = take(WORD);
    if (word !== undefined) {
      tokens.push({ kind: 'word', value: word, column });
      continue;
    }
    const sign = take(SIGN);
    if (sign !== undefined) {
      tokens.push({ kind: 'sign', value: sign, column });
      continue;
    }
    const quoted = take(TEXT);
    if (quoted === undefined) throw new FieldError(text, column, problemAt(text, at));
    tokens.push({ kind: 'text', value: quoted.slice(1, -1).replaceAll(/\\(.)/gsu, '$1'), column });
  }
}

function problemAt(text: string, at: number): string {
  const character = String.fromCodePoint(text.codePointAt(at) ?? 0);
  if (character === '"' || character === "'") return `the quote ${character} is not closed`;
  if (character === '[') return 'a list is written [], as in items[]: {name, price: number}';
  return `${JSON.stringify(character)} has no meaning here; put names with such characters into quotes`;
}
