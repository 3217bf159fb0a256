import { ZOD_TYPE_NOTE } from './notes.ts';
import { canonicalJson } from '../json/canonical.ts';
import { resolveReference } from './schema-reference.ts';
import { mapSubschemas } from './subschemas.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../json/value.ts';

/** More alternatives on both sides than this, multiplied, are left as they are written. */
const MOST_BRANCHES = 256;

const ANNOTATIONS: ReadonlySet<string> = new Set([
  'title',
  'description',
  'default',
  'examples',
  'deprecated',
  'readOnly',
  'writeOnly',
  'id',
  '$comment',
]);

const NEVER: JsonObject = { not: {} };

/**
 * Writes what zod's intersections yield. Each side of one drops the keys that it does not know, and zod then joins what both
 * sides left; `allOf` of the two closed objects, which the converters write wherever they cannot join them, no document
 * satisfies. References are followed, alternatives multiplied, and sides that contain themselves joined once.
 */
export function joinIntersections(root: JsonObject): JsonObject {
  if (!JSON.stringify(root).includes('"allOf"')) return root;
  return new Joiner(root).join();
}

class Joiner {
  readonly #root: JsonObject;
  /** Pairs that are being joined, or are joined and contain themselves, by their text. */
  readonly #pairs = new Map<string, { name: string; isUsed: boolean }>();
  readonly #definitions: Record<string, JsonValue> = {};

  constructor(root: JsonObject) {
    this.#root = root;
  }

  join(): JsonObject {
    const joined = this.#rewrite(this.#root);
    if (Object.keys(this.#definitions).length === 0) return joined;
    const given = joined['$defs'];
    return { ...joined, $defs: { ...(isJsonObject(given) ? given : {}), ...this.#definitions } };
  }

  #rewrite(schema: JsonObject): JsonObject {
    const { allOf, ...own } = schema;
    if (!Array.isArray(allOf)) return mapSubschemas(schema, (child) => this.#rewrite(child));
    const listed = (allOf as readonly JsonValue[]).map((part) =>
      isJsonObject(part) ? part : part === false ? NEVER : {},
    );
    const { $defs: definitions, $schema: dialect, ...stated } = own;
    const outside = split(stated);
    const parts = Object.keys(outside.rest).length > 0 ? [outside.rest, ...listed] : listed;
    const [first = {}, ...others] = parts;
    const isPlain = !parts.some((part) => this.#isStructural(part));
    if (isPlain) return mapSubschemas(schema, (child) => this.#rewrite(child));
    const joined = others.reduce((left, right) => this.#both(left, right), first);
    const kept = isJsonObject(definitions)
      ? mapSubschemas({ $defs: definitions }, (child) => this.#rewrite(child))
      : {};
    return { ...(dialect === undefined ? {} : { $schema: dialect }), ...joined, ...outside.annotations, ...kept };
  }

  /** Whether objects or lists stand somewhere in it; of texts and numbers `allOf` says what zod does. */
  #isStructural(schema: JsonObject, depth = 0): boolean {
    const { body } = this.#resolve(schema);
    if (body['type'] === 'object' || body['type'] === 'array' || depth > 20) return true;
    return ['anyOf', 'oneOf', 'allOf'].some((keyword) => {
      const branches = body[keyword];
      return (
        Array.isArray(branches) &&
        (branches as readonly JsonValue[]).some(
          (branch) => isJsonObject(branch) && this.#isStructural(branch, depth + 1),
        )
      );
    });
  }

  #resolve(schema: JsonObject): { body: JsonObject; isReference: boolean } {
    let body = schema;
    // A reference may lead to another one, and in the end to itself.
    for (let steps = 0; steps < 50; steps += 1) {
      const { $ref: reference, ...siblings } = body;
      const target = resolveReference(this.#root, reference);
      if (target === undefined) return { body, isReference: steps > 0 };
      const { $defs: _, $schema: __, ...inner } = target;
      body = { ...inner, ...siblings };
    }
    return { body: NEVER, isReference: true };
  }

  #both(left: JsonValue, right: JsonValue): JsonObject {
    if (left === true || right === true) return this.#one(left === true ? right : left);
    if (!isJsonObject(left) || !isJsonObject(right)) return NEVER;
    const [here, there] = [this.#resolve(left), this.#resolve(right)];
    if (!here.isReference && !there.isReference) return this.#join(here.body, there.body);
    const key = `${canonicalJson(left)}\n${canonicalJson(right)}`;
    const known = this.#pairs.get(key);
    if (known !== undefined) {
      known.isUsed = true;
      return { $ref: `#/$defs/${known.name}` };
    }
    const pair = { name: `__both${this.#pairs.size}`, isUsed: false };
    this.#pairs.set(key, pair);
    const joined = this.#join(here.body, there.body);
    if (!pair.isUsed) {
      this.#pairs.delete(key);
      return joined;
    }
    this.#definitions[pair.name] = joined;
    return { $ref: `#/$defs/${pair.name}` };
  }

  #one(schema: JsonValue): JsonObject {
    return isJsonObject(schema) ? this.#rewrite(schema) : schema === false ? NEVER : {};
  }

  #join(left: JsonObject, right: JsonObject): JsonObject {
    if (Array.isArray(left['allOf'])) return this.#both(this.#rewrite(left), right);
    if (Array.isArray(right['allOf'])) return this.#both(left, this.#rewrite(right));
    const [ours, theirs] = [split(left), split(right)];
    const annotations = { ...theirs.annotations, ...ours.annotations };
    if (Object.keys(ours.rest).length === 0) return { ...this.#one(right), ...annotations };
    if (Object.keys(theirs.rest).length === 0) return { ...this.#one(left), ...annotations };
    // What code makes of one side may be anything, and so may the two together.
    for (const { [ZOD_TYPE_NOTE]: type } of [left, right])
      if (type !== undefined) return { [ZOD_TYPE_NOTE]: type, ...annotations };
    const [some, others] = [branchesOf(ours.rest), branchesOf(theirs.rest)];
    if (some.length > 1 || others.length > 1) {
      if (some.length * others.length > MOST_BRANCHES) return { ...annotations, allOf: [ours.rest, theirs.rest] };
      const joined = some
        .flatMap((one) => others.map((other) => this.#both(one, other)))
        .filter((branch) => !isNever(branch));
      const [only, ...more] = joined;
      return only === undefined
        ? NEVER
        : more.length === 0
          ? { ...only, ...annotations }
          : { anyOf: joined, ...annotations };
    }
    const [kind, other] = [ours.rest['type'], theirs.rest['type']];
    if (kind === 'object' && other === 'object') return { ...this.#objects(ours.rest, theirs.rest), ...annotations };
    if (kind === 'array' && other === 'array') return { ...this.#arrays(ours.rest, theirs.rest), ...annotations };
    const isApart =
      typeof kind === 'string' &&
      typeof other === 'string' &&
      kind !== other &&
      [kind, other].some((name) => name === 'object' || name === 'array');
    return isApart ? NEVER : { allOf: [ours.rest, theirs.rest], ...annotations };
  }

  #objects(left: JsonObject, right: JsonObject): JsonObject {
    const [ours, theirs] = [readObject(left), readObject(right)];
    const properties = new Map<string, JsonValue>();
    for (const name of [...ours.properties.keys(), ...theirs.properties.keys()]) {
      if (properties.has(name)) continue;
      const [one, other] = [ours, theirs].map(
        ({ properties: own, extra }) => own.get(name) ?? (extra === false ? true : extra),
      );
      properties.set(name, this.#both(one ?? true, other ?? true));
    }
    const required = [...new Set([...ours.required, ...theirs.required])];
    const impossible = required.some((name) => isNever(properties.get(name)));
    if (impossible) return NEVER;
    const extra =
      ours.extra === false ? theirs.extra : theirs.extra === false ? ours.extra : this.#both(ours.extra, theirs.extra);
    const rest = [ours.rest, theirs.rest].filter((part) => Object.keys(part).length > 0);
    return {
      type: 'object',
      properties: Object.fromEntries(properties),
      ...(required.length > 0 ? { required } : {}),
      additionalProperties: extra === true ? {} : extra,
      // What is said of all names, or of their number, holds on both sides as it stands.
      ...(rest.length > 0 ? { allOf: rest } : {}),
    };
  }

  #arrays(left: JsonObject, right: JsonObject): JsonObject {
    const [ours, theirs] = [readArray(left), readArray(right)];
    const length = Math.max(ours.prefix.length, theirs.prefix.length);
    const prefix = Array.from({ length }, (_, index) =>
      this.#both(ours.prefix[index] ?? ours.items, theirs.prefix[index] ?? theirs.items),
    );
    const items = this.#both(ours.items, theirs.items);
    const rest = [ours.rest, theirs.rest].filter((part) => Object.keys(part).length > 0);
    return {
      type: 'array',
      ...(length > 0 ? { prefixItems: prefix } : {}),
      items: isNever(items) ? false : items,
      ...(rest.length > 0 ? { allOf: rest } : {}),
    };
  }
}

/** What describes a schema, apart from what it demands. */
function split(schema: JsonObject): { annotations: JsonObject; rest: JsonObject } {
  const entries = Object.entries(schema);
  return {
    annotations: Object.fromEntries(entries.filter(([keyword]) => ANNOTATIONS.has(keyword))),
    rest: Object.fromEntries(entries.filter(([keyword]) => !ANNOTATIONS.has(keyword))),
  };
}

function branchesOf(schema: JsonObject): readonly JsonValue[] {
  const { anyOf, oneOf, type, ...rest } = schema;
  const given = anyOf ?? oneOf;
  if (Array.isArray(given) && Object.keys(rest).length === 0 && type === undefined)
    return given as readonly JsonValue[];
  if (Array.isArray(type)) return (type as readonly JsonValue[]).map((name) => ({ ...schema, type: name }));
  return [schema];
}

function readObject(schema: JsonObject): {
  properties: ReadonlyMap<string, JsonValue>;
  required: readonly string[];
  extra: JsonValue;
  rest: JsonObject;
} {
  const { type: _, properties, required, additionalProperties: extra = true, ...rest } = schema;
  const members = isJsonObject(properties) ? Object.entries(properties) : [];
  return {
    properties: new Map(members.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]))),
    required: Array.isArray(required) ? required.filter((name: unknown) => typeof name === 'string') : [],
    extra,
    rest,
  };
}

function readArray(schema: JsonObject): { prefix: readonly JsonValue[]; items: JsonValue; rest: JsonObject } {
  const { type: _, prefixItems, items = true, ...rest } = schema;
  return { prefix: Array.isArray(prefixItems) ? (prefixItems as readonly JsonValue[]) : [], items, rest };
}

function isNever(schema: JsonValue | undefined): boolean {
  if (schema === false) return true;
  return isJsonObject(schema) && isJsonObject(schema['not']) && Object.keys(schema['not']).length === 0;
}
