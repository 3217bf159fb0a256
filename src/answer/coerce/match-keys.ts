import type { JsonObject } from '../../json/value.ts';
import { foldName } from '../fold-name.ts';

/**
 * Tells which members of an object are declared properties in other case or with other separators, by their keys. Only those whose
 * property is absent, with one claimant each way: no second member and no second property of the same form.
 */
export function matchKeys(
  value: JsonObject,
  { properties, wanted }: { properties: Readonly<Record<string, JsonObject>>; wanted: readonly string[] },
): ReadonlyMap<string, string> {
  const matches = new Map<string, string>();
  const unknown = Object.keys(value).filter((key) => !Object.hasOwn(properties, key));
  if (unknown.length === 0) return matches;
  const declared = countForms(Object.keys(properties));
  const given = countForms(Object.keys(value));
  for (const name of wanted) {
    const form = foldName(name);
    if (form === '' || Object.hasOwn(value, name) || declared.get(form) !== 1 || given.get(form) !== 1) continue;
    const key = unknown.find((one) => foldName(one) === form);
    if (key !== undefined) matches.set(key, name);
  }
  return matches;
}

function countForms(names: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(foldName(name), (counts.get(foldName(name)) ?? 0) + 1);
  return counts;
}
