import { locateJsonError } from '../json/locate-json-error.ts';
import { isNestedDeeper, jsonSpans } from './json-spans.ts';
import { repairJson } from './repair-json.ts';

/** What had to be taken off or mended before the JSON could be read. */
export type AnswerRepair = 'none' | 'fence' | 'prose' | 'repair';

export type ParsedAnswer =
  | { ok: true; value: unknown; repaired: AnswerRepair }
  /** The message names positions in the answer, never its contents. */
  | { ok: false; message: string };

/** Far above what a response schema may nest; below what overflows the stack of JSON.stringify or of a validator. */
const maxNesting = 1_000;

/** Stray braces in prose; each one tried costs an exception. */
const maxSpans = 64;

const tooDeep: ParsedAnswer = {
  ok: false,
  message: `brackets are nested too deeply, expected at most ${maxNesting} levels`,
};

/**
 * Reads the JSON value in a model's text. In order: the text as it is; without byte order mark, NULs and a Markdown
 * fence around it; the one object inside prose; and, unless `repair` is false, that object with its notation mended.
 * Two different objects in one text are refused rather than chosen from. Never throws; linear in the text's length.
 */
export function parseAnswer(text: string, options: { repair?: boolean } = {}): ParsedAnswer {
  // Before JSON.parse, which does not overflow but takes seconds over millions of levels.
  if (isNestedDeeper(text, maxNesting)) return tooDeep;
  const whole = tryParse(text);
  if (whole !== undefined) return { ok: true, value: whole.value, repaired: 'none' };

  const { body, isFenced } = unwrap(text);
  const unwrapped = tryParse(body);
  if (unwrapped !== undefined) return accept(body, unwrapped, isFenced ? 'fence' : 'none');

  const inProse = findInProse(body);
  if (inProse !== undefined) return inProse;

  const { repair = true } = options;
  const repaired = repair ? repairBetweenBrackets(body) : undefined;
  return repaired ?? { ok: false, message: describeSyntaxError(text, body) };
}

function accept(text: string, parsed: { value: unknown }, repaired: AnswerRepair): ParsedAnswer {
  return isNestedDeeper(text, maxNesting) ? tooDeep : { ok: true, value: parsed.value, repaired };
}

/** Wrapped, because null is a JSON value. */
function tryParse(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
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

/** Undefined when no span is JSON. Answers are objects, so arrays, such as "[1]" in prose, count only without one. */
function findInProse(text: string): ParsedAnswer | undefined {
  let object: { text: string; value: unknown } | undefined;
  let array: { text: string; value: unknown } | undefined;
  let seen = 0;
  for (const span of jsonSpans(text)) {
    seen += 1;
    if (span.end === undefined || seen > maxSpans) return undefined;
    const spanText = text.slice(span.start, span.end);
    if (spanText === object?.text) continue;
    const parsed = tryParse(spanText);
    if (parsed === undefined) continue;
    if (Array.isArray(parsed.value)) {
      array ??= { text: spanText, value: parsed.value };
    } else if (object === undefined) {
      object = { text: spanText, value: parsed.value };
    } else {
      return { ok: false, message: 'the text holds several different JSON objects, expected exactly one' };
    }
  }
  const found = object ?? array;
  return found && accept(found.text, found, 'prose');
}

/** From the first opening to the last closing bracket: broken quotation marks make balanced spans unreliable. */
function repairBetweenBrackets(text: string): ParsedAnswer | undefined {
  const start = text.search(/[{[]/);
  const end = Math.max(text.lastIndexOf('}'), text.lastIndexOf(']')) + 1;
  if (start === -1 || end <= start || isCutOff(text.slice(start)) || /[{[]/.test(text.slice(end))) return undefined;
  const mended = repairJson(text.slice(start, end));
  const parsed = mended === undefined ? undefined : tryParse(mended);
  return mended === undefined || parsed === undefined ? undefined : accept(mended, parsed, 'repair');
}

/** Flawless up to its end: what is missing are values, not notation. */
function isCutOff(json: string): boolean {
  return locateJsonError(json) === json.length;
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
