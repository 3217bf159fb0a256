import { isJsonObject, type JsonObject, type JsonValue } from '../../json/value.ts';

const SINGLE = new Set([
  'additionalProperties',
  'additionalItems',
  'contains',
  'contentSchema',
  'else',
  'if',
  'items',
  'not',
  'propertyNames',
  'then',
  'unevaluatedItems',
  'unevaluatedProperties',
]);
const LISTS = new Set(['allOf', 'anyOf', 'items', 'oneOf', 'prefixItems']);
const MAPS = new Set(['$defs', 'definitions', 'dependencies', 'dependentSchemas', 'patternProperties', 'properties']);

export interface ChildSchema {
  readonly keyword: string;
  /** The steps from the parent, the keyword first. */
  readonly path: readonly string[];
  readonly schema: JsonValue;
}

/** The schemas directly inside a schema. Values of `const` and `enum` are not schemas, whatever they look like. */
export function childSchemas(schema: JsonObject): ChildSchema[] {
  const children: ChildSchema[] = [];
  for (const [keyword, value] of Object.entries(schema)) {
    if (value === undefined) continue;
    if (LISTS.has(keyword) && Array.isArray(value)) {
      for (const [index, item] of (value as readonly JsonValue[]).entries()) {
        children.push({ keyword, path: [keyword, String(index)], schema: item });
      }
    } else if (MAPS.has(keyword) && isJsonObject(value)) {
      for (const [name, member] of Object.entries(value)) {
        if (member !== undefined && !Array.isArray(member))
          children.push({ keyword, path: [keyword, name], schema: member });
      }
    } else if (SINGLE.has(keyword)) children.push({ keyword, path: [keyword], schema: value });
  }
  return children;
}

/** Visits the schemas directly inside a schema that are objects, in their order, without a note of where they stand. */
export function eachChildSchema(schema: JsonObject, visit: (child: JsonObject) => void): void {
  for (const keyword in schema) {
    const value = schema[keyword];
    if (typeof value !== 'object' || value === null) continue;
    if (LISTS.has(keyword) && Array.isArray(value)) {
      for (const item of value as readonly JsonValue[]) if (isJsonObject(item)) visit(item);
    } else if (MAPS.has(keyword) && isJsonObject(value)) {
      for (const name in value) {
        const member = value[name];
        if (isJsonObject(member)) visit(member);
      }
    } else if (SINGLE.has(keyword) && isJsonObject(value)) visit(value);
  }
}
