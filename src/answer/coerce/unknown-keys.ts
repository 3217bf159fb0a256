import { pointerToken } from '../../json/pointer.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../json/value.ts';
import { fits, optionsOf, resolved } from './fits.ts';

/** A member that the schema would drop, in an object that lacks one that the schema knows: the one may be the other under another name. */
export interface UnknownKey {
  /** JSON pointer to the object. */
  path: string;
  missing: string;
}

const MAX_DEPTH = 60;

/**
 * Finds an object of an answer that has members nobody knows while one that is known is missing. Where all that is known is there, more is more,
 * and is dropped as zod does. Objects that keep what they do not know lose nothing.
 */
export function findUnknownKey(value: JsonValue, schema: JsonObject): UnknownKey | undefined {
  return search(value, schema, { root: schema, path: '', depth: 0 });
}

interface Place {
  root: JsonObject;
  path: string;
  depth: number;
}

function search(value: JsonValue, given: JsonValue | undefined, place: Place): UnknownKey | undefined {
  const node = resolved(given, place.root);
  if (node === undefined || place.depth > MAX_DEPTH || typeof value !== 'object' || value === null) return undefined;
  const options = optionsOf(node, place.root);
  if (options.length !== 1) {
    // It is as one of the alternatives that it was taken.
    let found: UnknownKey | undefined;
    for (const option of options) {
      if (!fits(value, option, place.root)) continue;
      const unknown = search(value, option, { ...place, depth: place.depth + 1 });
      if (unknown === undefined) return undefined;
      found ??= unknown;
    }
    return found;
  }
  if (Array.isArray(value)) {
    for (const [at, item] of (value as readonly JsonValue[]).entries()) {
      const unknown = search(item, node['items'], deeper(place, String(at)));
      if (unknown !== undefined) return unknown;
    }
    return undefined;
  }
  return isJsonObject(value) ? searchObject(value, node, place) : undefined;
}

function searchObject(value: JsonObject, node: JsonObject, place: Place): UnknownKey | undefined {
  const { properties, additionalProperties, patternProperties } = node;
  if (!isJsonObject(properties)) return undefined;
  const keeps =
    (additionalProperties !== undefined && additionalProperties !== false) || patternProperties !== undefined;
  if (!keeps) {
    const missing = Object.keys(properties).find((name) => !Object.hasOwn(value, name));
    if (missing !== undefined && Object.keys(value).some((key) => !Object.hasOwn(properties, key))) {
      return { path: place.path, missing };
    }
  }
  for (const [name, schema] of Object.entries(properties)) {
    if (!Object.hasOwn(value, name)) continue;
    const unknown = search(value[name] ?? null, schema, deeper(place, pointerToken(name)));
    if (unknown !== undefined) return unknown;
  }
  return undefined;
}

function deeper({ root, path, depth }: Place, token: string): Place {
  return { root, path: `${path}/${token}`, depth: depth + 1 };
}
