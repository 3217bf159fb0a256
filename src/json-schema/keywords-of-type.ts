import type { JsonObject, JsonValue } from '../json/value.ts';

const BY_TYPE: Readonly<Record<string, ReadonlySet<string>>> = {
  string: new Set(['minLength', 'maxLength', 'pattern', 'format', 'contentEncoding', 'contentMediaType']),
  number: new Set(['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf']),
  array: new Set(['items', 'prefixItems', 'minItems', 'maxItems', 'uniqueItems', 'contains']),
  object: new Set([
    'properties',
    'required',
    'additionalProperties',
    'propertyNames',
    'patternProperties',
    'minProperties',
    'maxProperties',
  ]),
};

const OF_SOME_TYPE = new Set(Object.values(BY_TYPE).flatMap((keywords) => [...keywords]));

/** Keywords that say nothing of which values are valid. */
export const ANNOTATION_KEYWORDS: ReadonlySet<string> = new Set(['title', 'description', 'default', 'examples']);

/** The keywords of a schema with a list of types that say something about values of one of them. */
export function keywordsFor(type: JsonValue, schema: JsonObject): JsonObject {
  const own = BY_TYPE[type === 'integer' ? 'number' : String(type)];
  return Object.fromEntries(
    Object.entries(schema).filter(
      ([keyword]) =>
        keyword !== 'type' &&
        !ANNOTATION_KEYWORDS.has(keyword) &&
        (own?.has(keyword) === true || !OF_SOME_TYPE.has(keyword)),
    ),
  );
}
