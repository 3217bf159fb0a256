import { resolveReference } from '../json-schema/schema-reference.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../json/value.ts';
import { commonType, type ColumnType } from './column.ts';

/** What a place of a schema takes, as far as columns depend on it. */
export interface Shape {
  /** The type of what takes a cell of its own; undefined where only objects, or null, may stand. */
  type: ColumnType | undefined;
  /** Members that are named, of all objects that may stand here, in the schema's order. */
  members: ReadonlyMap<string, readonly JsonObject[]>;
  /** Whether an object may have members that are not named. */
  isOpen: boolean;
  /** What a list's members may be; empty where no list may stand. */
  items: readonly JsonObject[];
  /** Whether a reference leads back to a place above this one. */
  isEndless: boolean;
}

interface Gathered {
  type: ColumnType | undefined;
  members: Map<string, JsonObject[]>;
  isOpen: boolean;
  items: JsonObject[];
  isEndless: boolean;
}

/** Reads what may stand where any of the schemas holds. `above` are the references that were followed to come here. */
export function shapeOf(schemas: readonly JsonObject[], root: JsonObject, above: ReadonlySet<string>): Shape {
  const shape: Gathered = { type: undefined, members: new Map(), isOpen: false, items: [], isEndless: false };
  for (const schema of schemas) gather(schema, shape, { root, above });
  return shape;
}

/** The references that a schema follows before it says what it takes. */
export function referencesOf(schemas: readonly JsonObject[]): string[] {
  return schemas.flatMap((schema) => {
    const { $ref } = schema;
    return [...(typeof $ref === 'string' ? [$ref] : []), ...referencesOf(branchesOf(schema))];
  });
}

function gather(
  schema: JsonObject,
  shape: Gathered,
  { root, above }: { root: JsonObject; above: ReadonlySet<string> },
): void {
  const { $ref } = schema;
  if (typeof $ref === 'string') {
    const target = above.has($ref) ? undefined : resolveReference(root, $ref);
    if (target === undefined) {
      shape.isEndless = true;
      shape.type = commonType(shape.type, 'json');
      return;
    }
    gather(target, shape, { root, above: new Set([...above, $ref]) });
    return;
  }
  const branches = branchesOf(schema);
  for (const branch of branches) gather(branch, shape, { root, above });
  const types = typesOf(schema);
  if (types === undefined) {
    if (branches.length === 0) shape.type = commonType(shape.type, 'json');
    return;
  }
  for (const type of types) gatherType(type, schema, shape);
}

function gatherType(type: string, schema: JsonObject, shape: Gathered): void {
  if (type === 'null') return;
  if (type === 'object') {
    const { properties, additionalProperties } = schema;
    const named = isJsonObject(properties) ? Object.entries(properties) : [];
    // An object whose keys nobody knows is one value.
    if (named.length === 0) shape.type = commonType(shape.type, 'json');
    else if (additionalProperties !== false) shape.isOpen = true;
    for (const [name, member] of named) {
      const known = shape.members.get(name);
      const described = isJsonObject(member) ? member : {};
      if (known === undefined) shape.members.set(name, [described]);
      else known.push(described);
    }
    return;
  }
  if (type === 'array') {
    const { items, prefixItems } = schema;
    const lists = [items, ...(Array.isArray(prefixItems) ? prefixItems : [])];
    shape.items.push(...lists.filter((item) => isJsonObject(item)));
  }
  shape.type = commonType(shape.type, columnTypeOf(type, schema['format']));
}

function columnTypeOf(type: string, format: JsonValue | undefined): ColumnType {
  switch (type) {
    case 'integer':
    case 'number':
    case 'boolean':
      return type;
    case 'string':
      return format === 'date' ? 'date' : format === 'date-time' ? 'timestamp' : 'text';
    default:
      return 'json';
  }
}

function branchesOf(schema: JsonObject): JsonObject[] {
  return ['anyOf', 'oneOf', 'allOf'].flatMap((keyword) => {
    const branches = schema[keyword];
    return Array.isArray(branches) ? branches.filter((branch) => isJsonObject(branch)) : [];
  });
}

/** The JSON types that a schema names, by `type` or by its values; undefined where it names none. */
function typesOf(schema: JsonObject): string[] | undefined {
  const { type } = schema;
  if (typeof type === 'string') return [type];
  if (Array.isArray(type)) return type.map(String);
  const values = 'const' in schema ? [schema['const'] ?? null] : schema['enum'];
  if (Array.isArray(values)) return [...new Set(values.map((value) => jsonTypeOf(value as JsonValue)))];
  return isJsonObject(schema['properties']) ? ['object'] : undefined;
}

function jsonTypeOf(value: JsonValue): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return typeof value;
}
