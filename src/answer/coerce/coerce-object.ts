import { pointerToken } from '../../json/pointer.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../json/value.ts';
import { propertiesOf } from '../schema-view.ts';
import type { Coerced, Coercion } from './coercion.ts';
import { matchKeys } from './match-keys.ts';
import { MAX_LAYERS, NO_LAYERS, onlyOne, prefixed, unchanged, type Coercing, type Place } from './place.ts';
import { readText, takeSingle, unwrapProperty } from './unwrap.ts';
import { wrappedObjects, wrappedText } from './wrapped.ts';

/** Makes an object fit one alternative of its schema, member by member, or finds the one that is wrapped in it. */
export function coerceToObject(place: Place, allowsText: boolean, context: Coercing): Coerced | undefined {
  const { value, schema, path, layers } = place;
  if (typeof value === 'string') return allowsText ? undefined : readText(place, context);
  if (Array.isArray(value)) return onlyOne([...takeSingle(place, context), ...takeBareList(place, context)]);
  if (!isJsonObject(value)) return undefined;
  const direct = coerceMembers(value, place, context);
  if (direct !== undefined) return direct;
  if (layers.objects >= MAX_LAYERS) return undefined;
  const within = { ...layers, objects: layers.objects + 1 };
  const found = wrappedObjects(value, propertiesOf(schema)).flatMap((inner) =>
    prefixed(context.coerce({ ...place, value: inner, layers: within }), { path, rule: 'unwrapped' }),
  );
  const text = wrappedText(value, propertiesOf(schema));
  const read = text === undefined ? undefined : readText({ ...place, value: text, layers: within }, context);
  const isFilled = read !== undefined && isJsonObject(read.value) && Object.keys(read.value).length > 0;
  if (isFilled) found.push(...prefixed(read, { path, rule: 'unwrapped' }));
  return onlyOne([...found, ...unwrapProperty(place, context)]);
}

function coerceMembers(value: JsonObject, { schema, path }: Place, context: Coercing): Coerced | undefined {
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
      ? context.coerce({ value: member, schema: own, path: at, name, layers: NO_LAYERS })
      : unchanged(member);
    if (coerced === undefined) return undefined;
    coercions.push(...coerced.coercions);
    members.push([name, coerced.value]);
  }
  return coercions.length === 0 ? unchanged(value) : { value: Object.fromEntries(members), coercions };
}

/** A list where an object is wanted that holds nothing but one. */
function takeBareList(place: Place, context: Coercing): Coerced[] {
  const { value, schema, path } = place;
  const [only, ...others] = Object.entries(propertiesOf(schema));
  if (only === undefined || others.length > 0) return [];
  const [name, own] = only;
  if (!context.view.branches(own).some(({ type }) => type === 'array')) return [];
  const at = `${path}/${pointerToken(name)}`;
  const list = context.coerce({ value, schema: own, path: at, layers: NO_LAYERS });
  return prefixed(list && { ...list, value: { [name]: list.value } }, { path, rule: 'bare-list' });
}
