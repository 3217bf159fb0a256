import { canonicalJson } from '../../json/canonical.ts';
import { findLoss } from '../../json/find-loss.ts';
import { pointerToken } from '../../json/pointer.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../json/value.ts';
import { isNestedDeeper } from '../json-spans.ts';
import { propertiesOf, SchemaView } from '../schema-view.ts';
import { coerceScalar } from './coerce-scalar.ts';
import { matchKeys } from './match-keys.ts';
import { wrappedBy, wrappedObjects, wrappedText } from './wrapped.ts';
import { membersOf } from './fits-scalar.ts';
import type { Coerced, Coercion, CoercionRule } from './coercion.ts';

/** Bounds the work on answers that branch without end; what ordinary ones take is thousands of times less. */
const MAX_STEPS = 200_000;
/** Layers of one kind around a value: a text within a text, an object within an object. */
const MAX_LAYERS = 2;
const MAX_NESTING = 200;

/** Layers that were taken off a value already. */
interface Layers {
  texts: number;
  objects: number;
}

const NO_LAYERS: Layers = { texts: 0, objects: 0 };

/**
 * Makes a value fit a schema where only its form keeps it from that: a number written as text, a member of a closed set in other
 * case, an object within another. Acts only where the value does not fit, where exactly one reading exists, and where nothing that
 * the model wrote is lost but notation. Undefined where the value fits as it is, or cannot be made to.
 */
export function coerceAnswer(value: JsonValue, schema: JsonObject): Coerced | undefined {
  let coerced: Coerced | undefined;
  try {
    coerced = new Coercer(SchemaView.of(schema)).coerce({ value, schema, path: '', layers: NO_LAYERS });
  } catch (error) {
    if (error instanceof TooMuchWork || error instanceof RangeError) return undefined;
    throw error;
  }
  return coerced === undefined || coerced.coercions.length === 0 ? undefined : coerced;
}

class TooMuchWork extends Error {}

interface Place {
  value: JsonValue;
  schema: JsonObject;
  path: string;
  /** The property that the value is of; undefined for items and the root. */
  name?: string;
  layers: Layers;
}

class Coercer {
  readonly #view: SchemaView;
  #steps = 0;

  constructor(view: SchemaView) {
    this.#view = view;
  }

  /** The value as it fits; undefined where it does not. */
  coerce(place: Place): Coerced | undefined {
    this.#steps += 1;
    if (this.#steps > MAX_STEPS) throw new TooMuchWork();
    const branches = this.#view.branches(place.schema);
    const allowsText = branches.some((branch) => isText(branch));
    const found: Coerced[] = [];
    for (const schema of branches) {
      const coerced = this.#coerceTo({ ...place, schema }, allowsText);
      if (coerced === undefined) continue;
      if (coerced.coercions.length === 0) return coerced;
      found.push(coerced);
    }
    return onlyOne(found);
  }

  #coerceTo(place: Place, allowsText: boolean): Coerced | undefined {
    const { value, schema, path } = place;
    const { type } = schema;
    if (type === undefined && membersOf(schema) === undefined && schema['properties'] === undefined)
      return unchanged(value);
    if (type === 'object' || (type === undefined && schema['properties'] !== undefined))
      return this.#coerceToObject(place, allowsText);
    if (type === 'array') return this.#coerceToList(place, allowsText);
    const scalar = isScalar(value) ? coerceScalar(value, schema, { allowsText }) : undefined;
    if (scalar !== undefined)
      return { value: scalar.value, coercions: scalar.rule === undefined ? [] : [{ path, rule: scalar.rule }] };
    return onlyOne([...this.#unwrapProperty(place), ...this.#takeSingle(place)]);
  }

  #coerceToObject(place: Place, allowsText: boolean): Coerced | undefined {
    const { value, schema, path, layers } = place;
    if (typeof value === 'string') return allowsText ? undefined : this.#readText(place);
    if (Array.isArray(value)) return onlyOne([...this.#takeSingle(place), ...this.#takeBareList(place)]);
    if (!isJsonObject(value)) return undefined;
    const direct = this.#coerceMembers(value, place);
    if (direct !== undefined) return direct;
    if (layers.objects >= MAX_LAYERS) return undefined;
    const within = { ...layers, objects: layers.objects + 1 };
    const found = wrappedObjects(value, propertiesOf(schema)).flatMap((inner) =>
      prefixed(this.coerce({ ...place, value: inner, layers: within }), { path, rule: 'unwrapped' }),
    );
    const text = wrappedText(value, propertiesOf(schema));
    const read = text === undefined ? undefined : this.#readText({ ...place, value: text, layers: within });
    const isFilled = read !== undefined && isJsonObject(read.value) && Object.keys(read.value).length > 0;
    if (isFilled) found.push(...prefixed(read, { path, rule: 'unwrapped' }));
    return onlyOne([...found, ...this.#unwrapProperty(place)]);
  }

  #coerceMembers(value: JsonObject, { schema, path }: Place): Coerced | undefined {
    const properties = propertiesOf(schema);
    const { required, additionalProperties: additional } = schema;
    const requiredNames: readonly unknown[] = Array.isArray(required) ? required : [];
    const isOpen = additional !== undefined && additional !== false;
    // What an open object does not declare is data; only what it demands can have been meant by another name.
    const wanted = Object.keys(properties).filter((name) => !isOpen || requiredNames.includes(name));
    const names = matchKeys(value, { properties, wanted });
    const missing = Object.keys(properties).filter(
      (name) => !Object.hasOwn(value, name) && ![...names.values()].includes(name),
    );
    if (missing.some((name) => requiredNames.includes(name))) return undefined;
    const coercions: Coercion[] = [];
    const members: [string, JsonValue][] = [];
    for (const [key, member] of Object.entries(value)) {
      if (member === undefined) continue;
      const name = names.get(key) ?? key;
      const isDeclared = Object.hasOwn(properties, name);
      if (!isDeclared && !isOpen && (additional === false || missing.length > 0)) return undefined;
      const at = `${path}/${pointerToken(name)}`;
      if (name !== key) coercions.push({ path: at, rule: 'key-form' });
      const own = isDeclared ? properties[name] : additional;
      const coerced = isJsonObject(own)
        ? this.coerce({ value: member, schema: own, path: at, name, layers: NO_LAYERS })
        : unchanged(member);
      if (coerced === undefined) return undefined;
      coercions.push(...coerced.coercions);
      members.push([name, coerced.value]);
    }
    return coercions.length === 0 ? unchanged(value) : { value: Object.fromEntries(members), coercions };
  }

  #coerceToList(place: Place, allowsText: boolean): Coerced | undefined {
    const { value, schema, path, layers } = place;
    if (typeof value === 'string' && !allowsText) {
      const read = this.#readText(place);
      if (read !== undefined) return read;
    }
    if (!Array.isArray(value)) return onlyOne([...this.#unwrapProperty(place), ...this.#listOfOne(place)]);
    const list = value as readonly JsonValue[];
    const { items, prefixItems, minItems, maxItems } = schema;
    if (typeof minItems === 'number' && list.length < minItems) return undefined;
    if (typeof maxItems === 'number' && list.length > maxItems) return undefined;
    const coercions: Coercion[] = [];
    const coerced: JsonValue[] = [];
    for (const [index, item] of list.entries()) {
      const own: unknown = Array.isArray(prefixItems) ? (prefixItems[index] ?? items) : items;
      const one = isJsonObject(own)
        ? this.coerce({
            value: item,
            schema: own,
            path: `${path}/${index}`,
            layers: { ...NO_LAYERS, texts: layers.texts },
          })
        : unchanged(item);
      if (one === undefined) return undefined;
      coercions.push(...one.coercions);
      coerced.push(one.value);
    }
    return coercions.length === 0 ? unchanged(value) : { value: coerced, coercions };
  }

  /** One value for a list of such: a free text may hold several. */
  #listOfOne({ value, schema, path }: Place): Coerced[] {
    const { items, minItems } = schema;
    if (value === null || !isJsonObject(items) || (typeof minItems === 'number' && minItems > 1)) return [];
    if (typeof value === 'string' && this.#view.branches(items).some((branch) => isText(branch))) return [];
    const item = this.coerce({ value, schema: items, path: `${path}/0`, layers: NO_LAYERS });
    return item === undefined || item.coercions.length > 0
      ? []
      : [{ value: [item.value], coercions: [{ path, rule: 'list-of-one' }] }];
  }

  /** The one element of a list, however often it stands there. */
  #takeSingle(place: Place): Coerced[] {
    const { value, path } = place;
    if (!Array.isArray(value)) return [];
    const [element] = value as readonly JsonValue[];
    if (element === undefined || Array.isArray(element) || new Set(value.map(canonicalJson)).size !== 1) return [];
    return prefixed(this.coerce({ ...place, value: element }), { path, rule: 'one-of-list' });
  }

  /** A list where an object is wanted that holds nothing but one. */
  #takeBareList(place: Place): Coerced[] {
    const { value, schema, path } = place;
    const [only, ...others] = Object.entries(propertiesOf(schema));
    if (only === undefined || others.length > 0) return [];
    const [name, own] = only;
    if (!this.#view.branches(own).some(({ type }) => type === 'array')) return [];
    const at = `${path}/${pointerToken(name)}`;
    const list = this.coerce({ value, schema: own, path: at, layers: NO_LAYERS });
    return prefixed(list && { ...list, value: { [name]: list.value } }, { path, rule: 'bare-list' });
  }

  /** `{ total: { total: 3 } }` and `{ total: { value: 3 } }`. */
  #unwrapProperty(place: Place): Coerced[] {
    const { value, name, path, layers } = place;
    if (name === undefined || layers.objects >= MAX_LAYERS) return [];
    const inner = wrappedBy(value, name, propertiesOf(place.schema));
    if (inner === undefined) return [];
    return prefixed(this.coerce({ ...place, value: inner, layers: { ...layers, objects: layers.objects + 1 } }), {
      path,
      rule: 'unwrapped',
    });
  }

  #readText(place: Place): Coerced | undefined {
    const { value, path, layers } = place;
    if (typeof value !== 'string' || layers.texts >= MAX_LAYERS || !/^\s*["{[]/.test(value)) return undefined;
    const read = parseStrictly(value);
    if (read === undefined) return undefined;
    const within = { ...layers, texts: layers.texts + 1 };
    return prefixed(this.coerce({ ...place, value: read, layers: within }), { path, rule: 'json-text' })[0];
  }
}

function parseStrictly(text: string): JsonValue | undefined {
  if (isNestedDeeper(text, MAX_NESTING)) return undefined;
  try {
    const value = JSON.parse(text) as JsonValue;
    return findLoss(text, value) === undefined ? value : undefined;
  } catch {
    return undefined;
  }
}

function prefixed(coerced: Coerced | undefined, { path, rule }: { path: string; rule: CoercionRule }): Coerced[] {
  return coerced === undefined ? [] : [{ value: coerced.value, coercions: [{ path, rule }, ...coerced.coercions] }];
}

/** Two readings with one result are one. */
function onlyOne(found: readonly Coerced[]): Coerced | undefined {
  const [first, ...others] = found;
  if (first === undefined || others.length === 0) return first;
  const text = canonicalJson(first.value);
  return others.every(({ value }) => canonicalJson(value) === text) ? first : undefined;
}

function unchanged(value: JsonValue): Coerced {
  return { value, coercions: [] };
}

function isScalar(value: JsonValue): boolean {
  return typeof value !== 'object' || value === null;
}

/** Whether an alternative takes texts of any words. */
function isText(schema: JsonObject): boolean {
  return (
    (schema['type'] === 'string' || schema['type'] === undefined) &&
    membersOf(schema) === undefined &&
    schema['properties'] === undefined
  );
}
