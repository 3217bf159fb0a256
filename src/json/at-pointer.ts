import { pointerTokens } from './pointer.ts';
import { isJsonObject, type JsonObject, type JsonValue } from './value.ts';

/** The value that a JSON pointer leads to; undefined where there is none. */
export function valueAt(data: JsonValue, pointer: string): JsonValue | undefined {
  let value: JsonValue | undefined = data;
  for (const token of pointerTokens(pointer)) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, token)) return undefined;
    // A list has a length of its own, which is no member.
    if (Array.isArray(value) && !/^\d+$/.test(token)) return undefined;
    value = (value as JsonObject)[token];
  }
  return value;
}

/** The same data with another value in one place; undefined where the pointer leads nowhere. A last member need not exist. */
export function withValueAt(data: JsonValue, pointer: string, value: JsonValue): JsonValue | undefined {
  return replaced(data, pointerTokens(pointer), value);
}

function replaced(data: JsonValue, [token, ...rest]: readonly string[], value: JsonValue): JsonValue | undefined {
  if (token === undefined) return value;
  if (Array.isArray(data)) {
    const items = data as readonly JsonValue[];
    const at = Number(token);
    const item = items[at];
    if (!/^\d+$/.test(token) || item === undefined) return undefined;
    const inside = replaced(item, rest, value);
    return inside === undefined ? undefined : items.map((other, index) => (index === at ? inside : other));
  }
  if (!isJsonObject(data)) return undefined;
  const inside = rest.length === 0 ? value : replaced(data[token] ?? null, rest, value);
  if (inside === undefined) return undefined;
  // fromEntries defines own properties, so a member named __proto__ survives.
  const members = Object.entries(data).map(([key, member]) => [key, key === token ? inside : member]);
  if (!Object.hasOwn(data, token)) members.push([token, inside]);
  return Object.fromEntries(members) as JsonObject;
}
