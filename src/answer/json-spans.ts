const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Where a brace or bracket opens and the one that balances it closes, exclusive; `end` is undefined if none does. */
export interface JsonSpan {
  start: number;
  end: number | undefined;
}

/**
 * Finds the outermost balanced objects and arrays in prose, in one pass. Brackets inside JSON strings do not count;
 * quotation marks in the prose between spans do not either. A span that never closes is the last one: what lies inside
 * it is a part of a cut-off answer, not an answer, so it is never offered.
 */
export function* jsonSpans(text: string): Generator<JsonSpan> {
  let depth = 0;
  let start = 0;
  let isInString = false;
  for (let position = 0; position < text.length; position += 1) {
    const code = text.charCodeAt(position);
    if (isInString) {
      if (code === BACKSLASH) position += 1;
      else if (code === QUOTE) isInString = false;
    } else if (isOpener(code)) {
      if (depth === 0) start = position;
      depth += 1;
    } else if (depth > 0 && code === QUOTE) {
      isInString = true;
    } else if (depth > 0 && isCloser(code)) {
      depth -= 1;
      if (depth === 0) yield { start, end: position + 1 };
    }
  }
  if (depth > 0) yield { start, end: undefined };
}

/** True when brackets outside strings nest deeper than the limit. */
export function isNestedDeeper(text: string, limit: number): boolean {
  if (text.length <= limit) return false;
  let depth = 0;
  let isInString = false;
  for (let position = 0; position < text.length; position += 1) {
    const code = text.charCodeAt(position);
    if (isInString) {
      if (code === BACKSLASH) position += 1;
      else if (code === QUOTE) isInString = false;
    } else if (code === QUOTE) {
      isInString = true;
    } else if (isOpener(code)) {
      depth += 1;
      if (depth > limit) return true;
    } else if (isCloser(code)) {
      depth -= 1;
    }
  }
  return false;
}

function isOpener(code: number): boolean {
  return code === 0x7b || code === 0x5b;
}

function isCloser(code: number): boolean {
  return code === 0x7d || code === 0x5d;
}
