import { isJsonObject, type JsonObject, type JsonValue } from '../../json/value.ts';
import { resolveReference } from '../../json-schema/schema-reference.ts';

/** Types of JSON values as bits, so that a set of them is one number. */
export const TYPE_BIT = { object: 1, array: 2, string: 4, number: 8, boolean: 16, null: 32 } as const;
const ANY_TYPE = 63;

const BIT_BY_NAME: ReadonlyMap<unknown, number> = new Map([...Object.entries(TYPE_BIT), ['integer', TYPE_BIT.number]]);

/** Keywords that are understood, and those that say nothing about which values are valid. */
const KNOWN_KEYWORDS = new Set(
  [
    'type enum const minimum maximum exclusiveMinimum exclusiveMaximum minLength maxLength minItems maxItems',
    'properties required additionalProperties patternProperties prefixItems items anyOf oneOf $ref $defs',
    '$schema $id $comment id title description default examples deprecated readOnly writeOnly',
    'format contentEncoding contentMediaType',
    // These only narrow further, so leaving them out is safe. A pattern has lost its flags on the way from zod.
    'allOf pattern multipleOf uniqueItems propertyNames minProperties maxProperties',
  ].flatMap((line) => line.split(' ')),
);

/** The shapes a value may have: one of them at least must fit. None: no value is valid. */
export type Alternatives = readonly Shape[];

/** What one branch of a JSON Schema says, as far as an unfinished value can be held against it. */
export class Shape {
  /** Set of `typeBit`. */
  readonly types: number;
  readonly isInteger: boolean;
  /** The scalars of `enum` or `const`. */
  readonly values: ReadonlySet<JsonValue> | undefined;
  readonly minimum: number;
  readonly maximum: number;
  readonly exclusiveMinimum: number;
  readonly exclusiveMaximum: number;
  readonly minLength: number;
  readonly maxLength: number;
  readonly minItems: number;
  readonly maxItems: number;
  readonly required: readonly string[];
  readonly #properties: ReadonlyMap<string, JsonValue>;
  /** Those of `#properties` that were asked for; keys that are not known must not pile up here. */
  readonly #alternatives = new Map<string, Alternatives>();
  readonly #additional: JsonValue;
  readonly #prefixItems: readonly JsonValue[];
  readonly #items: JsonValue;
  readonly #compiler: Compiler;

  constructor(schema: JsonObject, compiler: Compiler) {
    const values = listValues(schema);
    const isMixed = values?.some((value) => typeof value === 'object' && value !== null) ?? true;
    this.values = isMixed ? undefined : new Set(values);
    this.types = typesOf(schema) & (values?.reduce<number>((types, value) => types | bitOf(value), 0) ?? ANY_TYPE);
    const types = [schema['type']].flat();
    this.isInteger = types.includes('integer') && !types.includes('number');
    this.minimum = numberOf(schema['minimum'], -Infinity);
    this.maximum = numberOf(schema['maximum'], Infinity);
    this.exclusiveMinimum = numberOf(schema['exclusiveMinimum'], -Infinity);
    this.exclusiveMaximum = numberOf(schema['exclusiveMaximum'], Infinity);
    this.minLength = numberOf(schema['minLength'], 0);
    const longest = Math.max(
      0,
      ...[...(this.values ?? [])].map((value) => (typeof value === 'string' ? value.length : 0)),
    );
    this.maxLength = Math.min(numberOf(schema['maxLength'], Infinity), this.values === undefined ? Infinity : longest);
    this.minItems = numberOf(schema['minItems'], 0);
    this.maxItems = numberOf(schema['maxItems'], Infinity);
    const { properties, required, patternProperties, additionalProperties = true } = schema;
    this.#properties = new Map(isJsonObject(properties) ? compact(Object.entries(properties)) : []);
    // zod leaves this key out of what it checks; some versions, of what it demands.
    this.required = listOf(required).filter((key): key is string => typeof key === 'string' && key !== '__proto__');
    this.#additional = patternProperties === undefined ? additionalProperties : true;
    this.#prefixItems = listOf(schema['prefixItems']);
    this.#items = schema['items'] ?? true;
    this.#compiler = compiler;
  }

  property(key: string): Alternatives {
    const known = this.#alternatives.get(key);
    if (known !== undefined) return known;
    if (key === '__proto__') return this.#compiler.anything;
    const schema = this.#properties.get(key);
    const alternatives = this.#compiler.alternatives(schema ?? this.#additional);
    if (schema !== undefined) this.#alternatives.set(key, alternatives);
    return alternatives;
  }

  item(index: number): Alternatives {
    if (index >= this.maxItems) return [];
    return this.#compiler.alternatives(this.#prefixItems[index] ?? this.#items);
  }
}

/**
 * Reads the derived JSON Schema into alternatives of shapes, on demand, as schemas may contain themselves. Whatever is in
 * doubt becomes "anything": an unknown keyword, a reference to nowhere or to itself, or `not`.
 */
class Compiler {
  readonly anything: Alternatives;
  readonly #root: JsonObject;
  readonly #compiled = new Map<JsonObject, Alternatives>();

  constructor(root: JsonObject) {
    this.#root = root;
    this.anything = [new Shape({}, this)];
  }

  alternatives(schema: JsonValue): Alternatives {
    if (schema === false) return [];
    if (!isJsonObject(schema)) return this.anything;
    const known = this.#compiled.get(schema);
    if (known !== undefined) return known;
    // Until it is read, for a reference that leads back here without a value in between.
    this.#compiled.set(schema, this.anything);
    const compiled = this.#compile(schema);
    this.#compiled.set(schema, compiled);
    return compiled;
  }

  #compile(schema: JsonObject): Alternatives {
    if (Object.keys(schema).some((keyword) => !KNOWN_KEYWORDS.has(keyword))) return this.anything;
    // Keywords beside a reference or a union only narrow it.
    if (schema['$ref'] !== undefined) {
      return this.alternatives(resolveReference(this.#root, schema['$ref']) ?? true);
    }
    const branches = schema['anyOf'] ?? schema['oneOf'];
    if (!Array.isArray(branches)) return [new Shape(schema, this)];
    const alternatives = new Set<Shape>();
    for (const branch of listOf(branches)) {
      for (const shape of this.alternatives(branch)) alternatives.add(shape);
    }
    return [...alternatives].some((shape) => this.anything.includes(shape)) ? this.anything : [...alternatives];
  }
}

const compilers = new WeakMap<JsonObject, Compiler>();

/** The alternatives of a whole schema; read once, as every answer of a run is held against the same one. */
export function compileSchema(schema: JsonObject): Alternatives {
  let compiler = compilers.get(schema);
  if (compiler === undefined) {
    compiler = new Compiler(schema);
    compilers.set(schema, compiler);
  }
  return compiler.alternatives(schema);
}

/** The bit of the type of a JSON value. */
function bitOf(value: JsonValue): number {
  if (value === null) return TYPE_BIT.null;
  if (Array.isArray(value)) return TYPE_BIT.array;
  return BIT_BY_NAME.get(typeof value) ?? 0;
}

function typesOf({ type }: JsonObject): number {
  if (type === undefined) return ANY_TYPE;
  const names = Array.isArray(type) ? listOf(type) : [type];
  return names.reduce<number>((types, name) => types | (BIT_BY_NAME.get(name) ?? ANY_TYPE), 0);
}

function listValues({ const: constant, enum: values }: JsonObject): readonly JsonValue[] | undefined {
  if (constant !== undefined) return [constant];
  return Array.isArray(values) ? listOf(values) : undefined;
}

function numberOf(value: JsonValue | undefined, absent: number): number {
  return typeof value === 'number' ? value : absent;
}

function listOf(value: JsonValue | undefined): readonly JsonValue[] {
  return Array.isArray(value) ? value : [];
}

function compact(entries: [string, JsonValue | undefined][]): [string, JsonValue][] {
  return entries.filter((entry): entry is [string, JsonValue] => entry[1] !== undefined);
}
