import { canonicalJson } from '../json/canonical.ts';
import { resolveReference } from './schema-reference.ts';
import { eachSubschema, mapSubschemas } from './subschemas.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../json/value.ts';
import { FORMAT_PATTERN_NOTE, LOST_PATTERN_NOTE, ZOD_TYPE_NOTE } from './notes.ts';
import { isCheckFormat } from './check-formats.ts';
import { keywordsFor } from './keywords-of-type.ts';
import { mergeAllOf } from './merge-all-of.ts';

const ANNOTATIONS = ['title', 'description', 'default', 'examples'] as const;

/**
 * Rewrites a JSON Schema so that what means the same is written the same: the versions of zod write one definition in
 * different ways, with other references, lists of types, bounds that say nothing. Two schemas with one normal form ask
 * for the same and take the same. The order of properties is kept, because a model answers in that order.
 */
export function normalForm(schema: JsonObject): JsonObject {
  return new Normaliser(schema).normalise();
}

/** The text that stands for a schema where it is compared: its normal form, in which only the order of properties counts. */
export function normalText(schema: JsonObject): string {
  return JSON.stringify(normalForm(schema));
}

/** As `normalText`, for schemas that are read from a file: a pattern beside a format is left out, which zod may have brought. */
export function looseNormalText(schema: JsonObject): string {
  return normalText(withoutFormatPatterns(schema));
}

function withoutFormatPatterns(schema: JsonObject): JsonObject {
  const { pattern, ...rest } = mapSubschemas(schema, withoutFormatPatterns);
  const { format } = rest;
  const isOwn = pattern !== undefined && typeof format === 'string' && !isCheckFormat({ format, pattern });
  return isOwn || pattern === undefined ? rest : { ...rest, pattern };
}

class Normaliser {
  readonly #root: JsonObject;
  /** What a root of nothing but a reference points at counts as the root. */
  readonly #start: JsonObject;
  readonly #names = new Map<JsonObject, string>();
  readonly #definitions = new Map<string, JsonObject>();
  readonly #recursive = new Map<JsonObject, boolean>();

  constructor(root: JsonObject) {
    this.#root = root;
    const { $ref: reference, $defs: _, $schema: __, ...siblings } = root;
    this.#start = (Object.keys(siblings).length === 0 ? resolveReference(root, reference) : undefined) ?? root;
  }

  normalise(): JsonObject {
    const body = this.#node(this.#start);
    if (this.#definitions.size === 0) return body;
    return sorted({ ...body, $defs: Object.fromEntries(this.#definitions) });
  }

  #node(schema: JsonObject): JsonObject {
    const { $defs: _, $schema: __, id: ___, ...stated } = schema;
    const joined = this.#joined(stated);
    if (joined['$ref'] !== undefined) return this.#below(joined);
    if (joined['allOf'] !== undefined) return this.#joinedBelow(joined);
    return this.#alternatives(tidied(joined));
  }

  /** Parts that could not be joined as they were written may be joined in normal form. */
  #joinedBelow(schema: JsonObject): JsonObject {
    const below = this.#below(schema);
    // References in a normal form have names of its own.
    if (JSON.stringify(below).includes('"$ref"')) return below;
    const joined = this.#joined(below);
    return joined['allOf'] === undefined ? this.#node(joined) : below;
  }

  /** Writes references and `allOf` out in place, where that loses nothing. */
  #joined(schema: JsonObject): JsonObject {
    const { $ref: reference, allOf } = schema;
    if (reference === undefined && !Array.isArray(allOf)) return schema;
    if (reference !== undefined && allOf === undefined) {
      const target = this.#target(reference);
      if (target === undefined || this.#isRecursive(target)) return schema;
      // A description beside a reference stands for the one behind it.
      const { $defs: _, $schema: __, id: ___, ...body } = target;
      const { $ref: ____, ...siblings } = schema;
      const beside = Object.keys(siblings).filter((keyword) => !ANNOTATIONS.some((known) => known === keyword));
      if (beside.length === 0) return this.#joined({ ...body, ...siblings });
    }
    const { merged, dropped } = mergeAllOf([schema], (name) => {
      const target = this.#target(name);
      return target === undefined || this.#isRecursive(target) ? undefined : target;
    });
    return dropped.length > 0 || merged['allOf'] !== undefined ? schema : this.#joined(merged);
  }

  #alternatives(schema: JsonObject): JsonObject {
    const { type, enum: values } = schema;
    if (Array.isArray(values)) return this.#listed(schema, values as readonly JsonValue[]);
    if (Array.isArray(type)) {
      const branches = (type as readonly JsonValue[]).map((name) =>
        this.#node({ type: name, ...keywordsFor(name, schema) }),
      );
      return this.#union(branches, annotationsOf(schema), {});
    }
    const given = schema['anyOf'] ?? schema['oneOf'];
    if (!Array.isArray(given) || (schema['anyOf'] !== undefined && schema['oneOf'] !== undefined)) {
      return this.#below(schema);
    }
    const { anyOf: _, oneOf: __, ...rest } = schema;
    const branches = (given as readonly JsonValue[]).map((branch) =>
      isJsonObject(branch) ? this.#node(branch) : branch === false ? { not: {} } : {},
    );
    const annotations = annotationsOf(rest);
    const constraints = Object.fromEntries(
      Object.entries(rest).filter(([keyword]) => !Object.hasOwn(annotations, keyword)),
    );
    return this.#union(branches, annotations, constraints);
  }

  /** Values without their types, which they show; null apart. */
  #listed(schema: JsonObject, values: readonly JsonValue[]): JsonObject {
    const { type, enum: _, ...rest } = schema;
    const types = type === undefined ? undefined : [type].flat();
    const allowed = values.filter((value) => types === undefined || types.some((name) => isOfType(value, name)));
    const others = allowed.filter((value) => value !== null);
    const annotations = annotationsOf(rest);
    const branches: JsonObject[] = others.length > 0 || allowed.length === 0 ? [{ enum: others }] : [];
    if (others.length < allowed.length) branches.push({ type: 'null' });
    return this.#union(branches, annotations, {});
  }

  #union(branches: readonly JsonObject[], annotations: JsonObject, constraints: JsonObject): JsonObject {
    const flat = branches.flatMap((branch) => {
      const { anyOf } = branch;
      return Array.isArray(anyOf) && Object.keys(branch).length === 1 ? (anyOf as JsonObject[]) : [branch];
    });
    const distinct = [...new Map(flat.map((branch) => [canonicalJson(branch), branch])).values()].filter(
      (branch, _index, all) => all.length === 1 || !isNever(branch),
    );
    const [first, second, ...more] = distinct;
    if (first === undefined) return { not: {} };
    const outside = Object.keys(constraints).length === 0 ? {} : this.#below(constraints);
    const isAlone = second === undefined && first['$ref'] === undefined && Object.keys(outside).length === 0;
    if (isAlone) return sorted({ ...first, ...annotations });
    // What is said of the value of a nullable place may stand on either side of its union.
    if (more.length === 0 && second !== undefined && second['type'] === 'null' && Object.keys(second).length === 1) {
      const hoisted = annotationsOf(first);
      const isFree = Object.entries(hoisted).every(
        ([keyword, value]) =>
          annotations[keyword] === undefined || canonicalJson(annotations[keyword]) === canonicalJson(value ?? null),
      );
      if (isFree && first['$ref'] === undefined && Object.keys(hoisted).length > 0) {
        const kept = Object.fromEntries(Object.entries(first).filter(([keyword]) => !Object.hasOwn(hoisted, keyword)));
        return this.#union([kept, second], { ...hoisted, ...annotations }, constraints);
      }
    }
    return sorted({ ...outside, anyOf: distinct, ...annotations });
  }

  /** Normalises what is below, and names recursive types by the order in which they are met. */
  #below(schema: JsonObject): JsonObject {
    const { $ref: reference, ...rest } = schema;
    const below = mapSubschemas(rest, (child) => this.#node(child));
    const target = reference === undefined ? undefined : this.#target(reference);
    if (target === undefined) return sorted(reference === undefined ? below : { ...below, $ref: reference });
    return sorted({ ...below, $ref: this.#nameOf(target) });
  }

  #nameOf(target: JsonObject): string {
    if (target === this.#start) return '#';
    const known = this.#names.get(target);
    if (known !== undefined) return `#/$defs/${known}`;
    const name = String(this.#names.size);
    this.#names.set(target, name);
    this.#definitions.set(name, {});
    this.#definitions.set(name, this.#node(target));
    return `#/$defs/${name}`;
  }

  #target(reference: JsonValue): JsonObject | undefined {
    const target = resolveReference(this.#root, reference);
    return target === this.#root ? this.#start : target;
  }

  #isRecursive(target: JsonObject): boolean {
    const known = this.#recursive.get(target);
    if (known !== undefined) return known;
    const seen = new Set<JsonObject>();
    const reaches = (from: JsonObject): boolean => {
      if (seen.has(from)) return false;
      seen.add(from);
      const next = this.#target(from['$ref'] ?? null);
      let found = next !== undefined && (next === target || reaches(next));
      eachSubschema(from, (child, { keyword }) => {
        if (!found && keyword !== '$defs') found = reaches(child);
      });
      return found;
    };
    const isRecursive = reaches(target);
    this.#recursive.set(target, isRecursive);
    return isRecursive;
  }
}

/** Leaves out what says nothing, and says the rest in one way. */
function tidied(schema: JsonObject): JsonObject {
  const { const: constant, ...rest } = schema;
  const result: Record<string, JsonValue | undefined> = rest;
  if (constant !== undefined && result['enum'] === undefined) result['enum'] = [constant];
  else if (constant !== undefined) result['const'] = constant;
  const format = result[FORMAT_PATTERN_NOTE];
  if (typeof format === 'string') {
    result['format'] = format;
    delete result['pattern'];
    delete result['contentEncoding'];
  }
  if (isCheckFormat(result)) delete result['format'];
  delete result[FORMAT_PATTERN_NOTE];
  delete result[LOST_PATTERN_NOTE];
  if (result['minimum'] === Number.MIN_SAFE_INTEGER) delete result['minimum'];
  if (result['maximum'] === Number.MAX_SAFE_INTEGER) delete result['maximum'];
  if (result['minLength'] === 0) delete result['minLength'];
  if (result['minItems'] === 0) delete result['minItems'];
  if (result['additionalProperties'] === true) result['additionalProperties'] = {};
  if (canonicalJson(result['propertyNames'] ?? null) === '{"type":"string"}') delete result['propertyNames'];
  const { prefixItems, items, maxItems, required } = result;
  if (Array.isArray(prefixItems) && items === false && maxItems === prefixItems.length) delete result['maxItems'];
  if (Array.isArray(required)) {
    if (required.length === 0) delete result['required'];
    else result['required'] = [...new Set(required as readonly JsonValue[])].sort();
  }
  return result;
}

/** Keywords in one order; the names of properties stay in theirs. */
function sorted(schema: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(schema)
      .filter(([, value]) => value !== undefined)
      .sort(([left], [right]) => (left < right ? -1 : 1)),
  );
}

function annotationsOf(schema: JsonObject): JsonObject {
  const known: readonly string[] = [...ANNOTATIONS, ZOD_TYPE_NOTE];
  return Object.fromEntries(Object.entries(schema).filter(([keyword]) => known.includes(keyword)));
}

function isNever({ not }: JsonObject): boolean {
  return isJsonObject(not) && Object.keys(not).length === 0;
}

function isOfType(value: JsonValue, type: unknown): boolean {
  if (value === null) return type === 'null';
  if (typeof value === 'number') return type === 'number' || (type === 'integer' && Number.isInteger(value));
  if (Array.isArray(value)) return type === 'array';
  return typeof value === type;
}
