import { canonicalJson } from './canonical.ts';
import { isExactNumber, MOST_SAFE_DIGITS } from './exact-number.ts';
import { pointerToken } from './pointer.ts';

/**
 * What JSON.parse changes without a word, or what shows a mistake in the writing:
 * - `duplicate-key`: a name stands twice in an object with different values, of which all but one would be dropped;
 * - `inexact-number`: digits would be rounded away;
 * - `control-character`: a string holds a backspace or a form feed, which is what `\b` and `\f` of a path, an expression
 *   or a formula become where their backslash is not escaped.
 */
export interface JsonLoss {
  kind: 'duplicate-key' | 'inexact-number' | 'control-character';
  /** JSON pointer to the value. */
  path: string;
}

interface Span {
  start: number;
  end: number;
}

/** An open object or array. */
interface Frame {
  /** The values seen so far, by their names; undefined for an array. */
  members: Map<string, Span> | undefined;
  /** The name whose value is being read; undefined where a name comes next. */
  key: string | undefined;
  index: number;
  /** Where the value begins that is being read. */
  start: number;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const COLON = 0x3a;
const OPENING_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSING_BRACKET = 0x5d;
const OPENING_BRACE = 0x7b;
const CLOSING_BRACE = 0x7d;

/** Cheap; whether the backslash is itself escaped shows when the string is read. */
const CONTROL_ESCAPE = /\\[bf]|\\u000[8c]/i;

/** Whether anything in a text may need a closer look: long numbers, control characters, blanks before a colon. */
const SUSPECT = /\d(?:[eE]|[\d.]{15})|\\(?:[bf]|u000[8cC])|"\s+:/;

/**
 * Finds what a valid JSON text would lose. `parsed` is what JSON.parse makes of it: where it has as many members as the
 * text has names, none of them stood twice, and no further look is needed.
 */
export function findLoss(text: string, parsed?: unknown): JsonLoss | undefined {
  if (parsed !== undefined && !SUSPECT.test(text) && countNames(text) === countMembers(parsed)) return undefined;
  return scan(text);
}

/** At least as many as there are, as a string may hold what looks like one. */
function countNames(text: string): number {
  let count = 0;
  for (let at = text.indexOf('":'); at !== -1; at = text.indexOf('":', at + 2)) count += 1;
  return count;
}

function countMembers(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  let count = 0;
  if (Array.isArray(value)) {
    for (const item of value) count += countMembers(item);
    return count;
  }
  // Values of JSON.parse inherit nothing that could be listed, and this costs half of lists of keys.
  for (const key in value) count += 1 + countMembers((value as Record<string, unknown>)[key]);
  return count;
}

/** One pass that jumps from quotation mark to quotation mark. */
function scan(text: string): JsonLoss | undefined {
  const mayHoldControls = CONTROL_ESCAPE.test(text);
  const frames: Frame[] = [];
  let frame: Frame | undefined;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    switch (code) {
      case QUOTE: {
        const end = stringEnd(text, at);
        const isKey = frame?.members !== undefined && frame.key === undefined;
        if (isKey && frame !== undefined) frame.key = stringAt(text, at, end);
        if (mayHoldControls && /[\b\f]/.test(stringAt(text, at, end))) return loss('control-character', frames);
        at = end - 1;
        break;
      }
      case OPENING_BRACE:
      case OPENING_BRACKET:
        frame = { members: code === OPENING_BRACE ? new Map() : undefined, key: undefined, index: 0, start: 0 };
        frames.push(frame);
        break;
      case COLON:
        if (frame !== undefined) frame.start = at + 1;
        break;
      case COMMA:
      case CLOSING_BRACE:
      case CLOSING_BRACKET:
        if (frame !== undefined && isOtherThanBefore(frame, text, at)) return loss('duplicate-key', frames);
        if (code === COMMA) {
          if (frame !== undefined) frame.index += 1;
        } else {
          frames.pop();
          frame = frames.at(-1);
        }
        break;
      default: {
        if (code !== MINUS && !isDigit(code)) break;
        const end = numberEnd(text, at);
        if (mayBeInexact(text, at, end) && !isExactNumber(text.slice(at, end))) return loss('inexact-number', frames);
        at = end - 1;
      }
    }
  }
  return undefined;
}

/** Enters the value that ends here under its name; whether that name had another value before. */
function isOtherThanBefore(frame: Frame, text: string, end: number): boolean {
  const { members, key, start } = frame;
  if (members === undefined || key === undefined) return false;
  const before = members.get(key);
  if (before !== undefined && valueOf(text, before) !== valueOf(text, { start, end })) return true;
  members.set(key, { start, end });
  frame.key = undefined;
  return false;
}

function valueOf(text: string, { start, end }: Span): string {
  return canonicalJson(JSON.parse(text.slice(start, end)));
}

function stringEnd(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  for (;;) {
    let backslashes = 0;
    while (text.charCodeAt(end - 1 - backslashes) === BACKSLASH) backslashes += 1;
    if (backslashes % 2 === 0) return end + 1;
    end = text.indexOf('"', end + 1);
  }
}

function stringAt(text: string, start: number, end: number): string {
  const raw = text.slice(start + 1, end - 1);
  return raw.includes('\\') ? (JSON.parse(text.slice(start, end)) as string) : raw;
}

function numberEnd(text: string, start: number): number {
  let end = start + 1;
  while (end < text.length) {
    const code = text.charCodeAt(end);
    if (code === COMMA || code === CLOSING_BRACE || code === CLOSING_BRACKET || code <= 0x20) break;
    end += 1;
  }
  return end;
}

function mayBeInexact(text: string, start: number, end: number): boolean {
  if (end - start > MOST_SAFE_DIGITS) return true;
  for (let at = start; at < end; at += 1) if ((text.charCodeAt(at) | 0x20) === 0x65) return true;
  return false;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function loss(kind: JsonLoss['kind'], frames: readonly Frame[]): JsonLoss {
  const steps = frames.map(({ members, key, index }) => `/${members === undefined ? index : pointerToken(key ?? '')}`);
  return { kind, path: steps.join('') };
}
