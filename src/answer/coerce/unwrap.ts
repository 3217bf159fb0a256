import { canonicalJson } from '../../json/canonical.ts';
import { findLoss } from '../../json/find-loss.ts';
import type { JsonValue } from '../../json/value.ts';
import { isNestedDeeper } from '../json-spans.ts';
import { propertiesOf } from '../schema-view.ts';
import type { Coerced } from './coercion.ts';
import { MAX_LAYERS, prefixed, type Coercing, type Place } from './place.ts';
import { wrappedBy } from './wrapped.ts';

const MAX_NESTING = 200;

/** The one element of a list, however often it stands there. */
export function takeSingle(place: Place, context: Coercing): Coerced[] {
  const { value, path } = place;
  if (!Array.isArray(value)) return [];
  const [element] = value as readonly JsonValue[];
  if (element === undefined || Array.isArray(element) || new Set(value.map(canonicalJson)).size !== 1) return [];
  return prefixed(context.coerce({ ...place, value: element }), { path, rule: 'one-of-list' });
}

/** `{ total: { total: 3 } }` and `{ total: { value: 3 } }`. */
export function unwrapProperty(place: Place, context: Coercing): Coerced[] {
  const { value, name, path, layers } = place;
  if (name === undefined || layers.objects >= MAX_LAYERS) return [];
  const inner = wrappedBy(value, name, propertiesOf(place.schema));
  if (inner === undefined) return [];
  return prefixed(context.coerce({ ...place, value: inner, layers: { ...layers, objects: layers.objects + 1 } }), {
    path,
    rule: 'unwrapped',
  });
}

/** A text that is JSON, where an object or a list is wanted. */
export function readText(place: Place, context: Coercing): Coerced | undefined {
  const { value, path, layers } = place;
  if (typeof value !== 'string' || layers.texts >= MAX_LAYERS || !/^\s*["{[]/.test(value)) return undefined;
  const read = parseStrictly(value);
  if (read === undefined) return undefined;
  const within = { ...layers, texts: layers.texts + 1 };
  return prefixed(context.coerce({ ...place, value: read, layers: within }), { path, rule: 'json-text' })[0];
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
