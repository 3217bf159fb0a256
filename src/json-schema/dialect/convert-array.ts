import type { JsonObject, JsonValue } from '../../json/value.ts';
import type { Conversion, Convert, Part } from './conversion.ts';
import { joinBranches, unwrapped } from './convert-union.ts';
import { shortName, type MutableSchema } from './words.ts';

/** Converts what a schema says of arrays. */
export function convertArray(conversion: Conversion, convert: Convert, schema: JsonObject, path: string): Part {
  const { items, prefixItems, minItems, maxItems } = schema;
  const { sent, words } = Array.isArray(prefixItems)
    ? convertTuple(conversion, convert, prefixItems as readonly JsonValue[], items, path)
    : { sent: items === undefined ? {} : convertItems(convert, items, path), words: [] };
  if (typeof minItems === 'number' && minItems > 0) sent['minItems'] = minItems;
  if (typeof maxItems === 'number') sent['maxItems'] = Math.min(maxItems, Number(sent['maxItems'] ?? maxItems));
  return { sent, words };
}

function convertItems(convert: Convert, items: JsonValue, path: string): MutableSchema {
  const converted = convert(items, `${path}/items`);
  if (converted === undefined) return { maxItems: 0 };
  return Object.keys(converted).length > 0 ? { items: converted } : {};
}

/** Positions cannot be told apart in both dialects: any of the types may stand anywhere, and words name the order. */
function convertTuple(
  conversion: Conversion,
  convert: Convert,
  positions: readonly JsonValue[],
  rest: JsonValue | undefined,
  path: string,
): Part {
  const converted = positions.map((position, index) => convert(position, `${path}/prefixItems/${index}`) ?? {});
  const others = rest === false ? [] : [convert(rest ?? true, `${path}/items`) ?? {}];
  const item = joinBranches(conversion, [...converted, ...others].flatMap(unwrapped), {}, path);
  const sent: MutableSchema = item !== undefined && Object.keys(item).length > 0 ? { items: item } : {};
  if (rest === false) sent['maxItems'] = positions.length;
  const order = converted.map((position) => shortName(position)).join(', ');
  const text = `in this order: ${order}${rest === false ? '' : ', then any number more'}`;
  return { sent, words: [conversion.describe(path, 'prefixItems', text)] };
}
