import { canonicalJson } from '../../json/canonical.ts';
import type { JsonObject, JsonValue } from '../../json/value.ts';

const patterns = new Map<string, RegExp | undefined>();
const MAX_PATTERNS = 500;

/** The closed set of an alternative, where it is one. */
export function membersOf({ const: only, enum: members }: JsonObject): readonly JsonValue[] | undefined {
  if (only !== undefined) return [only];
  return Array.isArray(members) ? (members as readonly JsonValue[]) : undefined;
}

/** Whether a scalar fits one alternative of a schema, as far as JSON Schema says it. */
export function fitsScalar(value: JsonValue, schema: JsonObject): boolean {
  if (typeof value === 'object' && value !== null) return false;
  if (!isOfType(value, schema['type'])) return false;
  const members = membersOf(schema);
  if (members !== undefined && !members.some((member) => canonicalJson(member) === canonicalJson(value))) return false;
  if (typeof value === 'number') return fitsNumber(value, schema);
  return typeof value === 'string' ? fitsText(value, schema) : true;
}

function isOfType(value: JsonValue, type: JsonValue | undefined): boolean {
  switch (type) {
    case undefined:
      return true;
    case 'null':
      return value === null;
    case 'integer':
      return Number.isInteger(value);
    default:
      return typeof value === type;
  }
}

function fitsNumber(value: number, schema: JsonObject): boolean {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = schema;
  if (typeof minimum === 'number' && value < minimum) return false;
  if (typeof maximum === 'number' && value > maximum) return false;
  if (typeof exclusiveMinimum === 'number' && value <= exclusiveMinimum) return false;
  return !(typeof exclusiveMaximum === 'number' && value >= exclusiveMaximum);
}

function fitsText(text: string, schema: JsonObject): boolean {
  const { minLength, maxLength, pattern, format } = schema;
  if (typeof minLength === 'number' && text.length < minLength) return false;
  if (typeof maxLength === 'number' && text.length > maxLength) return false;
  if (typeof pattern === 'string' && compile(pattern)?.test(text) === false) return false;
  if (format === 'date') return isDate(text);
  // No format takes blanks around it.
  return format === undefined || text === text.trim();
}

/** Undefined for a pattern that this engine does not know: the zod schema decides. */
function compile(source: string): RegExp | undefined {
  if (patterns.has(source)) return patterns.get(source);
  if (patterns.size >= MAX_PATTERNS) patterns.clear();
  let pattern: RegExp | undefined;
  try {
    pattern = new RegExp(source, 'u');
  } catch {
    pattern = undefined;
  }
  patterns.set(source, pattern);
  return pattern;
}

function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}
