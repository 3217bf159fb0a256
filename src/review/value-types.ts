import { schemasAt } from '../evidence/value-leaves.ts';
import { pointerToken } from '../json/pointer.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../json/value.ts';
import { leavesOf } from './flat-values.ts';

/** The types that a schema gives the value at a path; none where it does not say. */
export function typesAt(schema: JsonObject | undefined, path: string): readonly string[] {
  const schemas = schema === undefined ? [] : schemasAt(schema, path);
  return [...new Set(schemas.flatMap(({ type }) => (Array.isArray(type) ? (type as string[]) : [type])))].filter(
    (type) => typeof type === 'string',
  );
}

/** The types of all values of a result, by path. */
export function typesOf(schema: JsonObject | undefined, value: JsonValue): Record<string, readonly string[]> {
  return Object.fromEntries(leavesOf(value).map(({ path }) => [path, typesAt(schema, path)]));
}

/** The first value at or below a path that is of none of the types that the schema gives it, or that is missing. */
export function findMisfit(
  schema: JsonObject | undefined,
  value: JsonValue,
  path = '',
): { path: string; types: readonly string[] } | undefined {
  if (schema === undefined) return undefined;
  const types = typesAt(schema, path);
  if (types.length > 0 && !fits(value, types)) return { path, types };
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [name, member = null] of Object.entries(value)) {
    const misfit = findMisfit(schema, member, `${path}/${pointerToken(name)}`);
    if (misfit !== undefined) return misfit;
  }
  const missing = isJsonObject(value) && requiredAt(schema, path).find((name) => !Object.hasOwn(value, name));
  if (typeof missing !== 'string') return undefined;
  const place = `${path}/${pointerToken(missing)}`;
  return { path: place, types: typesAt(schema, place) };
}

/** Members that each form of the object must have. */
function requiredAt(schema: JsonObject, path: string): string[] {
  const [first = [], ...others] = schemasAt(schema, path)
    .filter(({ properties }) => isJsonObject(properties))
    .map(({ required }) => (Array.isArray(required) ? (required as string[]) : []));
  return first.filter((name) => others.every((names) => names.includes(name)));
}

/** Whether a value is of one of these types. */
export function fits(value: JsonValue, types: readonly string[]): boolean {
  if (value === null) return types.includes('null');
  if (Array.isArray(value)) return types.includes('array');
  if (typeof value === 'number')
    return types.includes('number') || (types.includes('integer') && Number.isInteger(value));
  return types.includes(typeof value);
}

/** What a type is called for people. */
export function typeName(type: string): string {
  switch (type) {
    case 'null':
      return 'nothing';
    case 'boolean':
      return 'true or false';
    case 'integer':
      return 'a whole number';
    case 'number':
      return 'a number such as 12.5';
    case 'string':
      return 'a text';
    default:
      return `of type ${type}`;
  }
}
