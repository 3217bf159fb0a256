import { exactPattern } from '../../../zod/exact-pattern.ts';

/**
 * The text under which a pattern is a valid regular expression with the `u` flag, as JSON Schema wants it, or undefined
 * when there is none. What is valid without that flag only (zod has some) is written as what it means there.
 */
export function patternSource(pattern: string): string | undefined {
  return isValid(pattern) ? pattern : exactPattern(pattern, '');
}

function isValid(pattern: string): boolean {
  try {
    return new RegExp(pattern, 'u') instanceof RegExp;
  } catch {
    return false;
  }
}
