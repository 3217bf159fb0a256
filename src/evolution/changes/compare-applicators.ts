import { isJsonObject, type JsonObject, type JsonValue } from '../../json/value.ts';
import type { ChangeDirection } from './change-rules.ts';
import { mapOf } from './compare-properties.ts';
import { flipped, inside, mixed, NARROWS, WIDENS, type Place, type Walk } from './walk.ts';

/** How an edit inside a keyword's schema bears on the schema that has the keyword. */
const SINGLE: Readonly<Record<string, (place: Place) => Place>> = {
  $ref: same,
  $dynamicRef: same,
  $recursiveRef: same,
  not: flipped,
  if: mixed,
  // oxlint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema
  then: same,
  else: same,
  propertyNames: same,
  unevaluatedItems: same,
  unevaluatedProperties: same,
};

/** Keywords whose presence alone narrows. */
const NARROWING = new Set(['propertyNames', 'not', 'allOf', '$ref']);
const MAPS = ['patternProperties', 'dependencies', 'dependentSchemas'];
/** Keywords without a schema that no other comparer looks at. */
const OTHERS = ['dependentRequired', 'minContains', 'maxContains'];

function same(place: Place): Place {
  return place;
}

/** Compares keywords that put schemas on the same document or on parts of it. */
export function compareApplicators(walk: Walk, before: JsonObject, after: JsonObject, place: Place): void {
  for (const [keyword, turn] of Object.entries(SINGLE)) compareSingle(walk, before, after, place, keyword, turn);
  const isCounted = before['maxContains'] !== undefined || after['maxContains'] !== undefined || walk.isSeeing;
  compareSingle(walk, before, after, place, 'contains', isCounted ? mixed : same);
  compareAllOf(walk, before, after, place);
  for (const keyword of MAPS) compareMap(walk, before, after, place, keyword);
  for (const keyword of OTHERS) {
    if (!walk.isSame(before[keyword], after[keyword]))
      walk.note('keyword-changed', inside(place, keyword), before[keyword], after[keyword]);
  }
}

function compareSingle(
  walk: Walk,
  before: JsonObject,
  after: JsonObject,
  place: Place,
  keyword: string,
  turn: (place: Place) => Place,
): void {
  const [left, right] = [before[keyword], after[keyword]];
  if (left === undefined && right === undefined) return;
  const isReference = keyword.startsWith('$');
  const [old, now] = isReference
    ? [walk.targetOf('old', keyword, before), walk.targetOf('new', keyword, after)]
    : [left, right];
  if (old !== undefined && now !== undefined)
    walk.compare(old, now, turn(isReference ? place : inside(place, keyword)));
  else if (!walk.isSame(left, right))
    walk.note('keyword-changed', inside(place, keyword), left, right, presence(keyword, left, right));
}

function presence(
  keyword: string,
  left: JsonValue | undefined,
  right: JsonValue | undefined,
): readonly ChangeDirection[] | undefined {
  if (!NARROWING.has(keyword)) return undefined;
  return left === undefined ? NARROWS : right === undefined ? WIDENS : undefined;
}

/** Members that are equal on both sides are paired, best at the same place, the others in their order. */
function compareAllOf(walk: Walk, before: JsonObject, after: JsonObject, place: Place): void {
  const [left, right] = [before['allOf'], after['allOf']];
  if (left === undefined && right === undefined) return;
  const here = inside(place, 'allOf');
  if (!isList(left) || !isList(right)) {
    if (!walk.isSame(left, right)) walk.note('keyword-changed', here, left, right, presence('allOf', left, right));
    return;
  }
  const oldTexts = left.map((member) => walk.textOf(member));
  const newTexts = right.map((member) => walk.textOf(member));
  const taken = new Set<number>();
  const places = new Map<string, number[]>();
  for (const [index, text] of newTexts.entries()) {
    if (text === oldTexts[index]) taken.add(index);
    else places.set(text, [...(places.get(text) ?? []), index]);
  }
  const open: [number, JsonValue][] = [];
  for (const [oldIndex, member] of left.entries()) {
    const text = oldTexts[oldIndex] ?? '';
    const index = text === newTexts[oldIndex] ? oldIndex : places.get(text)?.shift();
    if (index === undefined) open.push([oldIndex, member]);
    else {
      taken.add(index);
      walk.compare(member, right[index] ?? true, inside(here, String(index)));
    }
  }
  const others = [...right.keys()].filter((index) => !taken.has(index));
  for (const [position, index] of others.entries()) {
    const [, was] = open[position] ?? [];
    const is = right[index] ?? true;
    if (was === undefined) walk.note('keyword-changed', inside(here, String(index)), undefined, is, NARROWS);
    else walk.compare(was, is, inside(here, String(index)));
  }
  for (const [oldIndex, was] of open.slice(others.length))
    walk.note('keyword-changed', inside(here, String(oldIndex)), was, undefined, WIDENS);
}

function compareMap(walk: Walk, before: JsonObject, after: JsonObject, place: Place, keyword: string): void {
  const [left, right] = [before[keyword], after[keyword]];
  if (left === undefined && right === undefined) return;
  const here = inside(place, keyword);
  if ([left, right].some((map) => map !== undefined && !isJsonObject(map))) {
    if (!walk.isSame(left, right)) walk.note('keyword-changed', here, left, right);
    return;
  }
  const [olds, nows] = [mapOf(left), mapOf(right)];
  for (const name of new Set([...Object.keys(olds), ...Object.keys(nows)])) {
    walk.spend(1);
    const [old, now] = [olds[name], nows[name]];
    if (isSchema(old) && isSchema(now)) walk.compare(old, now, inside(here, name));
    else if (!walk.isSame(old, now)) walk.note('keyword-changed', inside(here, name), old, now);
  }
}

function isSchema(value: JsonValue | undefined): value is JsonObject | boolean {
  return typeof value === 'boolean' || isJsonObject(value);
}

function isList(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}
