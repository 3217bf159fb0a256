import { isExactNumber, MOST_SAFE_DIGITS } from '../json/exact-number.ts';
import type { JsonValue } from '../json/value.ts';

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const POINT = 0x2e;
const OPENING_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const LETTER_E = 0x65;
const CLOSING_BRACKET = 0x5d;
const OPENING_BRACE = 0x7b;
const CLOSING_BRACE = 0x7d;

/** Deeper values are looked through letter by letter, without recursion. */
const MAX_COUNTED_DEPTH = 500;
const MANY_DIGITS_OR_EXPONENT = new RegExp(`[\\d.]{${MOST_SAFE_DIGITS + 1}}|\\d[eE]`);

interface ExactJson {
  readonly value: JsonValue;
  /** Whether a key stands twice in one object, so that all but one of its values are dropped. */
  readonly hasRepeatedKey: boolean;
}

/**
 * Parses JSON text without losing digits: a number that a double cannot hold becomes the text of its digits, as it stands there.
 * All other numbers are numbers. Throws SyntaxError as JSON.parse does.
 *
 * JSON.parse does the work. Looking at every colon and at what stands around it then shows, for nearly every text, that no key
 * can be repeated and no number can be inexact; letters are gone through one by one where it does not.
 */
export function parseExactJson(text: string): ExactJson {
  const value = JSON.parse(text) as JsonValue;
  let possibleKeys = 0;
  let mayBeInexact = false;
  for (let at = text.indexOf(':'); at !== -1; at = text.indexOf(':', at + 1)) {
    let before = at - 1;
    while (isSpace(text.charCodeAt(before))) before -= 1;
    // True of all keys, and of some colons inside strings.
    if (text.charCodeAt(before) === QUOTE) possibleKeys += 1;
    mayBeInexact ||= startsInexact(text, at + 1);
  }
  const keys = typeof value === 'object' && value !== null ? countKeys(value, MAX_COUNTED_DEPTH) : 0;
  // Numbers of arrays, and one that is alone, have no colon before them.
  if (!mayBeInexact && (keys === 0 || text.includes('['))) mayBeInexact = MANY_DIGITS_OR_EXPONENT.test(text);
  return {
    value: mayBeInexact ? parseWithDigits(text, value) : value,
    hasRepeatedKey: keys !== possibleKeys && searchRepeatedKey(text),
  };
}

/** Whether the number that follows, if one does, is written with many digits or an exponent. */
function startsInexact(text: string, start: number): boolean {
  let at = start;
  while (isSpace(text.charCodeAt(at))) at += 1;
  if (text.charCodeAt(at) === MINUS) at += 1;
  const first = at;
  let code = text.charCodeAt(at);
  while (isDigit(code) || code === POINT) {
    at += 1;
    code = text.charCodeAt(at);
  }
  return at - first > MOST_SAFE_DIGITS || (at > first && (code | 0x20) === LETTER_E);
}

function countKeys(value: object, levels: number): number {
  if (levels === 0) return 0;
  const isArray = Array.isArray(value);
  let keys = 0;
  // Values of JSON.parse inherit nothing that could be listed, and this is far faster than Object.values.
  for (const key in value) {
    if (!isArray) keys += 1;
    const member: unknown = (value as Record<string, unknown>)[key];
    if (typeof member === 'object' && member !== null) keys += countKeys(member, levels - 1);
  }
  return keys;
}

function parseWithDigits(text: string, value: JsonValue): JsonValue {
  const quoted = quoteInexactNumbers(text);
  return quoted === text ? value : (JSON.parse(quoted) as JsonValue);
}

function quoteInexactNumbers(text: string): string {
  const parts: string[] = [];
  let taken = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      at = stringEnd(text, at) - 1;
    } else if (code === MINUS || isDigit(code)) {
      const end = numberEnd(text, at);
      const literal = text.slice(at, end);
      if (!isExactNumber(literal)) {
        parts.push(text.slice(taken, at), '"', literal, '"');
        taken = end;
      }
      at = end - 1;
    }
  }
  return parts.join('') + text.slice(taken);
}

function searchRepeatedKey(text: string): boolean {
  /** The keys of each open object; undefined for an array. */
  const open: (Set<string> | undefined)[] = [];
  let mayBeKey = false;
  for (let at = 0; at < text.length; at += 1) {
    switch (text.charCodeAt(at)) {
      case OPENING_BRACE:
        open.push(new Set());
        mayBeKey = true;
        break;
      case OPENING_BRACKET:
        open.push(undefined);
        break;
      case CLOSING_BRACE:
      case CLOSING_BRACKET:
        open.pop();
        break;
      case COMMA:
        mayBeKey = open.at(-1) !== undefined;
        break;
      case QUOTE: {
        const end = stringEnd(text, at);
        const keys = open.at(-1);
        if (mayBeKey && keys !== undefined) {
          const key = JSON.parse(text.slice(at, end)) as string;
          if (keys.has(key)) return true;
          keys.add(key);
        }
        mayBeKey = false;
        at = end - 1;
        break;
      }
    }
  }
  return false;
}

function stringEnd(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); ; end = text.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (text.charCodeAt(end - 1 - backslashes) === BACKSLASH) backslashes += 1;
    if (backslashes % 2 === 0) return end + 1;
  }
}

function numberEnd(text: string, start: number): number {
  let end = start + 1;
  while (/[\d.eE+-]/.test(text.charAt(end))) end += 1;
  return end;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0a || code === 0x0d;
}
