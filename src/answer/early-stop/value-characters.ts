import type { TYPE_BIT } from './stream-shape.ts';

/** Literals of JSON, by their text. */
export const LITERALS: ReadonlyMap<string, boolean | null> = new Map<string, boolean | null>([
  ['true', true],
  ['false', false],
  ['null', null],
]);

/** The type of the value that begins with a character, by its code. */
export const TYPE_BY_FIRST: readonly (keyof typeof TYPE_BIT | undefined)[] = Array.from({ length: 128 }, (_, code) => {
  switch (String.fromCharCode(code)) {
    case '{':
      return 'object';
    case '[':
      return 'array';
    case '"':
      return 'string';
    case 't':
    case 'f':
      return 'boolean';
    case 'n':
      return 'null';
    case '-':
      return 'number';
    default:
      return code >= 0x30 && code <= 0x39 ? 'number' : undefined;
  }
});

/** The end of the white space that begins at `start`. */
export function skipSpace(text: string, start: number): number {
  let at = start;
  for (; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) break;
  }
  return at;
}

/** The end of a number or literal: letters, digits and what else numbers are made of. */
export function skipWord(text: string, start: number): number {
  let at = start;
  for (; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    const lower = code | 0x20;
    const isWord = (code >= 0x30 && code <= 0x39) || (lower >= 0x61 && lower <= 0x7a);
    if (!isWord && code !== 0x2e && code !== 0x2d && code !== 0x2b) break;
  }
  return at;
}
