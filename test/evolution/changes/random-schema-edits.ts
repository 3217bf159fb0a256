import type { JsonObject, JsonValue } from '../../../src/json/value.ts';
import { isJsonObject } from '../../../src/json/value.ts';

/** A schema over all keywords, the same schema with one edit, and where the edit was made. */
export interface RandomEdit {
  readonly older: JsonValue;
  readonly newer: JsonValue;
  /** The steps to the schema that was edited, read through references. */
  readonly at: readonly string[];
}

type Random = () => number;

export function randomEdit(random: Random): RandomEdit {
  const schema = randomSchema(random, 3);
  const places = placesIn(schema, []);
  const at = pick(random, places);
  const edited = replaceAt(schema, at, (inner) => editOf(random, inner));
  // Some of the schemas stand behind references, on both sides the same.
  const moved = new Set(places.filter((path) => path.length > 0 && random() < 0.25).map((path) => path.join('/')));
  return { older: moveAway(schema, moved), newer: moveAway(edited, moved), at };
}

const NAMES = ['a', 'b', 'c'];
const PATTERNS = ['^a', 'b$', '^[ab]*$', '(?<=a)b'];

function randomSchema(random: Random, depth: number): JsonObject {
  const inner = (): JsonObject => randomSchema(random, depth - 1);
  switch (below(random, depth > 0 ? 16 : 5)) {
    case 0:
      return { type: 'string', ...some(random, { minLength: below(random, 3), maxLength: 3 + below(random, 3) }) };
    case 1:
      return { type: pick(random, ['number', 'integer']), ...some(random, { minimum: below(random, 5), maximum: 6 }) };
    case 2:
      return { enum: ['x', 'y', 1, null].filter(() => random() < 0.6) };
    case 3:
      return { type: ['string', 'null', 'boolean'].filter((name) => name === 'string' || random() < 0.5) };
    case 4:
      return random() < 0.5
        ? { const: pick(random, ['x', 1, true]) }
        : { type: 'string', pattern: pick(random, PATTERNS) };
    case 5:
    case 6:
    case 7: {
      const names = NAMES.filter(() => random() < 0.6);
      return {
        type: 'object',
        properties: Object.fromEntries(names.map((name) => [name, inner()])),
        ...some(random, { required: NAMES.filter(() => random() < 0.4) }),
        ...(random() < 0.4 ? { additionalProperties: random() < 0.6 ? false : inner() } : {}),
        ...(random() < 0.2 ? { patternProperties: { [pick(random, PATTERNS)]: inner() } } : {}),
        ...(random() < 0.1 ? { propertyNames: { maxLength: 1 + below(random, 2) } } : {}),
        ...(random() < 0.1 ? { dependentSchemas: { a: inner() } } : {}),
        ...(random() < 0.1 ? { dependentRequired: { a: ['b'] } } : {}),
      };
    }
    case 8:
      return {
        type: 'array',
        items: inner(),
        ...some(random, { minItems: below(random, 2), maxItems: 2, uniqueItems: true }),
      };
    case 9:
      return { type: 'array', prefixItems: [inner(), inner()], ...some(random, { items: inner(), minItems: 1 }) };
    case 10:
      return { type: 'array', contains: inner() };
    case 11:
      return { [pick(random, ['anyOf', 'oneOf'])]: list(random, inner) };
    case 12:
      return { allOf: list(random, inner), ...(random() < 0.3 ? { anyOf: list(random, inner) } : {}) };
    case 13:
      return { not: inner(), ...(random() < 0.5 ? { type: 'object' } : {}) };
    case 14:
      // oxlint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema
      return { if: inner(), ...some(random, { then: inner(), else: inner() }) };
    default:
      return {
        type: 'object',
        [pick(random, ['anyOf', 'oneOf'])]: list(random, inner),
        minProperties: below(random, 2),
      };
  }
}

/** One edit such as people make, and some that they do not. */
function editOf(random: Random, schema: JsonValue): JsonValue {
  if (!isJsonObject(schema) || random() < 0.1) return randomSchema(random, 1);
  const keyword = pick(random, Object.keys(schema));
  const value = schema[keyword];
  const { [keyword]: _, ...rest } = schema;
  if (random() < 0.2) return { ...rest };
  if (random() < 0.2) return { ...schema, ...randomSchema(random, 1) };
  if (typeof value === 'number') return { ...schema, [keyword]: Math.max(0, value + pick(random, [-1, 1, 2])) };
  if (typeof value === 'boolean') return { ...schema, [keyword]: !value };
  if (typeof value === 'string')
    return {
      ...schema,
      [keyword]: keyword === 'type' ? pick(random, ['string', 'number', 'object', 'array']) : pick(random, PATTERNS),
    };
  if (Array.isArray(value)) {
    const items: readonly JsonValue[] = value;
    const index = below(random, items.length);
    if (keyword === 'required')
      return { ...schema, required: random() < 0.5 ? items.slice(1) : [...new Set([...items, pick(random, NAMES)])] };
    if (keyword === 'type')
      return {
        ...schema,
        type: random() < 0.5 && items.length > 1 ? items.slice(1) : [...new Set([...items, 'number'])],
      };
    if (keyword === 'enum')
      return { ...schema, enum: random() < 0.5 && items.length > 1 ? items.slice(1) : [...items, 'z'] };
    if (random() < 0.3 && items.length > 1) return { ...schema, [keyword]: items.toSpliced(index, 1) };
    if (random() < 0.3) return { ...schema, [keyword]: [...items, randomSchema(random, 1)] };
    if ((keyword === 'anyOf' || keyword === 'oneOf') && random() < 0.4)
      return { ...rest, [keyword === 'anyOf' ? 'oneOf' : 'anyOf']: value };
    return { ...schema, [keyword]: items.with(index, randomSchema(random, 1)) };
  }
  if (keyword === 'properties' && isJsonObject(value)) {
    const name = pick(random, NAMES);
    const { [name]: was, ...others } = value;
    return {
      ...schema,
      properties: was === undefined || random() < 0.5 ? { ...value, [name]: randomSchema(random, 1) } : others,
    };
  }
  return { ...schema, [keyword]: keyword === 'const' ? pick(random, ['x', 2]) : randomSchema(random, 1) };
}

const SINGLE = ['items', 'contains', 'not', 'if', 'then', 'else', 'propertyNames', 'additionalProperties'];
const LISTS = ['anyOf', 'oneOf', 'allOf', 'prefixItems'];
const MAPS = ['properties', 'patternProperties', 'dependentSchemas'];

function placesIn(schema: JsonValue, path: readonly string[]): (readonly string[])[] {
  if (!isJsonObject(schema)) return [];
  const places: (readonly string[])[] = [path];
  for (const [keyword, value] of Object.entries(schema)) {
    if (SINGLE.includes(keyword)) places.push(...placesIn(value ?? null, [...path, keyword]));
    const isList = LISTS.includes(keyword) && Array.isArray(value);
    if (!isList && !(MAPS.includes(keyword) && isJsonObject(value))) continue;
    for (const [name, member] of Object.entries(value ?? {}) as [string, JsonValue][])
      places.push(...placesIn(member, [...path, keyword, name]));
  }
  return places;
}

function replaceAt(schema: JsonValue, path: readonly string[], edit: (inner: JsonValue) => JsonValue): JsonValue {
  const [step, ...rest] = path;
  if (step === undefined) return edit(schema);
  if (Array.isArray(schema))
    return schema.with(Number(step), replaceAt((schema[Number(step)] ?? null) as JsonValue, rest, edit));
  if (!isJsonObject(schema)) return schema;
  return { ...schema, [step]: replaceAt(schema[step] ?? null, rest, edit) };
}

/** The same schema with the schemas at some places in `$defs`. */
function moveAway(schema: JsonValue, moved: ReadonlySet<string>): JsonValue {
  const definitions: Record<string, JsonValue> = {};
  function walk(value: JsonValue, path: readonly string[]): JsonValue {
    const key = path.join('/');
    const inside = Array.isArray(value)
      ? value.map((item: JsonValue, index) => walk(item, [...path, String(index)]))
      : isJsonObject(value)
        ? Object.fromEntries(
            Object.entries(value).map(([name, member]) => [name, walk(member ?? null, [...path, name])]),
          )
        : value;
    if (!moved.has(key) || !isJsonObject(inside)) return inside;
    const name = `d${Object.keys(definitions).length}`;
    definitions[name] = inside;
    return { $ref: `#/$defs/${name}` };
  }
  const root = walk(schema, []);
  return isJsonObject(root) && Object.keys(definitions).length > 0 ? { ...root, $defs: definitions } : root;
}

function some(random: Random, keywords: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(keywords).filter(() => random() < 0.4));
}

function list(random: Random, inner: () => JsonObject): JsonObject[] {
  return Array.from({ length: 1 + below(random, 3) }, inner);
}

function below(random: Random, count: number): number {
  return Math.floor(random() * count);
}

function pick<Item>(random: Random, items: readonly Item[]): Item {
  const item = items[below(random, items.length)];
  if (item === undefined) throw new RangeError('Cannot pick from nothing');
  return item;
}
