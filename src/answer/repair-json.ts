import { jsonrepair } from 'jsonrepair';
import { differsInNotationOnly } from './certify-repair.ts';

/** jsonrepair is quadratic on hostile input (100,000 quotation marks take a second), so longer text is not tried. */
const MAX_REPAIR_LENGTH = 50_000;

/**
 * Mends JSON that only its notation keeps from being read, such as trailing commas, single quotes and bare names. jsonrepair
 * goes further: it closes cut-off text, completes numbers, drops backslashes and what it does not understand. So what it
 * gives counts only where it says the same as the text; `differsInNotationOnly` has the list. Undefined otherwise.
 */
export function repairJson(text: string): string | undefined {
  if (text.length > MAX_REPAIR_LENGTH) return undefined;
  try {
    const repaired = jsonrepair(text);
    return differsInNotationOnly(text, repaired) ? repaired : undefined;
  } catch {
    // A JSONRepairError, or a RangeError from its recursion on deep nesting.
    return undefined;
  }
}
