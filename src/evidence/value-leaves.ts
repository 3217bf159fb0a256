import { pointerToken, pointerTokens } from '../json/pointer.ts';
import { resolveReference } from '../json-schema/schema-reference.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../json/value.ts';
import { isProse } from './find-value.ts';

/** A text or a number of a result that can stand in a record. */
export interface Leaf {
  /** JSON pointer into the data. */
  path: string;
  value: string | number;
  /** Words by which people would name it: its key, title and description. */
  label: string;
}

/** A leaf, or the items of a list: a list keeps the order of the text. */
export type LeafNode = Leaf | { items: readonly LeafNode[][] };

/**
 * The texts and numbers of a value, in order. Left out is what is not copied from a text: booleans, choices of a closed set, empty texts,
 * and texts so long that they are the model's own.
 */
export function leavesOf(data: JsonValue, schema?: JsonObject): LeafNode[] {
  const nodes: LeafNode[] = [];
  collect(
    data,
    { path: '', label: '', schemas: schema === undefined ? [] : alternatives(schema, schema), root: schema },
    nodes,
  );
  return nodes;
}

interface Place {
  path: string;
  label: string;
  /** The schemas that may be the value's. */
  schemas: readonly JsonObject[];
  root: JsonObject | undefined;
}

function collect(value: JsonValue, place: Place, nodes: LeafNode[]): void {
  if (value === null || typeof value === 'boolean') return;
  if (typeof value === 'string' || typeof value === 'number') {
    if (isCopied(value, place)) nodes.push({ path: place.path, value, label: labelOf(place) });
    return;
  }
  if (Array.isArray(value)) {
    const items = value.map((item: JsonValue, index) => {
      const inside: LeafNode[] = [];
      collect(item, step(place, String(index), place.label, itemSchemas), inside);
      return inside;
    });
    nodes.push({ items });
    return;
  }
  for (const [key, member] of Object.entries(value as JsonObject)) {
    if (member !== undefined)
      collect(
        member,
        step(place, key, key, (schema) => memberSchemas(schema, key)),
        nodes,
      );
  }
}

function step(
  { path, schemas, root }: Place,
  key: string,
  label: string,
  below: (schema: JsonObject) => readonly (JsonValue | undefined)[],
): Place {
  const found = schemas.flatMap(below).filter((schema) => isJsonObject(schema));
  return {
    path: `${path}/${pointerToken(key)}`,
    label,
    schemas: root === undefined ? [] : found.flatMap((schema) => alternatives(schema, root)),
    root,
  };
}

function itemSchemas({ items, prefixItems }: JsonObject): readonly (JsonValue | undefined)[] {
  return [items, ...(Array.isArray(prefixItems) ? (prefixItems as readonly JsonValue[]) : [])];
}

function memberSchemas(
  { properties, additionalProperties }: JsonObject,
  key: string,
): readonly (JsonValue | undefined)[] {
  return isJsonObject(properties) && Object.hasOwn(properties, key) ? [properties[key]] : [additionalProperties];
}

/** The schemas that may be those of the value to which a JSON pointer leads. */
export function schemasAt(root: JsonObject, pointer: string): readonly JsonObject[] {
  let place: Place = { path: '', label: '', schemas: alternatives(root, root), root };
  for (const key of pointerTokens(pointer)) {
    place = step(place, key, key, (schema) => [...itemSchemas(schema), ...memberSchemas(schema, key)]);
  }
  return place.schemas;
}

const MAX_ALTERNATIVES = 64;

/** A schema and what it refers to or chooses between. */
function alternatives(schema: JsonObject, root: JsonObject): JsonObject[] {
  const found: JsonObject[] = [schema];
  for (let at = 0; at < found.length && found.length < MAX_ALTERNATIVES; at += 1) {
    const { $ref, anyOf, oneOf, allOf } = found[at] ?? {};
    const below = [
      resolveReference(root, $ref),
      ...[anyOf, oneOf, allOf].flatMap((list) => (Array.isArray(list) ? (list as JsonValue[]) : [])),
    ];
    for (const one of below) if (isJsonObject(one) && !found.includes(one)) found.push(one);
  }
  return found;
}

function isCopied(value: string | number, { schemas }: Place): boolean {
  if (typeof value === 'string' && (value.trim() === '' || isProse(value))) return false;
  return !schemas.some(
    (schema) => schema['const'] === value || (Array.isArray(schema['enum']) && schema['enum'].includes(value)),
  );
}

function labelOf({ label, schemas }: Place): string {
  const said = schemas
    .flatMap(({ title, description }) => [title, description])
    .filter((text) => typeof text === 'string');
  // snake_case and camelCase are words as well.
  return [label.replaceAll(/([\p{Ll}\d])(\p{Lu})/gu, '$1 $2'), ...said].join(' ');
}
