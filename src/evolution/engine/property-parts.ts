import { canonicalJson } from '../../json/canonical.ts';
import { isSameJson } from '../../json/same-json.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../json/value.ts';
import { ANNOTATIONS } from './annotations.ts';
import type { Budget } from './budget.ts';

/** Whether all documents that the first schema allows are evidently allowed by the second. */
type Includes = (narrow: JsonValue, wide: JsonValue) => boolean;

/**
 * Compares two schemas of very many properties property by property: where each property allows no more than on the other side, and all
 * else is the same, so do the objects. False says nothing. Small parts, which `includes` decides, are asked once for each pair of texts.
 */
export function includesByParts(narrow: JsonValue, wide: JsonValue, includes: Includes, budget: Budget): boolean {
  if (refersElsewhere(narrow, true, budget) || refersElsewhere(wide, true, budget)) return false;
  const known = new Map<string, boolean>();
  const isPart: Includes = (left, right) => {
    budget.spend(2);
    if (left === false || right === true || isSameJson(left, right)) return true;
    if (isJsonObject(left) && isJsonObject(right) && isLarge(left, right)) return isObjectPart(left, right, isPart);
    const key = `${canonicalJson(left)} ${canonicalJson(right)}`;
    budget.spend(key.length >> 5);
    let result = known.get(key);
    if (result === undefined) {
      result =
        (isJsonObject(left) && isJsonObject(right) && isObjectPart(left, right, isPart)) || includes(left, right);
      known.set(key, result);
    }
    return result;
  };
  return isPart(narrow, wide);
}

/** Schemas whose texts are too long to be remembered. */
function isLarge(...schemas: readonly JsonObject[]): boolean {
  return schemas.some(({ properties }) => isJsonObject(properties) && Object.keys(properties).length >= 500);
}

/** Keywords that are compared by what they mean; of all others both schemas must have the same. */
const COMPARED = new Set([
  'properties',
  'additionalProperties',
  'required',
  // Nothing refers to these.
  '$schema',
  '$id',
  'id',
  '$defs',
  'definitions',
]);

function isObjectPart(narrow: JsonObject, wide: JsonObject, isPart: Includes): boolean {
  const [lefts, rights] = [narrow['properties'] ?? {}, wide['properties'] ?? {}];
  if (!isJsonObject(lefts) || !isJsonObject(rights)) return false;
  // What is left unevaluated depends on every property.
  if (wide['unevaluatedProperties'] !== undefined || wide['unevaluatedItems'] !== undefined) return false;
  for (const keyword of new Set([...Object.keys(narrow), ...Object.keys(wide)])) {
    if (ANNOTATIONS.has(keyword) || COMPARED.has(keyword)) continue;
    const [left, right] = [narrow[keyword], wide[keyword]];
    if (left === undefined || right === undefined || !isSameJson(left, right)) return false;
  }
  if (!demandsMore(narrow['required'], wide['required'])) return false;
  const [others, wideOthers] = [narrow['additionalProperties'] ?? true, wide['additionalProperties'] ?? true];
  if (!isPart(others, wideOthers)) return false;
  const hasPatterns = wide['patternProperties'] !== undefined;
  for (const name of new Set([...Object.keys(lefts), ...Object.keys(rights)])) {
    const [left, right] = [own(lefts, name), own(rights, name)];
    // A pattern may say of the name what the other side says by listing it.
    if (hasPatterns && (left === undefined || right === undefined)) return false;
    if (!isPart(left ?? others, right ?? wideOthers)) return false;
  }
  return true;
}

function demandsMore(narrow: JsonValue | undefined, wide: JsonValue | undefined): boolean {
  if (wide === undefined) return true;
  if (!Array.isArray(wide)) return false;
  const names = new Set<JsonValue>(Array.isArray(narrow) ? narrow : []);
  return wide.every((name: JsonValue) => names.has(name));
}

const REFERRING = ['$ref', '$dynamicRef', '$recursiveRef', '$anchor', '$dynamicAnchor', '$recursiveAnchor'];
/** These may stand at the top, as nothing refers to it. */
const NAMING = ['$id', 'id', '$schema'];

/** Whether what a part means may depend on where it stands. */
function refersElsewhere(value: JsonValue, isRoot: boolean, budget: Budget): boolean {
  if (typeof value !== 'object' || value === null) return false;
  budget.spend();
  if (Array.isArray(value)) return value.some((item: JsonValue) => refersElsewhere(item, false, budget));
  if (!isJsonObject(value)) return false;
  const names = isRoot ? REFERRING : [...REFERRING, ...NAMING];
  if (names.some((name) => value[name] !== undefined && !isJsonObject(value[name]))) return true;
  return Object.values(value).some((member) => member !== undefined && refersElsewhere(member, false, budget));
}

function own(members: JsonObject, name: string): JsonValue | undefined {
  return Object.hasOwn(members, name) ? members[name] : undefined;
}
