import type { JsonObject, JsonValue } from '../../json/value.ts';
import type { SchemaConversion } from './schema-to-zod.ts';
import { refuseSchema } from './refuse-schema.ts';
import { wrapCode, type ZodCode } from './zod-code.ts';

export function convertArray(schema: JsonObject, path: string, conversion: SchemaConversion): ZodCode {
  conversion.noteUnsaid(
    schema,
    path,
    ['uniqueItems', 'contains', 'minContains', 'maxContains'].filter((word) => schema[word] !== false),
  );
  const { items, minItems, maxItems } = schema;
  const places = schema['prefixItems'] ?? (Array.isArray(items) ? items : undefined);
  if (Array.isArray(places)) return tuple(places as readonly JsonValue[], schema, path, conversion);
  const bounds = [
    typeof minItems === 'number' && minItems > 0 ? `.min(${minItems})` : '',
    typeof maxItems === 'number' ? `.max(${maxItems})` : '',
  ].join('');
  return wrapCode('z.array', [conversion.convert(items, `${path}/items`)], `)${bounds}`);
}

/** A tuple of zod has all of its places and no more. */
function tuple(places: readonly JsonValue[], schema: JsonObject, path: string, conversion: SchemaConversion): ZodCode {
  const { items, additionalItems, minItems = 0, maxItems } = schema;
  const isClosed = maxItems === places.length || items === false || additionalItems === false;
  if (places.length === 0) return refuseSchema(path, 'prefixItems has no places');
  if (!isClosed || minItems !== places.length)
    conversion.note(path, `zod takes ${places.length} members there, neither fewer nor more`);
  const codes = places.map((place, index) => conversion.convert(place, `${path}/prefixItems/${index}`));
  return wrapCode('z.tuple', [{ open: '[', parts: codes, close: ']' }]);
}
