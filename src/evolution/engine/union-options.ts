import type { JsonObject, JsonValue } from '../../json/value.ts';

const ANNOTATIONS = [
  '$comment',
  '$defs',
  '$id',
  '$schema',
  'default',
  'definitions',
  'deprecated',
  'description',
  'examples',
  'title',
];

export interface UnionOption {
  readonly schema: JsonValue;
  /** The steps to it from the union. */
  readonly path: readonly string[];
}

/**
 * The alternatives of a schema that is nothing but a choice: its `anyOf` or `oneOf`, or its list of types. Any other
 * schema is the only alternative of itself.
 */
export function unionOptions(schema: JsonObject): readonly UnionOption[] {
  const keywords = Object.keys(schema).filter(
    (keyword) => schema[keyword] !== undefined && !ANNOTATIONS.includes(keyword),
  );
  const [keyword] = keywords;
  if (keyword === undefined || keywords.length > 1) return [{ schema, path: [] }];
  const members = schema[keyword];
  if (!Array.isArray(members)) return [{ schema, path: [] }];
  if (keyword === 'anyOf' || keyword === 'oneOf') {
    return members.map((member: JsonValue, index) => ({ schema: member, path: [keyword, String(index)] }));
  }
  if (keyword === 'type') return members.map((type: JsonValue) => ({ schema: { type }, path: ['type'] }));
  return [{ schema, path: [] }];
}
