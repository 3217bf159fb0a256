import { jsonrepair } from 'jsonrepair';

/** jsonrepair is quadratic on hostile input (100,000 quotation marks take a second), so longer text is not tried. */
const maxRepairLength = 50_000;

/**
 * Mends JSON that only its notation keeps from being read: trailing commas, single quotes, bare keys, comments,
 * unescaped quotation marks. Undefined where mending would have to make data up: jsonrepair closes cut-off text, drops
 * a literal `...`, and writes null where a value is missing.
 */
export function repairJson(text: string): string | undefined {
  if (text.length > maxRepairLength || !isWhole(text)) return undefined;
  try {
    return jsonrepair(text);
  } catch {
    // A JSONRepairError, or a RangeError from its recursion on deep nesting.
    return undefined;
  }
}

/** Errs towards false, also for such characters inside strings: asking again is cheaper than a made-up value. */
function isWhole(text: string): boolean {
  let open = 0;
  for (const bracket of text.match(/[{}[\]]/g) ?? []) open += bracket === '{' || bracket === '[' ? 1 : -1;
  if (open !== 0) return false;
  const hasMissingValue = /[:[{,]\s*,|:\s*[}\]]/.test(text);
  const hasEllipsis = /\.\.\.\s*[,}\]]|[,[{]\s*\.\.\.|…\s*[,}\]]/.test(text);
  return !hasMissingValue && !hasEllipsis;
}
