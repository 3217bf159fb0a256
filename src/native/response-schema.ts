import { GleanerError } from '../gleaner-error.ts';
import { resolveReference } from '../json-schema/schema-reference.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../json/value.ts';

/** Keywords that stand in both dialects under one name. */
const KEPT: readonly string[] = [
  'description',
  'title',
  'format',
  'enum',
  'pattern',
  'minimum',
  'maximum',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'minProperties',
  'maxProperties',
  'default',
  'example',
];

type MutableSchema = Record<string, JsonValue>;

/**
 * Writes a JSON Schema in the words of `responseSchema`, the OpenAPI subset of the native API: types in upper case, null as
 * `nullable`, references in place, the order of the properties said. What stands beside a union with null, above all its description,
 * stays: Google's own converter loses it.
 *
 * @throws {GleanerError} for what the subset cannot say: recursion, lists of numbers, objects whose keys are not named
 */
export function toResponseSchema(schema: JsonObject): JsonObject {
  return convert(schema, schema, []);
}

function convert(schema: JsonObject, root: JsonObject, path: readonly string[]): MutableSchema {
  const reference = schema['$ref'];
  if (reference !== undefined) return convertReference(schema, reference, root, path);
  const { branches, isNullable } = branchesOf(schema);
  if (branches !== undefined) return convertUnion(schema, branches, { isNullable, root, path });
  const result: MutableSchema = {};
  const type = typeOf(schema);
  if (type !== undefined) result['type'] = type.toUpperCase();
  if (isNullable) result['nullable'] = true;
  keep(schema, result, path);
  if (schema['const'] !== undefined) result['enum'] = [constant(schema['const'], path)];
  if (isJsonObject(schema['items'])) result['items'] = convert(schema['items'], root, [...path, 'items']);
  if (type === 'object') convertObject(schema, result, root, path);
  return result;
}

function keep(schema: JsonObject, result: MutableSchema, path: readonly string[]): void {
  for (const keyword of KEPT) {
    const value = schema[keyword];
    if (value !== undefined) result[keyword] = value;
  }
  const { enum: values } = schema;
  if (Array.isArray(values)) result['enum'] = values.map((value: JsonValue) => constant(value, path));
}

function convertObject(schema: JsonObject, result: MutableSchema, root: JsonObject, path: readonly string[]): void {
  const { properties, required, additionalProperties } = schema;
  const names = isJsonObject(properties) ? Object.keys(properties) : [];
  if (names.length === 0) {
    const what = isJsonObject(additionalProperties) ? 'its keys are free' : 'it has no properties';
    throw refusal(path, `${what}, and the field responseSchema takes objects with named properties only`);
  }
  result['properties'] = Object.fromEntries(
    Object.entries(properties as JsonObject).map(([name, child]) => [
      name,
      isJsonObject(child) ? convert(child, root, [...path, name]) : {},
    ]),
  );
  if (Array.isArray(required)) result['required'] = required;
  result['propertyOrdering'] = names;
}

/** What stands beside the union goes before what its one branch says. */
function convertUnion(
  schema: JsonObject,
  branches: readonly JsonObject[],
  { isNullable, root, path }: { isNullable: boolean; root: JsonObject; path: readonly string[] },
): MutableSchema {
  const beside: MutableSchema = {};
  keep(schema, beside, path);
  const [only] = branches;
  const converted =
    branches.length === 1 && only !== undefined
      ? { ...convert(only, root, path), ...beside }
      : { ...beside, anyOf: branches.map((branch) => convert(branch, root, path)) };
  return isNullable ? { ...converted, nullable: true } : converted;
}

function convertReference(
  schema: JsonObject,
  reference: JsonValue,
  root: JsonObject,
  path: readonly string[],
): MutableSchema {
  const target = resolveReference(root, reference);
  if (target === undefined) throw refusal(path, `it refers to ${String(reference)}, which is not there`);
  // Only a schema within itself goes deeper than any answer does.
  if (target === root || path.length > DEEPEST) throw refusal(path, 'it is recursive');
  const { $ref: _, ...beside } = schema;
  return { ...convert(target, root, [...path, '']), ...beside } as MutableSchema;
}

const DEEPEST = 64;

/** The branches of a union, without null; undefined where there is no union. */
function branchesOf(schema: JsonObject): { branches: JsonObject[] | undefined; isNullable: boolean } {
  const { anyOf = schema['oneOf'], type } = schema;
  if (Array.isArray(anyOf)) {
    const all = anyOf.filter((branch: JsonValue) => isJsonObject(branch)) as JsonObject[];
    const branches = all.filter((branch) => branch['type'] !== 'null');
    return { branches, isNullable: branches.length < all.length };
  }
  if (!Array.isArray(type)) return { branches: undefined, isNullable: false };
  const types = type.filter((name: JsonValue) => name !== 'null');
  const isNullable = types.length < type.length;
  if (types.length === 1) return { branches: undefined, isNullable };
  const { type: _, ...rest } = schema;
  return { branches: types.map((name: JsonValue) => ({ ...rest, type: name })), isNullable };
}

function typeOf({ type, const: constantValue }: JsonObject): string | undefined {
  if (Array.isArray(type))
    return type.find((name: JsonValue): name is string => typeof name === 'string' && name !== 'null');
  if (typeof type === 'string') return type;
  return typeof constantValue === 'string' ? 'string' : undefined;
}

function constant(value: JsonValue, path: readonly string[]): string {
  if (typeof value === 'string') return value;
  throw refusal(path, 'it lists values that are no strings');
}

function refusal(path: readonly string[], why: string): GleanerError {
  const place = path.filter((name) => name !== '').join('.');
  return new GleanerError(
    'request-invalid',
    `Cannot ask for ${place === '' ? 'the answer' : place} by the native API: ${why}`,
    { facts: { advice: 'native-schema' } },
  );
}
