import { isJsonObject, type JsonValue } from '../../json/value.ts';
import type { Coerced, Coercion } from './coercion.ts';
import { isText, NO_LAYERS, onlyOne, unchanged, type Coercing, type Place } from './place.ts';
import { readText, unwrapProperty } from './unwrap.ts';

/** Makes a list fit one alternative of its schema, item by item, or a list of the one value that stands in its place. */
export function coerceToList(place: Place, allowsText: boolean, context: Coercing): Coerced | undefined {
  const { value, schema, path, layers } = place;
  if (typeof value === 'string' && !allowsText) {
    const read = readText(place, context);
    if (read !== undefined) return read;
  }
  if (!Array.isArray(value)) return onlyOne([...unwrapProperty(place, context), ...listOfOne(place, context)]);
  const list = value as readonly JsonValue[];
  const { items, prefixItems, minItems, maxItems } = schema;
  if (typeof minItems === 'number' && list.length < minItems) return undefined;
  if (typeof maxItems === 'number' && list.length > maxItems) return undefined;
  const coercions: Coercion[] = [];
  const coerced: JsonValue[] = [];
  for (const [index, item] of list.entries()) {
    const own: unknown = Array.isArray(prefixItems) ? (prefixItems[index] ?? items) : items;
    const one = isJsonObject(own)
      ? context.coerce({
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
function listOfOne({ value, schema, path }: Place, context: Coercing): Coerced[] {
  const { items, minItems } = schema;
  if (value === null || !isJsonObject(items) || (typeof minItems === 'number' && minItems > 1)) return [];
  if (typeof value === 'string' && context.view.branches(items).some((branch) => isText(branch))) return [];
  const item = context.coerce({ value, schema: items, path: `${path}/0`, layers: NO_LAYERS });
  return item === undefined || item.coercions.length > 0
    ? []
    : [{ value: [item.value], coercions: [{ path, rule: 'list-of-one' }] }];
}
