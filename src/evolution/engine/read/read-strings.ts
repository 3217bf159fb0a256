import { isJsonObject, type JsonObject } from '../../../json/value.ts';
import type { JsonValue } from '../../../json/value.ts';
import type { Formula } from '../formula.ts';
import { countLimits, onlyFor, type Reading } from './reading.ts';

export function readStrings(reading: Reading, schema: JsonObject): Formula[] {
  const { pattern, format, type } = schema;
  const parts = countLimits(reading, schema, { minLength: 'string', maxLength: 'string' });
  if (pattern !== undefined) parts.push(onlyFor(reading, 'string', patternFormula(reading, pattern, schema)));
  // Without a type of its own it is about texts all the same, whatever stands beside it. A document of nothing but a format
  // is one that only means to describe.
  const isUntyped = type === undefined && (schema !== reading.document.root || Object.keys(schema).some(isDemand));
  const isText = isUntyped || type === 'string' || (Array.isArray(type) && type.includes('string'));
  if (typeof format === 'string' && isText && !hasPattern(schema)) {
    parts.push(reading.store.keyword({ type: 'string', kind: 'format', name: format, negated: false }));
  }
  return parts;
}

export function patternFormula(reading: Reading, pattern: JsonValue, schema: JsonObject): Formula {
  if (typeof pattern !== 'string') return reading.unclear('pattern', schema);
  if (reading.languages.of(pattern) === undefined) return reading.store.opaque('pattern', pattern);
  return reading.store.literal({ type: 'string', kind: 'pattern', source: pattern, negated: false });
}

/** Whether a keyword beside a format says more of the value than what it is called. */
function isDemand(keyword: string): boolean {
  return !['format', '$schema', '$id', '$comment', 'title', 'description', 'default', 'examples'].includes(keyword);
}

/** Zod writes a pattern beside most formats, in `allOf` when there are several; then the pattern decides. */
function hasPattern(schema: JsonObject): boolean {
  if (schema['pattern'] !== undefined) return true;
  const { allOf } = schema;
  return Array.isArray(allOf) && allOf.some((part: JsonValue) => isJsonObject(part) && part['pattern'] !== undefined);
}
