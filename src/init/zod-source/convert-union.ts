import { isJsonObject, type JsonObject, type JsonValue } from '../../json/value.ts';
import { refuseSchema } from './refuse-schema.ts';
import type { SchemaConversion } from './schema-to-zod.ts';
import { withCall, wrapCode, type ZodCode } from './zod-code.ts';

const COMBINING = ['anyOf', 'oneOf', 'allOf'] as const;
/** What says nothing of values, or was told of already. */
const HARMLESS = new Set([
  ...COMBINING,
  'description',
  'title',
  'default',
  'examples',
  '$defs',
  'definitions',
  '$schema',
  '$id',
  '$comment',
  'deprecated',
  'nullable',
  'not',
  'if',
  'then',
  'else',
  'type',
  'unevaluatedProperties',
]);

/** `anyOf`, `oneOf` and `allOf`; undefined where there is none of them. */
export function convertCombination(
  schema: JsonObject,
  path: string,
  conversion: SchemaConversion,
): ZodCode | undefined {
  const [keyword, second] = COMBINING.filter((name) => Object.hasOwn(schema, name));
  if (keyword === undefined) return undefined;
  if (second !== undefined)
    refuseSchema(path, `${keyword} and ${second} stand beside each other; write the alternatives out`);
  const parts = schema[keyword];
  if (!Array.isArray(parts) || parts.length === 0) return refuseSchema(path, `${keyword} must be a list of schemas`);
  const beside = Object.keys(schema).find((name) => !HARMLESS.has(name) && !name.startsWith('x-'));
  if (beside !== undefined) refuseSchema(path, `${beside} stands beside ${keyword}; write it into each of its schemas`);
  if (schema['type'] !== undefined) noteType(schema, path, keyword, conversion);
  const list = parts as readonly JsonValue[];
  if (keyword === 'allOf') return intersection(list, path, conversion);
  if (keyword === 'oneOf' && !areApart(list))
    conversion.note(path, 'what fits more than one schema of oneOf is let pass');
  const places = list.map((part, index) => ({ part, place: `${path}/${keyword}/${index}` }));
  const others = places.filter(({ part }) => !isNull(part));
  const codes = others.map(({ part, place }) => conversion.convert(part, place));
  const [first = 'z.null()'] = codes;
  if (others.length === 0) return first;
  const code = codes.length === 1 ? first : wrapCode('z.union', [{ open: '[', parts: codes, close: ']' }]);
  return others.length < list.length ? withCall(code, '.nullable()') : code;
}

function noteType(schema: JsonObject, path: string, keyword: string, conversion: SchemaConversion): void {
  const parts = schema[keyword] as readonly JsonValue[];
  const isSaidBelow = parts.every((part) => isJsonObject(part) && part['type'] === schema['type']);
  if (!isSaidBelow) conversion.note(path, `type stands beside ${keyword}, and is left out`);
}

function intersection(parts: readonly JsonValue[], path: string, conversion: SchemaConversion): ZodCode {
  const codes = parts.map((part, index) => conversion.convert(part, `${path}/allOf/${index}`));
  const [first = 'z.any()', ...rest] = codes;
  return rest.reduce((left, right) => wrapCode('z.intersection', [left, right]), first);
}

function isNull(schema: JsonValue): boolean {
  return isJsonObject(schema) && (schema['type'] === 'null' || schema['const'] === null);
}

/** Whether no value can fit two of the schemas: their types differ, or a property that all demand has another value in each. */
function areApart(schemas: readonly JsonValue[]): boolean {
  const objects = schemas.filter(isJsonObject);
  if (objects.length < schemas.length) return false;
  const types = objects.map(({ type }) => (type === 'integer' ? 'number' : type));
  if (types.every((type) => typeof type === 'string') && new Set(types).size === types.length) return true;
  if (!types.every((type) => type === 'object')) return false;
  const [first] = objects;
  return Object.keys(propertiesOf(first)).some((name) => {
    const values = objects.map((object) => demandedConstant(object, name));
    return values.every((value) => value !== undefined) && new Set(values).size === values.length;
  });
}

function demandedConstant(schema: JsonObject, name: string): JsonValue | undefined {
  const { required } = schema;
  const property = propertiesOf(schema)[name];
  const isDemanded = Array.isArray(required) && (required as readonly JsonValue[]).includes(name);
  const value = isDemanded && isJsonObject(property) ? property['const'] : undefined;
  return typeof value === 'object' ? undefined : value;
}

function propertiesOf(schema: JsonObject | undefined): JsonObject {
  const properties = schema?.['properties'];
  return isJsonObject(properties) ? properties : {};
}
