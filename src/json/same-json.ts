import type { JsonValue } from './value.ts';

/**
 * Whether a value of any kind is JSON, plain all through, and equal to another that is; the order of members does not count.
 * Objects of classes, those with a member `__proto__`, and numbers that JSON does not have, are equal to nothing.
 */
export function isSameJson(given: unknown, json: JsonValue | undefined): boolean {
  switch (typeof given) {
    case 'string':
    case 'boolean':
      return given === json;
    case 'number':
      return given === json && Number.isFinite(given);
    case 'object':
      if (given === null || typeof json !== 'object' || json === null) return given === json;
      return Array.isArray(given) ? isSameList(given, json) : isSameObject(given as Members, json as Members);
    default:
      return false;
  }
}

type Members = Readonly<Record<string, JsonValue>>;

function isSameList(given: readonly unknown[], json: object): boolean {
  if (!Array.isArray(json) || given.length !== json.length) return false;
  for (let index = 0; index < given.length; index += 1) {
    if (!isSameJson(given[index], json[index] as JsonValue)) return false;
  }
  return true;
}

function isSameObject(given: Members, json: Members): boolean {
  const prototype: unknown = Object.getPrototypeOf(given);
  if ((prototype !== Object.prototype && prototype !== null) || Array.isArray(json)) return false;
  // Half the cost of lists of keys, for every record. What `json` inherits is no JSON, but for the prototype itself.
  let surplus = 0;
  for (const key in given) {
    if (key === '__proto__' || !isSameJson(given[key], json[key])) return false;
    surplus += 1;
  }
  for (const _key in json) surplus -= 1;
  return surplus === 0;
}
