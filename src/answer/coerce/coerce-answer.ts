import { canonicalJson } from '../../json/canonical.ts';
import { pointerToken } from '../../json/pointer.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../json/value.ts';
import { fits, optionsOf, resolved } from './fits.ts';
import { coerceScalar, type CoercionRule } from './scalars.ts';

/** One change of an answer, to what it says in another form. */
export interface Coercion {
  /** JSON pointer into the answer as it is stored. */
  path: string;
  rule: CoercionRule;
}

export interface CoercedAnswer {
  value: JsonValue;
  applied: Coercion[];
}

const MAX_DEPTH = 60;
const MOST_UNWRAPPINGS = 2;

/**
 * Reads an answer that the schema refuses in another form that it may take: `"12.5"` where a number is wanted, one object in a list. A rule acts only where
 * the value does not fit as it is, exactly one reading does, and nothing that the model wrote is dropped. What comes of it is for zod to take
 * or to refuse.
 *
 * @returns undefined where nothing was to be changed, or no reading is the only one
 */
export function coerceAnswer(value: JsonValue, schema: JsonObject): CoercedAnswer | undefined {
  const applied: Coercion[] = [];
  const coerced = new Coercer(schema).coerce(value, schema, { path: '', name: undefined, depth: 0 }, applied);
  return coerced === undefined || applied.length === 0 ? undefined : { value: coerced.value, applied };
}

interface Place {
  path: string;
  /** The name of the property that the value is of. */
  name: string | undefined;
  depth: number;
}

type Found = { value: JsonValue } | undefined;

class Coercer {
  readonly #root: JsonObject;

  constructor(root: JsonObject) {
    this.#root = root;
  }

  /** Undefined where the value cannot be made to fit. */
  coerce(value: JsonValue, given: JsonValue | undefined, place: Place, applied: Coercion[]): Found {
    const node = resolved(given, this.#root);
    if (node === undefined || place.depth > MAX_DEPTH || fits(value, node, this.#root)) {
      // Members may be called otherwise than they should be even where what is there fits.
      return node !== undefined && isJsonObject(value) && node['type'] === 'object' && place.depth <= MAX_DEPTH
        ? this.#object(value, node, place, applied)
        : { value };
    }
    const options = optionsOf(node, this.#root);
    if (options.length !== 1) return this.#union(value, options, place, applied);
    return this.#one(value, options[0] ?? node, place, applied);
  }

  /** Exactly one distinct result over all alternatives. */
  #union(value: JsonValue, options: readonly JsonObject[], place: Place, applied: Coercion[]): Found {
    const results = new Map<string, { value: JsonValue; applied: Coercion[] }>();
    const takesText = options.some((option) => option['type'] === 'string' && option['enum'] === undefined);
    for (const option of options) {
      // Where a text is allowed, "none" may be one.
      if (option['type'] === 'null' && takesText) continue;
      const own: Coercion[] = [];
      const found = this.#one(value, option, { ...place, depth: place.depth + 1 }, own);
      if (found !== undefined && fits(found.value, option, this.#root)) {
        results.set(canonicalJson(found.value), { value: found.value, applied: own });
      }
    }
    const [only] = results.values();
    if (only === undefined || results.size !== 1) return undefined;
    applied.push(...only.applied);
    return { value: only.value };
  }

  #one(value: JsonValue, node: JsonObject, place: Place, applied: Coercion[]): Found {
    if (fits(value, node, this.#root) && !isJsonObject(value)) return { value };
    if (node['enum'] === undefined && node['const'] === undefined) {
      if (node['type'] === 'object') return this.#toObject(value, node, place, applied);
      if (node['type'] === 'array') return this.#toList(value, node, place, applied);
    }
    const scalar = coerceScalar(value, node);
    if (scalar !== undefined) {
      applied.push({ path: place.path, rule: scalar.rule });
      return { value: scalar.value };
    }
    return this.#unpacked(value, node, place, applied);
  }

  /** A list of one, or an object around the value under its own name, where a single value is wanted. */
  #unpacked(value: JsonValue, node: JsonObject, place: Place, applied: Coercion[]): Found {
    const inner = onlyElement(value) ?? wrappedValue(value, place.name);
    if (inner === undefined) return undefined;
    const own: Coercion[] = [{ path: place.path, rule: Array.isArray(value) ? 'one-of-list' : 'unwrapped' }];
    const found = fits(inner.value, node, this.#root) ? inner : undefined;
    if (found !== undefined) applied.push(...own);
    return found;
  }

  #toList(value: JsonValue, node: JsonObject, place: Place, applied: Coercion[]): Found {
    const { items } = node;
    if (Array.isArray(value)) {
      const list: JsonValue[] = [];
      for (const [at, item] of (value as readonly JsonValue[]).entries()) {
        const inner: Place = { path: `${place.path}/${at}`, name: undefined, depth: place.depth + 1 };
        const found = this.coerce(item, items, inner, applied);
        if (found === undefined) return undefined;
        list.push(found.value);
      }
      return { value: list };
    }
    const parsed = jsonOf(value);
    if (parsed !== undefined && Array.isArray(parsed.value)) {
      applied.push({ path: place.path, rule: 'json-text' });
      return this.#toList(parsed.value, node, place, applied);
    }
    const wrapped = wrappedValue(value, place.name);
    if (wrapped !== undefined && Array.isArray(wrapped.value)) {
      applied.push({ path: place.path, rule: 'unwrapped' });
      return this.#toList(wrapped.value, node, place, applied);
    }
    // A free text may be several: "red, green".
    const item = resolved(items, this.#root);
    const isFreeText = typeof value === 'string' && item?.['enum'] === undefined;
    if (value === null || isFreeText || item === undefined || !fits(value, item, this.#root)) return undefined;
    applied.push({ path: place.path, rule: 'list-of-one' });
    return { value: [value] };
  }

  #toObject(value: JsonValue, node: JsonObject, place: Place, applied: Coercion[]): Found {
    if (isJsonObject(value)) return this.#object(value, node, place, applied);
    const parsed = jsonOf(value);
    if (parsed !== undefined && isJsonObject(parsed.value)) {
      applied.push({ path: place.path, rule: 'json-text' });
      return this.#object(parsed.value, node, place, applied);
    }
    if (!Array.isArray(value)) return undefined;
    const properties = isJsonObject(node['properties']) ? Object.entries(node['properties']) : [];
    const [name, schema] = properties[0] ?? [];
    if (name !== undefined && properties.length === 1 && resolved(schema, this.#root)?.['type'] === 'array') {
      const inner: Place = { path: `${place.path}/${pointerToken(name)}`, name, depth: place.depth + 1 };
      const own: Coercion[] = [{ path: place.path, rule: 'bare-list' }];
      const list = this.coerce(value, schema, inner, own);
      if (list !== undefined && fits(list.value, schema, this.#root)) {
        applied.push(...own);
        return { value: { [name]: list.value } };
      }
    }
    const element = onlyElement(value);
    if (element === undefined || !isJsonObject(element.value)) return undefined;
    applied.push({ path: place.path, rule: 'one-of-list' });
    return this.#object(element.value, node, place, applied);
  }

  #object(given: JsonObject, node: JsonObject, place: Place, applied: Coercion[]): Found {
    const properties = isJsonObject(node['properties']) ? node['properties'] : {};
    const named = this.#named(this.#unwrapped(given, properties, place, applied), properties, place, applied);
    const members: Record<string, JsonValue> = {};
    for (const [name, member = null] of Object.entries(named)) {
      if (!Object.hasOwn(properties, name)) {
        define(members, name, member);
        continue;
      }
      const inner: Place = { path: `${place.path}/${pointerToken(name)}`, name, depth: place.depth + 1 };
      const found = this.coerce(member, properties[name], inner, applied);
      if (found === undefined) return undefined;
      define(members, name, found.value);
    }
    return { value: members };
  }

  /** The object inside of a single member that the schema does not know, of a call's arguments, or of an echo of the schema. */
  #unwrapped(given: JsonObject, properties: JsonObject, { path }: Place, applied: Coercion[]): JsonObject {
    let object = given;
    for (let times = 0; times < MOST_UNWRAPPINGS; times += 1) {
      const inner = innerObject(object, properties);
      if (inner === undefined) return object;
      applied.push({ path, rule: 'unwrapped' });
      object = inner;
    }
    return object;
  }

  /** Members under the names of the schema, where they differ in case, hyphens and the like, and one claims each name. */
  #named(given: JsonObject, properties: JsonObject, { path }: Place, applied: Coercion[]): JsonObject {
    const missing = Object.keys(properties).filter((name) => !Object.hasOwn(given, name));
    if (missing.length === 0) return given;
    const claims = new Map<string, string>();
    for (const name of missing) {
      const form = keyForm(name);
      const claimants = Object.keys(given).filter((key) => !Object.hasOwn(properties, key) && keyForm(key) === form);
      const namesakes = Object.keys(properties).filter((other) => keyForm(other) === form);
      if (claimants.length === 1 && namesakes.length === 1 && claimants[0] !== undefined)
        claims.set(claimants[0], name);
    }
    if (claims.size === 0) return given;
    const renamed: Record<string, JsonValue> = {};
    for (const [key, value = null] of Object.entries(given)) {
      const name = claims.get(key);
      if (name !== undefined) applied.push({ path: `${path}/${pointerToken(name)}`, rule: 'key-form' });
      define(renamed, name ?? key, value);
    }
    return renamed;
  }
}

function innerObject(object: JsonObject, properties: JsonObject): JsonObject | undefined {
  const keys = Object.keys(object);
  if (keys.some((key) => Object.hasOwn(properties, key))) return undefined;
  const [key] = keys;
  if (keys.length === 1 && key !== undefined) {
    // Another spelling of a name is that name, and no wrapping.
    if (Object.keys(properties).some((name) => keyForm(name) === keyForm(key))) return undefined;
    return isJsonObject(object[key]) ? object[key] : undefined;
  }
  if (keys.length === 2 && typeof object['name'] === 'string' && 'arguments' in object) {
    const held = object['arguments'];
    const parsed = isJsonObject(held) ? { value: held } : held === undefined ? undefined : jsonOf(held);
    return parsed !== undefined && isJsonObject(parsed.value) ? parsed.value : undefined;
  }
  const isEcho = object['type'] === 'object' && isJsonObject(object['properties']);
  return isEcho && keys.every((name) => SCHEMA_WORDS.has(name)) ? (object['properties'] as JsonObject) : undefined;
}

const SCHEMA_WORDS = new Set([
  'type',
  'properties',
  'required',
  'additionalProperties',
  '$schema',
  'title',
  'description',
  '$id',
]);

/** `{ total: 5 }` or `{ value: 5 }` where `total` wants 5. */
function wrappedValue(value: JsonValue, name: string | undefined): { value: JsonValue } | undefined {
  if (!isJsonObject(value) || name === undefined) return undefined;
  const [[key, inner] = [], ...others] = Object.entries(value);
  if (key === undefined || inner === undefined || others.length > 0 || (key !== name && key !== 'value'))
    return undefined;
  return { value: inner };
}

/** The element of a list that has one, be it several times. */
function onlyElement(value: JsonValue): { value: JsonValue } | undefined {
  if (!Array.isArray(value)) return undefined;
  const elements = value as readonly JsonValue[];
  const [first] = elements;
  if (first === undefined || first === null || elements.length > 1_000) return undefined;
  const form = canonicalJson(first);
  return elements.every((element) => canonicalJson(element) === form) ? { value: first } : undefined;
}

/** What a text holds that is JSON of an object or a list, or a text of such a text. */
function jsonOf(value: JsonValue): { value: JsonValue } | undefined {
  let found = value;
  for (let times = 0; times < 2 && typeof found === 'string'; times += 1) {
    const text = found.trim();
    if (!/^["[{]/.test(text)) return undefined;
    try {
      found = JSON.parse(text) as JsonValue;
    } catch {
      return undefined;
    }
  }
  return typeof found === 'object' && found !== null ? { value: found } : undefined;
}

function keyForm(key: string): string {
  return key
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[\s_\-"'`*:]/g, '');
}

/** As JSON.parse does, which makes `__proto__` a member like any other. */
function define(members: Record<string, JsonValue>, name: string, value: JsonValue): void {
  if (name === '__proto__')
    Object.defineProperty(members, name, { value, enumerable: true, configurable: true, writable: true });
  else members[name] = value;
}
