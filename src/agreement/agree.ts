import type { Comparator, LeafComparator } from '../eval/comparator.ts';
import { isAbsent } from '../eval/absent-value.ts';
import { agreementOf, byValues, compareRecord, type Comparators } from '../eval/compare-record.ts';
import { pairMembers } from '../eval/pair-members.ts';
import { canonicalJson } from '../json/canonical.ts';
import { ownValue } from '../json/own-value.ts';
import { pointerToken } from '../json/pointer.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../json/value.ts';

/** What several readings of one record agree in. */
export interface Agreement {
  value: JsonObject;
  /** By JSON pointer into the value, the share of the readings that have what stands there, from 0 to 1. */
  shares: Record<string, number>;
}

export interface AgreeOptions {
  comparators: Comparators;
  /** Readings in all: those that gave no usable answer agree with nothing. Default: as many as there are answers. */
  readings?: number;
}

/**
 * Makes one answer of several, value by value: of the classes of equal values the largest one holds, and where two are as large, that of
 * the medoid, the answer that is most like all others. Members of lists are paired with those of the medoid before they are compared.
 */
export function agree(
  answers: readonly JsonObject[],
  { comparators, readings = answers.length }: AgreeOptions,
): Agreement {
  const order = fromMedoid(answers, comparators);
  return mergeAll(order, { comparators, readings, shares: {}, holds: 'largest' });
}

/** How far the readings agree with one of them, the first. */
export function agreeWith(
  answers: readonly JsonObject[],
  { comparators, readings = answers.length }: AgreeOptions,
): Agreement {
  return mergeAll(answers, { comparators, readings, shares: {}, holds: 'first' });
}

/** The place of the answer that is most like all others; of several the first. */
export function medoidOf(answers: readonly JsonObject[], comparators: Comparators): number {
  if (answers.length < 3) return 0;
  const likeness = answers.map((one) =>
    answers.reduce((sum, other) => sum + (one === other ? 0 : alike(one, other, comparators)), 0),
  );
  return likeness.indexOf(Math.max(...likeness));
}

function fromMedoid(answers: readonly JsonObject[], comparators: Comparators): JsonObject[] {
  const medoid = answers[medoidOf(answers, comparators)];
  return medoid === undefined ? [] : [medoid, ...answers.filter((answer) => answer !== medoid)];
}

function alike(left: JsonObject, right: JsonObject, comparators: Comparators): number {
  const leaves = compareRecord(left, right, new Set([...Object.keys(left), ...Object.keys(right)]), comparators);
  if (leaves.length === 0) return 1;
  return leaves.reduce((sum, { similarity }) => sum + similarity, 0) / leaves.length;
}

interface Merging {
  comparators: Comparators;
  readings: number;
  shares: Record<string, number>;
  /** Which value is kept: that of the largest class, or the first reading's, whatever the others say. */
  holds: 'largest' | 'first';
}

type Given = readonly (JsonValue | undefined)[];

function mergeAll(answers: readonly JsonObject[], merging: Merging): Agreement {
  return { value: mergeObjects(answers, '', '', merging), shares: merging.shares };
}

/** `given` has a place for every reading that could have the value, the medoid's first. */
function merge(given: Given, field: string, path: string, merging: Merging): JsonValue | undefined {
  const present = given.filter((value) => !isAbsent(value));
  if (merging.comparators.get(field)?.kind === 'ignore') return given.find((value) => value !== undefined);
  if (present.length > 0 && present.every((value) => Array.isArray(value))) {
    return mergeLists(given, field, path, merging);
  }
  if (present.length > 0 && present.every(isJsonObject)) {
    if (!isMissing(given, present.length, merging)) return mergeObjects(given.map(objectOf), field, path, merging);
    merging.shares[path] = shareOf(given.length - present.length, merging.readings);
    return given.find(isAbsent);
  }
  return keep(given, field, path, merging);
}

/** Whether there is an object at all is decided before its members are. */
function isMissing(given: Given, present: number, { holds }: Merging): boolean {
  const absent = given.length - present;
  const isFirstAbsent = isAbsent(given[0]);
  return holds === 'first' ? isFirstAbsent : absent > present || (absent === present && isFirstAbsent);
}

function mergeObjects(
  given: readonly (JsonObject | undefined)[],
  field: string,
  path: string,
  merging: Merging,
): JsonObject {
  const names = new Set(given.flatMap((object) => (object === undefined ? [] : Object.keys(object))));
  const merged: Record<string, JsonValue> = {};
  for (const name of names) {
    const members = given.map((object) => (object === undefined ? undefined : ownValue(object, name)));
    const below = field === '' ? name : `${field}.${name}`;
    const value = merge(members, below, `${path}/${pointerToken(name)}`, merging);
    if (value !== undefined) merged[name] = value;
  }
  return merged;
}

/** A class of equal values: which readings have one, and the value that stands for it. */
interface ValueClass {
  value: JsonValue | undefined;
  size: number;
}

/** Keeps the value of the largest class; of two as large, the one that came first, which the medoid's did. */
function keep(
  given: Given,
  field: string,
  path: string,
  { comparators, readings, shares, holds }: Merging,
): JsonValue | undefined {
  const classes: ValueClass[] = [];
  for (const value of given) {
    const known = classes.find((one) => isSame(one.value, value, comparators.get(field)));
    if (known === undefined) classes.push({ value, size: 1 });
    else known.size += 1;
  }
  const [first] = classes;
  if (first === undefined) return undefined;
  const kept = holds === 'first' ? first : classes.reduce((best, one) => (one.size > best.size ? one : best), first);
  shares[path] = shareOf(kept.size, readings);
  return kept.value;
}

function isSame(
  left: JsonValue | undefined,
  right: JsonValue | undefined,
  comparator: Comparator | undefined,
): boolean {
  if (isAbsent(left) || isAbsent(right)) return isAbsent(left) && isAbsent(right);
  if (left === undefined || right === undefined) return false;
  if (typeof left === 'object' || typeof right === 'object') return canonicalJson(left) === canonicalJson(right);
  const how: LeafComparator =
    comparator === undefined || comparator.kind === 'list' ? byValues(left, right) : comparator;
  return how.similarity(left, right) >= how.threshold;
}

/** Members that belong together, a place for each reading. */
type Group = (JsonValue | undefined)[];

/** A member stands in the result where at least half of the readings have it, and more than half where the medoid has not. */
function mergeLists(given: Given, field: string, path: string, merging: Merging): JsonValue {
  const groups: Group[] = [];
  for (const [reading, value] of given.entries()) {
    const members = Array.isArray(value) ? (value as readonly JsonValue[]) : [];
    const heads = groups.map((group) => group.find((member) => member !== undefined) ?? null);
    const { pairs, restOfAnswer } = pairMembers(
      heads,
      members,
      agreementOf(`${field}[]`, merging.comparators),
      merging.comparators.get(field),
    );
    for (const [at, member] of pairs) {
      const group = groups[at];
      if (group !== undefined) group[reading] = members[member];
    }
    for (const member of restOfAnswer) {
      const group: Group = given.map(() => undefined);
      group[reading] = members[member];
      groups.push(group);
    }
  }
  const list: JsonValue[] = [];
  for (const group of groups) {
    const size = group.filter((member) => member !== undefined).length;
    const isFirsts = group[0] !== undefined;
    const isKept =
      merging.holds === 'first' ? isFirsts : size * 2 > given.length || (isFirsts && size * 2 === given.length);
    if (!isKept) continue;
    const value = merge(group, `${field}[]`, `${path}/${list.length}`, merging);
    list.push(value ?? null);
  }
  if (list.length === 0) merging.shares[path] = shareOf(given.filter(isAbsent).length, merging.readings);
  return list;
}

/** With as many digits as anybody reads. */
function shareOf(size: number, readings: number): number {
  return Math.round((size / readings) * 10_000) / 10_000;
}

function objectOf(value: JsonValue | undefined): JsonObject | undefined {
  return isJsonObject(value) ? value : undefined;
}
