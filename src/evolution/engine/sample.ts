import { isSameJson } from '../../json/same-json.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../json/value.ts';
import type { Budget } from './budget.ts';

/** Objects with fewer properties are read as they are. */
const MANY_PROPERTIES = 500;
/** Edited properties that are looked at first. */
const MAX_EDITED = 8;

interface Pair<Value> {
  readonly left: Value;
  readonly right: Value;
}

export type Sample = Pair<JsonValue>;

/**
 * Two schemas without most properties of their large objects: of those the required ones and the first few edited ones are
 * left. A document that tells the samples apart most often tells the schemas apart too, and is found in a fraction of the
 * time; whoever finds one has to validate it against the schemas. Undefined where no object is large.
 */
export function sampleOf(left: JsonValue, right: JsonValue, budget: Budget): Sample | undefined {
  if (!isJsonObject(left) || !isJsonObject(right)) return undefined;
  const sample = sampleSchemas({ left, right }, budget);
  return sample.left === left && sample.right === right ? undefined : sample;
}

function sampleSchemas({ left, right }: Pair<JsonObject>, budget: Budget): Pair<JsonObject> {
  let pair = { left, right };
  for (const keyword of ['properties', '$defs', 'definitions']) {
    const [lefts, rights] = [left[keyword], right[keyword]];
    if (!isJsonObject(lefts) || !isJsonObject(rights)) continue;
    const members = { left: lefts, right: rights };
    const kept = keyword === 'properties' ? withoutMost(members, requiredNames(left, right), budget) : members;
    const sampled = sampleMembers(kept, budget);
    if (sampled.left !== lefts) pair = { ...pair, left: { ...pair.left, [keyword]: sampled.left } };
    if (sampled.right !== rights) pair = { ...pair, right: { ...pair.right, [keyword]: sampled.right } };
  }
  return pair;
}

function withoutMost(members: Pair<JsonObject>, required: ReadonlySet<string>, budget: Budget): Pair<JsonObject> {
  const names = new Set([...Object.keys(members.left), ...Object.keys(members.right)]);
  if (names.size < MANY_PROPERTIES) return members;
  let edited = 0;
  const kept: string[] = [];
  for (const name of names) {
    const isRequired = required.has(name);
    if (!isRequired && edited === MAX_EDITED) continue;
    budget.spend();
    if (!isRequired && isSame(memberOf(members.left, name), memberOf(members.right, name))) continue;
    if (!isRequired) edited += 1;
    kept.push(name);
  }
  return { left: onlyNamed(kept, members.left), right: onlyNamed(kept, members.right) };
}

/** Samples what stands in both under the same name. */
function sampleMembers(members: Pair<JsonObject>, budget: Budget): Pair<JsonObject> {
  const lefts = new Map<string, JsonValue>();
  const rights = new Map<string, JsonValue>();
  for (const name of Object.keys(members.left)) {
    const [left, right] = [memberOf(members.left, name), memberOf(members.right, name)];
    if (!isJsonObject(left) || !isJsonObject(right)) continue;
    budget.spend();
    const sampled = sampleSchemas({ left, right }, budget);
    if (sampled.left !== left) lefts.set(name, sampled.left);
    if (sampled.right !== right) rights.set(name, sampled.right);
  }
  return { left: withThese(members.left, lefts), right: withThese(members.right, rights) };
}

function withThese(members: JsonObject, replaced: ReadonlyMap<string, JsonValue>): JsonObject {
  return replaced.size === 0 ? members : { ...members, ...Object.fromEntries(replaced) };
}

function onlyNamed(names: readonly string[], members: JsonObject): JsonObject {
  return Object.fromEntries(names.filter((name) => Object.hasOwn(members, name)).map((name) => [name, members[name]]));
}

function requiredNames(...schemas: readonly JsonObject[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { required } of schemas) {
    for (const name of Array.isArray(required) ? (required as readonly JsonValue[]) : [])
      if (typeof name === 'string') names.add(name);
  }
  return names;
}

function memberOf(members: JsonObject, name: string): JsonValue | undefined {
  return Object.hasOwn(members, name) ? members[name] : undefined;
}

function isSame(left: JsonValue | undefined, right: JsonValue | undefined): boolean {
  return left === undefined || right === undefined ? left === right : isSameJson(left, right);
}
