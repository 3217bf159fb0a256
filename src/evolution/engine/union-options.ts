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
  /** The steps from the union to the schema that it stands in; none for a type of a list, which is a schema of its own. */
  readonly path: readonly string[];
  /** The steps to where it is written. */
  readonly place: readonly string[];
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
  if (keyword === undefined || keywords.length > 1) return [{ schema, path: [], place: [] }];
  const members = schema[keyword];
  if (!Array.isArray(members)) return [{ schema, path: [], place: [] }];
  if (keyword === 'anyOf' || keyword === 'oneOf') {
    return members.map((member: JsonValue, index) => {
      const path = [keyword, String(index)];
      return { schema: member, path, place: path };
    });
  }
  if (keyword === 'type') return members.map((type: JsonValue) => ({ schema: { type }, path: [], place: ['type'] }));
  return [{ schema, path: [], place: [] }];
}
