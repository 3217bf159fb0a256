import { isJsonObject, type JsonObject, type JsonValue } from '../../json/value.ts';
import { unionOptions, type UnionOption } from '../engine/union-options.ts';
import { mapOf, requiredNames } from './compare-properties.ts';
import { listedValues } from './compare-values.ts';
import { inside, mixed, NARROWS, WIDENS, type Place, type Walk } from './walk.ts';

/** An alternative with what its reference leads to. */
interface Option extends UnionOption {
  readonly target: JsonValue;
}

/** Whether two schemas are compared as choices: both are nothing else, or one is and the other has no choice in it. */
export function isComparedAsUnion(before: JsonObject, after: JsonObject): boolean {
  if (!mayBeUnion(before) && !mayBeUnion(after)) return false;
  const counts = [unionOptions(before).length, unionOptions(after).length];
  if (counts.every((count) => count > 1)) return true;
  return counts.some((count) => count > 1) && [before, after].some((schema) => unionKeywords(schema).length === 0);
}

function mayBeUnion({ anyOf, oneOf, type }: JsonObject): boolean {
  return anyOf !== undefined || oneOf !== undefined || Array.isArray(type);
}

function unionKeywords(schema: JsonObject): readonly ('anyOf' | 'oneOf')[] {
  return (['anyOf', 'oneOf'] as const).filter((keyword) => Array.isArray(schema[keyword]));
}

/** Compares schemas that are choices, or of which one is. */
export function compareUnions(walk: Walk, before: JsonObject, after: JsonObject, place: Place): void {
  compareOptions(walk, unionOptions(before), unionOptions(after), {
    place,
    wasExact: before['oneOf'] !== undefined,
    isExact: after['oneOf'] !== undefined,
  });
}

/** Compares `anyOf` and `oneOf` beside other keywords, or with a single alternative. */
export function compareAlternatives(walk: Walk, before: JsonObject, after: JsonObject, place: Place): void {
  const [left, right] = [unionKeywords(before), unionKeywords(after)];
  const isTurned = left.length === 1 && right.length === 1 && left[0] !== right[0];
  for (const keyword of isTurned ? left : (['anyOf', 'oneOf'] as const)) {
    const other = isTurned ? (right[0] ?? keyword) : keyword;
    const [old, now] = [before[keyword], after[other]];
    if (old === undefined && now === undefined) continue;
    if (!Array.isArray(old) || !Array.isArray(now)) {
      if (!walk.isSame(old, now))
        walk.note(
          'keyword-changed',
          inside(place, keyword),
          old,
          now,
          old === undefined ? NARROWS : now === undefined ? WIDENS : undefined,
        );
      continue;
    }
    compareOptions(walk, optionsOf(keyword, old), optionsOf(other, now), {
      place,
      wasExact: keyword === 'oneOf',
      isExact: other === 'oneOf',
    });
  }
}

function optionsOf(keyword: string, members: readonly JsonValue[]): UnionOption[] {
  return members.map((schema, index) => {
    const path = [keyword, String(index)];
    return { schema, path, place: path };
  });
}

/**
 * Pairs alternatives that are equal, best at the same place, then those with the same discriminator, then those of a type that only they are of,
 * then those of the same type at the same place.
 */
function compareOptions(
  walk: Walk,
  before: readonly UnionOption[],
  after: readonly UnionOption[],
  { place: given, wasExact, isExact }: { place: Place; wasExact: boolean; isExact: boolean },
): void {
  let left: Option[] = before.map((option) => ({ ...option, target: walk.followOld(option.schema) }));
  let right: Option[] = after.map((option) => ({ ...option, target: walk.followNew(option.schema) }));
  const types = { before: typesOf(left), after: typesOf(right) };
  const isMany = left.length > 1 && right.length > 1;
  // With oneOf, an alternative that becomes wider can take documents from others, unless they share none.
  const isOverlapping =
    (wasExact || isExact) &&
    (left.length > 1 || right.length > 1) &&
    !walk.areDisjoint(
      left.map(({ target }) => target),
      right.map(({ target }) => target),
    );
  const place = isOverlapping ? mixed(given) : given;
  if (isMany && wasExact !== isExact && isOverlapping)
    walk.note(
      'keyword-changed',
      inside(given, isExact ? 'oneOf' : 'anyOf'),
      wasExact ? 'oneOf' : 'anyOf',
      isExact ? 'oneOf' : 'anyOf',
      isExact ? NARROWS : WIDENS,
    );
  const textOf = ({ target }: Option): string => walk.textOf(target);
  const ownTextOf = (option: Option): string => `${option.path.at(-1)} ${textOf(option)}`;
  for (const keyOf of [ownTextOf, textOf, discriminatorOf, typeOf, placeOf]) {
    const paired = new Set<Option>();
    for (const [first, second] of pairsBy(keyOf, left, right, walk)) {
      paired.add(first).add(second);
      walk.compare(first.schema, second.schema, inside(place, ...second.path));
    }
    left = left.filter((option) => !paired.has(option));
    right = right.filter((option) => !paired.has(option));
  }
  const [first] = left;
  const [second] = right;
  if (first !== undefined && second !== undefined && left.length === 1 && right.length === 1) {
    walk.compare(first.schema, second.schema, inside(place, ...second.path));
    return;
  }
  const areTold = types.before !== undefined && types.after !== undefined;
  for (const { target, place: steps, schema } of left) {
    const here = inside(place, ...steps);
    if (!isBareType(target)) walk.note('union-option-removed', here, schema);
    else if (areTold) walk.note('type-narrowed', here, types.before, types.after);
    else walk.note('type-narrowed', here, schema);
  }
  for (const { target, place: steps, schema } of right) {
    const here = inside(place, ...steps);
    if (!isBareType(target)) walk.note('union-option-added', here, undefined, schema);
    else if (areTold) walk.note('type-widened', here, types.before, types.after);
    else walk.note('type-widened', here, undefined, schema);
  }
}

/** All types of a choice as `type` has them, so that a type that came or went is shown beside the others; undefined where one is not told. */
function typesOf(options: readonly Option[]): JsonValue | undefined {
  const types = new Set<JsonValue>();
  for (const { target } of options) {
    const type = isJsonObject(target) ? target['type'] : undefined;
    if (typeof type === 'string') types.add(type);
    else if (Array.isArray(type)) for (const one of type as readonly JsonValue[]) types.add(one);
    else return undefined;
  }
  return types.size === 1 ? [...types][0] : [...types];
}

/** Alternatives of both sides with the same key; a type alone tells only where one of each side is of it. */
function pairsBy(
  keyOf: (option: Option) => string | undefined,
  left: readonly Option[],
  right: readonly Option[],
  walk: Walk,
): [Option, Option][] {
  const groups = new Map<string, { left: Option[]; right: Option[] }>();
  for (const [side, options] of [
    ['left', left],
    ['right', right],
  ] as const) {
    for (const option of options) {
      walk.spend(2);
      const key = keyOf(option);
      if (key === undefined) continue;
      const group = groups.get(key) ?? { left: [], right: [] };
      groups.set(key, group);
      group[side].push(option);
    }
  }
  return [...groups.values()].flatMap((group) => {
    if (keyOf === typeOf && (group.left.length > 1 || group.right.length > 1)) return [];
    return group.left.flatMap((option, index): [Option, Option][] => {
      const partner = group.right[index];
      return partner === undefined ? [] : [[option, partner]];
    });
  });
}

function discriminatorOf({ target: schema }: Option): string | undefined {
  if (!isJsonObject(schema)) return undefined;
  const constants = requiredNames(schema).flatMap((name) => {
    const property = mapOf(schema['properties'])[name];
    const values = isJsonObject(property) ? listedValues(property) : undefined;
    return values?.length === 1 ? [[name, values[0] ?? null]] : [];
  });
  return constants.length === 0 ? undefined : JSON.stringify(constants);
}

function typeOf({ target: schema }: Option): string | undefined {
  return isJsonObject(schema) && typeof schema['type'] === 'string'
    ? schema['type'].replace('integer', 'number')
    : undefined;
}

function placeOf(option: Option): string {
  return `${typeOf(option)} ${option.path.at(-1)}`;
}

function isBareType(schema: JsonValue): boolean {
  return isJsonObject(schema) && Object.keys(schema).every((keyword) => keyword === 'type');
}
