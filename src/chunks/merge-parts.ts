import { isAbsent } from '../eval/absent-value.ts';
import { byValues, compareRecord, type Comparators } from '../eval/compare-record.ts';
import { findEvidence } from '../evidence/find-evidence.ts';
import { canonicalJson } from '../json/canonical.ts';
import { ownValue } from '../json/own-value.ts';
import { pointerToken } from '../json/pointer.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../json/value.ts';
import { PartShares } from './part-shares.ts';

/** What one part of a record was answered. */
export interface PartAnswer {
  answer: JsonObject;
  /** Which chunk it is about, from 1. */
  chunk: number;
  /** The text that was read, and where it begins in the whole. */
  text: string;
  start: number;
  /** By JSON pointer into the answer, how far the readings of the part agree, where there were several. */
  confidence?: Readonly<Record<string, number>> | undefined;
  /** By JSON pointer into the answer, how probable the model held the tokens of each value, where a server told. */
  logprobs?: Readonly<Record<string, number>> | undefined;
}

/** A value in which the parts of a record differ. */
export interface Conflict {
  /** JSON pointer into the answer. */
  path: string;
  /** What the parts say, most supported first, and which parts: the first one was kept, unless another was decided for. */
  values: { value: JsonValue; chunks: number[] }[];
  /** What the model has decided for, where it was asked (`merge: 'ask'`). */
  decided?: JsonValue;
}

export interface Merged {
  value: JsonObject;
  conflicts: Conflict[];
  /** By JSON pointer into the value, how far the readings agree in it: the least of the parts that say so. */
  confidence?: Record<string, number>;
  /** By JSON pointer into the value, how probable the model held its tokens: the least of the parts that say so. */
  logprobs?: Record<string, number>;
}

/**
 * Makes one answer of those that the parts of a record gave, in the order of the text. Lists are joined; a member that was found twice, because
 * parts overlap or were read several times, stands once. Of other values the one holds that stands in its part, then the one that came first.
 */
export function mergeParts(parts: readonly PartAnswer[], comparators: Comparators): Merged {
  const conflicts: Conflict[] = [];
  const given = parts.map((part) => ({ part, value: part.answer as JsonValue | undefined }));
  const shares = new PartShares();
  const value = mergeObjects(given, '', '', { comparators, conflicts, spanOf: compileSpans(parts), shares });
  return { value, conflicts, ...shares.told() };
}

interface Given {
  part: PartAnswer;
  value: JsonValue | undefined;
}

interface Merging {
  comparators: Comparators;
  conflicts: Conflict[];
  spanOf: SpanOf;
  shares: PartShares;
}

function merge(given: readonly Given[], field: string, path: string, merging: Merging): JsonValue | undefined {
  const present = given.filter(({ value }) => !isAbsent(value));
  if (present.length === 0) {
    for (const { part } of given) merging.shares.take(part, path, path);
    return given.find(({ value }) => value !== undefined)?.value;
  }
  if (present.every(({ value }) => Array.isArray(value))) return mergeLists(present, field, path, merging);
  if (present.every(({ value }) => isJsonObject(value))) return mergeObjects(present, field, path, merging);
  return mergeValues(present, field, path, merging);
}

function mergeObjects(given: readonly Given[], field: string, path: string, merging: Merging): JsonObject {
  const merged: Record<string, JsonValue> = {};
  const names = new Set(given.flatMap(({ value }) => (isJsonObject(value) ? Object.keys(value) : [])));
  for (const name of names) {
    const members = given.map(({ part, value }) => ({
      part,
      value: isJsonObject(value) ? ownValue(value, name) : undefined,
    }));
    const below = field === '' ? name : `${field}.${name}`;
    const value = merge(members, below, `${path}/${pointerToken(name)}`, merging);
    if (value !== undefined) merged[name] = value;
  }
  return merged;
}

/** Equal values of several parts. */
interface ValueClass {
  value: JsonValue;
  chunks: number[];
  /** How many of the parts that say so hold the value in their text. */
  grounded: number;
  parts: PartAnswer[];
}

function mergeValues(
  present: readonly Given[],
  field: string,
  path: string,
  { comparators, conflicts, spanOf, shares }: Merging,
): JsonValue | undefined {
  const classes: ValueClass[] = [];
  for (const { part, value } of present) {
    if (value === undefined) continue;
    const grounded = spanOf(part, path) === undefined ? 0 : 1;
    const known = classes.find((one) => isSame(one.value, value, field, comparators));
    if (known === undefined) classes.push({ value, chunks: [part.chunk], grounded, parts: [part] });
    else {
      if (!known.chunks.includes(part.chunk)) known.chunks.push(part.chunk);
      known.grounded += grounded;
      known.parts.push(part);
    }
  }
  // Sorting is stable: of equal support the first in the text stays first.
  classes.sort((left, right) => right.grounded - left.grounded);
  if (classes.length > 1) conflicts.push({ path, values: classes.map(({ value, chunks }) => ({ value, chunks })) });
  for (const part of classes[0]?.parts ?? []) shares.take(part, path, path);
  return classes[0]?.value;
}

function isSame(left: JsonValue, right: JsonValue, field: string, comparators: Comparators): boolean {
  if (typeof left === 'object' || typeof right === 'object') return canonicalJson(left) === canonicalJson(right);
  const given = comparators.get(field);
  const how = given === undefined || given.kind === 'list' ? byValues(left, right) : given;
  return how.similarity(left, right) >= how.threshold;
}

interface Member {
  value: JsonValue;
  part: PartAnswer;
  span: Span | undefined;
  /** JSON pointer into the answer of its part. */
  path: string;
}

interface Span {
  start: number;
  end: number;
}

const SAME_PLACE = 0.5;

function mergeLists(
  present: readonly Given[],
  field: string,
  path: string,
  { comparators, spanOf, shares }: Merging,
): JsonValue {
  const kept: Member[] = [];
  for (const { part, value } of present) {
    for (const [at, member] of (value as readonly JsonValue[]).entries()) {
      const place = `${path}/${at}`;
      const candidate: Member = { value: member, part, span: spanOf(part, place), path: place };
      // What one answer says twice may well be there twice.
      const isKnown = kept.some((one) => one.part !== part && isSameMember(one, candidate, field, comparators));
      if (!isKnown) kept.push(candidate);
    }
  }
  // In the order of the text, whichever part or pass has found them; what stands nowhere stays behind what came before it.
  let last = -1;
  const placed = kept.map((member) => ({
    member,
    at: (last = member.span?.start ?? Math.max(last, member.part.start)),
  }));
  return placed
    .sort((left, right) => left.at - right.at)
    .map(({ member: { value, part, path: from } }, index) => {
      shares.take(part, from, `${path}/${index}`);
      return value;
    });
}

/** Members from the same place of the text are one; where the place of one is not known, equal ones of parts that overlap are. */
function isSameMember(known: Member, candidate: Member, field: string, comparators: Comparators): boolean {
  if (known.span !== undefined && candidate.span !== undefined) {
    const common = Math.min(known.span.end, candidate.span.end) - Math.max(known.span.start, candidate.span.start);
    const shorter = Math.min(known.span.end - known.span.start, candidate.span.end - candidate.span.start);
    return common > 0 && common >= SAME_PLACE * shorter;
  }
  const [left, right] = [known.part, candidate.part];
  const isOverlapping = left.start < right.start + right.text.length && right.start < left.start + left.text.length;
  return isOverlapping && isSameValue(known.value, candidate.value, `${field}[]`, comparators);
}

function isSameValue(left: JsonValue, right: JsonValue, field: string, comparators: Comparators): boolean {
  if (isJsonObject(left) && isJsonObject(right)) {
    const leaves = compareRecord({ [field]: left }, { [field]: right }, [field], comparators);
    return leaves.every(({ status }) => status === 'match');
  }
  return isSame(left, right, field, comparators);
}

/**
 * Where what a part says at a path stands in the whole text: from the first of its values to the last. Undefined where none of them stands
 * there.
 */
type SpanOf = (part: PartAnswer, path: string) => Span | undefined;

/** Looks all values of an answer up together: members of a list that are equal stand in places of their own. */
function compileSpans(parts: readonly PartAnswer[]): SpanOf {
  const found = new Map(
    parts.map((part) => [
      part,
      findEvidence(part.answer, [{ field: undefined, text: part.text }]).filter(({ match }) => match !== 'none'),
    ]),
  );
  return (part, path) => {
    const own = found.get(part)?.filter((one) => one.path === path || one.path.startsWith(`${path}/`)) ?? [];
    const starts = own.flatMap(({ start }) => (start === null ? [] : [start]));
    const ends = own.flatMap(({ end }) => (end === null ? [] : [end]));
    if (starts.length === 0) return undefined;
    return { start: part.start + Math.min(...starts), end: part.start + Math.max(...ends) };
  };
}
