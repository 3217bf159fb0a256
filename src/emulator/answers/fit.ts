import type { NumberNode, StringNode } from './schema-node.ts';

/** The number nearest to the wanted one that the schema allows, as far as there is one. */
export function fitNumber(wanted: number, node: NumberNode): number {
  const { minimum, maximum, isInteger, excludesMinimum, excludesMaximum } = node;
  const step = node.multipleOf ?? (isInteger ? 1 : undefined);
  if (step !== undefined) {
    // An integer that is also a multiple of 2.5 is a multiple of 5.
    const unit = isInteger ? wholeMultiple(step) : step;
    const lowest = Math.ceil(minimum / unit) + (excludesMinimum && Number.isInteger(minimum / unit) ? 1 : 0);
    const highest = Math.floor(maximum / unit) - (excludesMaximum && Number.isInteger(maximum / unit) ? 1 : 0);
    const count = Math.min(highest, Math.max(lowest, Math.round(wanted / unit)));
    return Number((count * unit).toPrecision(15)) + 0;
  }
  const isBelow = wanted < minimum || (excludesMinimum && wanted === minimum);
  const isAbove = wanted > maximum || (excludesMaximum && wanted === maximum);
  if (!isBelow && !isAbove) return wanted;
  if (!excludesMinimum && isBelow) return minimum;
  if (!excludesMaximum && isAbove) return maximum;
  if (minimum > -Infinity && maximum < Infinity) return minimum + (maximum - minimum) / 2;
  return isBelow ? minimum + 1 : maximum - 1;
}

function wholeMultiple(step: number): number {
  for (let factor = 1; factor <= 1000; factor++) {
    const multiple = Number((step * factor).toPrecision(12));
    if (Number.isInteger(multiple)) return multiple;
  }
  return step;
}

/** The text cut or filled up to the lengths the schema allows, counted in code points as JSON Schema does. */
export function fitLength(text: string, { minLength, maxLength }: StringNode): string {
  // Code units are never fewer than code points, so most texts need no splitting.
  let fitted = text.length > maxLength ? Array.from(text).slice(0, maxLength).join('') : text;
  if (minLength > 0) {
    const missing = minLength - Array.from(fitted).length;
    if (missing > 0) fitted += (fitted === '' ? 'n/a ' : ` ${fitted.slice(0, 40)}`).repeat(missing).slice(0, missing);
    const short = minLength - Array.from(fitted).length;
    if (short > 0) fitted += '.'.repeat(short);
  }
  return fitted;
}

/** Whether a text can stand for a string field as it is. */
export function fits({ format, minLength, maxLength, pattern }: StringNode, text: string): boolean {
  if (text.length < minLength || text.length > maxLength) return false;
  if (format === 'uri' || format === 'url') return text.includes('://');
  if (format !== undefined && format !== 'email') return false;
  return pattern === undefined || pattern.test(text);
}
