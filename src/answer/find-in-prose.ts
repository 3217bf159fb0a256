import { canonicalJson } from '../json/canonical.ts';
import { isJsonObject, type JsonObject } from '../json/value.ts';
import { jsonSpans } from './json-spans.ts';
import { namesAnyProperty } from './names-property.ts';
import { takesBack } from './takes-back.ts';

/** Stray braces in prose; each one tried costs an exception. */
const MAX_SPANS = 64;

export type Found =
  | { kind: 'found'; text: string; value: unknown }
  /** Which of the texts is the answer cannot be told. */
  | { kind: 'ambiguous' }
  | { kind: 'none' };

/**
 * Finds the one object in prose. What could be another answer, or a part of it that would be dropped, makes it ambiguous:
 * a second object with another value, a list beside it that is more than a citation such as `[1]`, and members or brackets
 * outside. Answers are objects, so a list counts only where there is no object. With a `schema`, an object that has none of its
 * names at any depth is no other answer.
 */
export function findInProse(text: string, schema?: JsonObject): Found {
  let object: { text: string; value: JsonObject } | undefined;
  let array: { text: string; value: unknown } | undefined;
  let isAmbiguous = false;
  let outside = '';
  let end = 0;
  let seen = 0;
  for (const span of jsonSpans(text)) {
    seen += 1;
    if (span.end === undefined || seen > MAX_SPANS) return { kind: 'none' };
    outside += `${text.slice(end, span.start)}{`;
    end = span.end;
    const spanText = text.slice(span.start, span.end);
    if (spanText === object?.text) continue;
    const parsed = tryParse(spanText);
    if (parsed === undefined) {
      // The answer itself, maybe, which something keeps from being read.
      if (/[:"]|\d\s{0,20},/.test(spanText)) return { kind: 'none' };
    } else if (isJsonObject(parsed.value)) {
      const found = { text: spanText, value: parsed.value };
      const chosen = object === undefined ? found : choose(object, found, schema);
      if (chosen === undefined) isAmbiguous = true;
      object = chosen ?? found;
    } else if (!isCitation(parsed.value)) {
      if (array !== undefined) isAmbiguous = true;
      array = { text: spanText, value: parsed.value };
    }
  }
  const after = text.slice(end);
  // A bracket too many at the very end closes nothing, and takes nothing away.
  outside += /^[\s}\]]*$/.test(after) ? '' : after;
  if (
    isAmbiguous ||
    (object !== undefined && (array !== undefined || holdsMore(outside) || takesBack(outside, object.value)))
  )
    return { kind: 'ambiguous' };
  const found = object ?? array;
  return found === undefined ? { kind: 'none' } : { kind: 'found', ...found };
}

/** The one of two objects that is meant; undefined where that cannot be told. */
function choose(
  left: { text: string; value: JsonObject },
  right: { text: string; value: JsonObject },
  schema: JsonObject | undefined,
): { text: string; value: JsonObject } | undefined {
  if (canonicalJson(left.value) === canonicalJson(right.value)) return right;
  if (schema === undefined) return undefined;
  const isLeftNamed = namesAnyProperty(left.value, schema);
  if (isLeftNamed === namesAnyProperty(right.value, schema)) return undefined;
  return isLeftNamed ? left : right;
}

function tryParse(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}

function isCitation(value: unknown): boolean {
  return Array.isArray(value) && (value.length === 0 || (value.length === 1 && typeof value[0] === 'number'));
}

/**
 * Whether text around an answer, with `{` in the place of what was taken out, holds members or brackets that close nothing: a
 * piece of an answer was broken off.
 */
export function holdsMore(outside: string): boolean {
  return /["'”]\s{0,20}:\s{0,20}["'“\d[{tfn-]/.test(outside) || /[}\]]/.test(outside);
}
