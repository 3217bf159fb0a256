import { isJsonObject, type JsonObject, type JsonValue } from '../../json/value.ts';
import { propertyPath, type Conversion, type Convert, type Part } from './conversion.ts';
import { LONGEST_SPELLED_PATTERN } from './keyword-table.ts';
import { listValues, type MutableSchema } from './words.ts';

/** Converts what a schema says of objects. */
export function convertObject(conversion: Conversion, convert: Convert, schema: JsonObject, path: string): Part {
  const { properties, additionalProperties: extra, propertyNames, required } = schema;
  const keys = enumeratedKeys(propertyNames);
  if (keys !== undefined && properties === undefined && extra !== undefined) {
    // A record over a closed list of keys is an object with these properties.
    const values = keys.map((key) => [key, convert(extra, `${path}/additionalProperties`) ?? {}] as const);
    const sent: MutableSchema = { properties: Object.fromEntries(values) };
    if (Array.isArray(required)) sent['required'] = required;
    return { sent: { ...sent, additionalProperties: false }, words: [] };
  }
  const converted = isJsonObject(properties) ? convertProperties(convert, properties, path) : undefined;
  const sent: MutableSchema = {};
  if (converted !== undefined) sent['properties'] = converted.sent;
  if (Array.isArray(required)) {
    // An object that needs a key which nothing fits can have no valid document, so leaving it open is no matter.
    const names = required.filter((name: JsonValue) => converted?.never.has(String(name)) !== true);
    if (names.length > 0) sent['required'] = names;
  }
  Object.assign(sent, convertExtra(conversion, convert, schema, path));
  return { sent, words: keyWords(conversion, propertyNames, keys, path) };
}

function convertProperties(
  convert: Convert,
  properties: JsonObject,
  path: string,
): { sent: JsonObject; never: Set<string> } {
  const sent = new Map<string, JsonValue>();
  const never = new Set<string>();
  for (const [name, child] of Object.entries(properties)) {
    const converted = convert(child, propertyPath(path, name));
    if (converted === undefined) never.add(name);
    else sent.set(name, converted);
  }
  // fromEntries defines own properties, so a field named __proto__ survives.
  return { sent: Object.fromEntries(sent), never };
}

/** Further keys; beside patterns of keys they cannot be told, as the patterns are not sent. */
function convertExtra(conversion: Conversion, convert: Convert, schema: JsonObject, path: string): MutableSchema {
  const { properties, additionalProperties: extra, patternProperties } = schema;
  if (extra === undefined) return {};
  const converted = convert(extra, `${path}/additionalProperties`);
  if (converted === undefined) return patternProperties === undefined ? { additionalProperties: false } : {};
  if (Object.keys(converted).length > 0) {
    return patternProperties === undefined ? { additionalProperties: converted } : {};
  }
  if (!isJsonObject(properties) || Object.keys(properties).length === 0) return { additionalProperties: true };
  conversion.lose(path, 'additionalProperties', 'dropped', 'further keys are allowed, but not asked for', false);
  return {};
}

function keyWords(
  conversion: Conversion,
  propertyNames: JsonValue | undefined,
  keys: readonly string[] | undefined,
  path: string,
): string[] {
  if (!isJsonObject(propertyNames)) return [];
  const { pattern } = propertyNames;
  if (keys !== undefined) return [conversion.describe(path, 'propertyNames', `keys are ${listValues(keys)}`)];
  if (typeof pattern === 'string' && pattern.length <= LONGEST_SPELLED_PATTERN) {
    return [conversion.describe(path, 'propertyNames', `keys match /${pattern}/`)];
  }
  if (Object.keys(propertyNames).some((keyword) => keyword !== 'type')) {
    conversion.lose(path, 'propertyNames', 'dropped', 'keys cannot be constrained');
  }
  return [];
}

function enumeratedKeys(propertyNames: JsonValue | undefined): string[] | undefined {
  if (!isJsonObject(propertyNames)) return undefined;
  const listed = propertyNames['const'] === undefined ? propertyNames['enum'] : [propertyNames['const']];
  if (!Array.isArray(listed) || listed.length === 0) return undefined;
  const keys = listed.filter((key): key is string => typeof key === 'string');
  return keys.length === listed.length ? keys : undefined;
}
