import { schemasAt } from '../evidence/value-leaves.ts';
import type { JsonObject, JsonValue } from '../json/value.ts';
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

/** The first value that is of none of the types that the schema gives it. */
export function findMisfit(
  schema: JsonObject | undefined,
  value: JsonValue,
): { path: string; types: readonly string[] } | undefined {
  for (const { path, value: leaf } of leavesOf(value)) {
    const types = typesAt(schema, path);
    if (types.length > 0 && !fits(leaf, types)) return { path, types };
  }
  return undefined;
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
