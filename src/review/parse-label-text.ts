import { GleanerError } from '../gleaner-error.ts';
import { valueAt } from '../json/at-pointer.ts';
import type { JsonValue } from '../json/value.ts';
import { typeName } from './value-types.ts';

/**
 * Makes of what a person typed the value that the field takes: a number where the schema has one, nothing where it may be null.
 *
 * @param place `types` are the schema's; where it says nothing, the current value tells
 * @throws {GleanerError} when it is none that fits
 */
export function parseLabelText(
  text: string,
  place: { path: string; current: JsonValue; types: readonly string[] },
): JsonValue {
  const now = valueAt(place.current, place.path);
  const types = place.types.length > 0 ? place.types : [typeOf(now)];
  const trimmed = text.trim();
  if (types.includes('null') && trimmed === '') return null;
  if (types.includes('boolean') && /^(true|false)$/.test(trimmed)) return trimmed === 'true';
  const isNumber = trimmed !== '' && Number.isFinite(Number(trimmed));
  if (isNumber && (types.includes('number') || (types.includes('integer') && Number.isInteger(Number(trimmed))))) {
    return Number(trimmed);
  }
  if (types.includes('string')) return text;
  throw new GleanerError('usage', `Cannot take this for ${place.path}: it must be ${types.map(typeName).join(' or ')}`);
}

function typeOf(value: JsonValue | undefined): string {
  return value === null || value === undefined ? 'string' : typeof value;
}
