import { isJsonObject, type JsonObject, type JsonValue } from '../../json/value.ts';

/**
 * How the reading side treats properties that its schema does not know: a `validator` refuses them where the schema is
 * closed, `zod` strips them from plain objects.
 */
export type ReaderModel = 'validator' | 'zod';

/**
 * The schema of what a reader accepts. Zod strips unknown properties before it looks further, so a schema closed with
 * `additionalProperties: false` accepts any. Under `not` nothing is opened: that would refuse more, not less. A
 * `z.strictObject` cannot be told from a plain object in output mode and is opened too. Lengths are those of JSON Schema,
 * in characters; zod itself counts UTF-16 units, which differs for characters such as emoji.
 */
export function acceptedByReader(schema: JsonValue, model: ReaderModel): JsonValue {
  return model === 'zod' ? open(schema) : schema;
}

function open(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map((item: JsonValue) => open(item));
  if (!isJsonObject(value)) return value;
  const members: [string, JsonValue | undefined][] = [];
  for (const [keyword, member] of Object.entries(value)) {
    if ((keyword === 'additionalProperties' || keyword === 'unevaluatedProperties') && member === false) continue;
    members.push([keyword, member === undefined ? member : openMember(keyword, member)]);
  }
  return Object.fromEntries(members);
}

function openMember(keyword: string, member: JsonValue): JsonValue {
  if (KEPT.includes(keyword)) return member;
  if (MAPS.includes(keyword) && isJsonObject(member)) return openEach(member);
  return open(member);
}

function openEach(schemas: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => [name, schema === undefined ? schema : open(schema)]),
  );
}

const KEPT = ['const', 'enum', 'not', 'if', 'default', 'examples', 'required', 'propertyNames'];
const MAPS = ['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas', 'dependencies'];
