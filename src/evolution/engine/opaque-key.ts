import { canonicalJson } from '../../json/canonical.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../json/value.ts';
import { ANNOTATIONS } from './annotations.ts';
import { childSchemas } from './child-schemas.ts';

/** Keywords of a schema that decide about each keyword beside them which is not understood. */
const DECIDING: Readonly<Record<string, readonly string[]>> = {
  minContains: ['contains', 'minContains', 'maxContains'],
  maxContains: ['contains', 'minContains', 'maxContains'],
  patternProperties: ['patternProperties'],
  additionalProperties: ['properties', 'patternProperties', 'additionalProperties'],
};

/** Keywords that evaluate no property and no item, so that they have no say in what is left unevaluated. */
const UNSEEING = new Set(
  (
    'type enum const multipleOf minimum maximum exclusiveMinimum exclusiveMaximum minLength maxLength pattern format ' +
    'minItems maxItems uniqueItems required minProperties maxProperties propertyNames dependentRequired'
  ).split(' '),
);

/** Text of what a keyword's meaning depends on in a schema: equal texts in one dialect mean equal conditions. */
export function opaqueKey(keyword: string, schema: JsonObject): string {
  const deciding = DECIDING[keyword];
  const entries = Object.entries(schema).filter(([name]) => {
    if (deciding !== undefined) return deciding.includes(name);
    return !(keyword.startsWith('unevaluated') && UNSEEING.has(name));
  });
  return canonicalJson(withoutAnnotations(Object.fromEntries(entries)));
}

function withoutAnnotations(schema: JsonValue): JsonValue {
  if (!isJsonObject(schema)) return schema;
  const plain = Object.entries(schema).filter(([keyword]) => !ANNOTATIONS.has(keyword));
  const result: Record<string, JsonValue | undefined> = Object.fromEntries(plain);
  for (const { path, schema: inner } of childSchemas(Object.fromEntries(plain))) {
    const [keyword = '', name] = path;
    if (name === undefined) result[keyword] = withoutAnnotations(inner);
    else {
      const members: JsonValue = result[keyword] ?? {};
      result[keyword] = Array.isArray(members)
        ? members.with(Number(name), withoutAnnotations(inner))
        : { ...(members as JsonObject), [name]: withoutAnnotations(inner) };
    }
  }
  return result as JsonObject;
}
