import { findLoss, type JsonLoss } from '../json/find-loss.ts';
import { locateJsonError } from '../json/locate-json-error.ts';
import type { JsonObject } from '../json/value.ts';
import { cutThoughts } from './cut-thoughts.ts';
import { findInProse } from './find-in-prose.ts';
import { isNestedDeeper } from './json-spans.ts';
import { mendAnswer } from './mend-answer.ts';

/**
 * How an answer had to be mended before it could be read; nothing of what it says is lost by it.
 * - `fence`: a Markdown fence around it was taken off;
 * - `prose`: text around it was left out;
 * - `notation`: it was written otherwise than JSON is, such as with trailing commas.
 */
export type AnswerRepair = 'fence' | 'prose' | 'notation';

export type ParsedAnswer =
  | { ok: true; value: unknown; repaired: AnswerRepair | undefined }
  /** The message names positions in the answer, never its contents; `loss` is set where the JSON is valid but cannot be kept. */
  | { ok: false; message: string; loss?: JsonLoss };

export interface ParseOptions {
  /** Whether the notation may be mended. Default true. */
  repair?: boolean;
  /** Tells which of several objects is an answer. */
  schema?: JsonObject | undefined;
}

/** Far above what a response schema may nest; below what overflows the stack of JSON.stringify or of a validator. */
const MAX_NESTING = 1_000;

const TOO_DEEP: ParsedAnswer = {
  ok: false,
  message: `brackets are nested too deeply, expected at most ${MAX_NESTING} levels`,
};

/**
 * Reads the JSON value in a model's text. In order: the text as it is; without byte order mark, NULs, thoughts and a Markdown
 * fence around it; the one object inside prose; and, unless `repair` is false, that object with its notation mended.
 * Two different objects in one text are refused rather than chosen from, and so is what JSON.parse would change without a
 * word. Never throws; linear in the text's length.
 */
export function parseAnswer(text: string, options: ParseOptions = {}): ParsedAnswer {
  // Before JSON.parse, which does not overflow but takes seconds over millions of levels.
  if (isNestedDeeper(text, MAX_NESTING)) return TOO_DEEP;
  const whole = tryParse(text);
  if (whole !== undefined) return accept(text, whole, undefined);

  // A fence first: what it holds may speak of thoughts itself.
  const unwrapped = readUnwrapped(unwrap(text));
  if (unwrapped !== undefined) return unwrapped;
  const answer = cutThoughts(text);
  if (answer === undefined) return { ok: false, message: 'the text holds thoughts, and no answer after them' };
  const parts = unwrap(answer);
  const read = answer.length === text.length ? undefined : readUnwrapped(parts);
  if (read !== undefined) return read;

  const found = findInProse(parts.body, options.schema);
  if (found.kind === 'ambiguous') {
    return {
      ok: false,
      message: 'the text holds several JSON values, or parts of one outside of it, expected exactly one',
    };
  }
  if (found.kind === 'found') return accept(found.text, found, 'prose');
  const mended = options.repair === false ? undefined : mendAnswer(parts.body, options.schema);
  if (mended === undefined) return { ok: false, message: describeSyntaxError(text, parts.body) };
  return 'json' in mended
    ? accept(mended.json, mended, 'notation')
    : {
        ok: false,
        message: `the JSON ends in a comma while "${mended.lacking}" is missing, as if it were cut off there`,
      };
}

function accept(text: string, parsed: { value: unknown }, repaired: AnswerRepair | undefined): ParsedAnswer {
  if (repaired !== undefined && isNestedDeeper(text, MAX_NESTING)) return TOO_DEEP;
  const loss = findLoss(text, parsed.value);
  if (loss !== undefined) return { ok: false, message: describeLoss(loss), loss };
  return { ok: true, value: withoutNegativeZero(text, parsed.value), repaired };
}

/** Wrapped, because null is a JSON value. */
function tryParse(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}

/** A model's -0 is 0: JSON has no other, and would be written as such. */
function withoutNegativeZero(text: string, value: unknown): unknown {
  if (!text.includes('-0') || !/[[:,\s]-0[.,eE\]}\s]/.test(text)) return value;
  return JSON.parse(text, (_key, member: unknown) => (member === 0 ? 0 : member)) as unknown;
}

function readUnwrapped({ body, isFenced }: { body: string; isFenced: boolean }): ParsedAnswer | undefined {
  const parsed = tryParse(body);
  return parsed && accept(body, parsed, isFenced ? 'fence' : undefined);
}

function unwrap(text: string): { body: string; isFenced: boolean } {
  const trimmed = trim(text);
  const opening = /^(?:```|~~~)[\w-]{0,20}/.exec(trimmed)?.[0];
  if (opening === undefined) return { body: trimmed, isFenced: false };
  const fence = opening.slice(0, 3);
  const end = trimmed.length > opening.length + 3 && trimmed.endsWith(fence) ? -3 : undefined;
  return { body: trim(trimmed.slice(opening.length, end)), isFenced: true };
}

/** Like String.trim, which knows the byte order mark, and NULs. A loop, as `\s+$` is quadratic on inner white space. */
function trim(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text.charAt(start))) start += 1;
  while (end > start && isBlank(text.charAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

function isBlank(character: string): boolean {
  return character === '\0' || character.trim() === '';
}

function describeLoss({ kind }: JsonLoss): string {
  switch (kind) {
    case 'duplicate-key':
      return 'a name stands twice in an object, with different values';
    case 'inexact-number':
      return 'the number has more digits than can be kept';
    case 'control-character':
      return 'a text holds a backspace or a form feed, as unescaped backslashes give them; write each backslash as \\\\';
    default:
      return kind satisfies never;
  }
}

function describeSyntaxError(text: string, body: string): string {
  const start = body.search(/[{[]/);
  if (start === -1) return 'the text holds no JSON object';
  const offset = text.indexOf(body) + start;
  const json = body.slice(start);
  const position = locateJsonError(json) ?? json.length;
  return position >= json.length
    ? `the JSON ends too early, after ${offset + position} characters, inside an unclosed value`
    : `the JSON breaks at character ${offset + position + 1} of ${text.length}`;
}
