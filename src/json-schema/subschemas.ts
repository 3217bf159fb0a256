import { isJsonObject, type JsonObject, type JsonValue } from '../json/value.ts';
import { pointerToken } from '../json/pointer.ts';

const NAMED_KEYWORDS = ['properties', '$defs', 'patternProperties'] as const;
const LIST_KEYWORDS = ['anyOf', 'oneOf', 'allOf', 'prefixItems'] as const;
const SINGLE_KEYWORDS = ['items', 'additionalProperties', 'propertyNames', 'not'] as const;

/** A place below a schema that holds another schema. */
export interface SubschemaPlace {
  keyword: string;
  /** The property's or definition's name, the index in a list; undefined where the keyword holds one schema. */
  key: string | undefined;
  /** JSON pointer relative to the parent schema, such as `/properties/total`. */
  pointer: string;
}

/** Replaces every schema directly below `schema`; boolean schemas and all other keywords stay as they are. */
export function mapSubschemas(
  schema: JsonObject,
  map: (child: JsonObject, place: SubschemaPlace) => JsonObject,
): JsonObject {
  const result: Record<string, JsonValue | undefined> = { ...schema };
  for (const keyword of NAMED_KEYWORDS) {
    const members = schema[keyword];
    if (!isJsonObject(members)) continue;
    // fromEntries defines own properties, so a field named __proto__ survives.
    result[keyword] = Object.fromEntries(
      Object.entries(members).map(([key, child]) => [
        key,
        isJsonObject(child) ? map(child, { keyword, key, pointer: `/${keyword}/${pointerToken(key)}` }) : child,
      ]),
    );
  }
  for (const keyword of LIST_KEYWORDS) {
    const members = schema[keyword];
    if (!Array.isArray(members)) continue;
    result[keyword] = members.map((child: JsonValue, index) =>
      isJsonObject(child) ? map(child, { keyword, key: String(index), pointer: `/${keyword}/${index}` }) : child,
    );
  }
  for (const keyword of SINGLE_KEYWORDS) {
    const child = schema[keyword];
    if (isJsonObject(child)) result[keyword] = map(child, { keyword, key: undefined, pointer: `/${keyword}` });
  }
  return result;
}

/** Visits every schema directly below `schema`; nothing is copied for it, as looking is what most walks do. */
export function eachSubschema(schema: JsonObject, visit: (child: JsonObject, place: SubschemaPlace) => void): void {
  for (const keyword of NAMED_KEYWORDS) {
    const members = schema[keyword];
    if (!isJsonObject(members)) continue;
    for (const [key, child] of Object.entries(members)) {
      if (isJsonObject(child)) visit(child, { keyword, key, pointer: `/${keyword}/${pointerToken(key)}` });
    }
  }
  for (const keyword of LIST_KEYWORDS) {
    const members = schema[keyword];
    if (!Array.isArray(members)) continue;
    for (const [index, child] of members.entries()) {
      if (isJsonObject(child)) visit(child, { keyword, key: String(index), pointer: `/${keyword}/${index}` });
    }
  }
  for (const keyword of SINGLE_KEYWORDS) {
    const child = schema[keyword];
    if (isJsonObject(child)) visit(child, { keyword, key: undefined, pointer: `/${keyword}` });
  }
}
