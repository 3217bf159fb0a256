import { munkres } from 'munkres';
import { canonicalJson } from '../json/canonical.ts';
import { ownValue } from '../json/own-value.ts';
import { pointerToken } from '../json/pointer.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../json/value.ts';
import { exact, list, numeric, text, type Comparator, type LeafComparator } from './comparator.ts';

/**
 * - `match`: both have the value;
 * - `mismatch`: both have one, and they differ;
 * - `omission`: the gold has one that the answer has not;
 * - `hallucination`: the answer has one that the gold has not.
 */
export type LeafStatus = 'match' | 'mismatch' | 'omission' | 'hallucination';

/** One value that was compared. */
export interface ComparedLeaf {
  /** As people write it: `items[].price`. */
  field: string;
  /** JSON pointer into the answer, or into the gold where the answer has nothing there. */
  path: string;
  status: LeafStatus;
  similarity: number;
  gold: JsonValue | undefined;
  answer: JsonValue | undefined;
}

/** Comparators by field; a field that has none is compared by what its values are. */
export type Comparators = ReadonlyMap<string, Comparator>;

/** More pairs than this are not tried against each other: what is left after equal members are paired off goes by its order. */
const MAX_PAIRS = 40_000;

/** Compares the fields of a record, one by one; what neither side has is not counted. */
export function compareRecord(
  gold: JsonObject,
  answer: JsonObject,
  fields: Iterable<string>,
  comparators: Comparators,
): ComparedLeaf[] {
  const leaves: ComparedLeaf[] = [];
  for (const name of fields) {
    compare(
      { gold: ownValue(gold, name), answer: ownValue(answer, name) },
      name,
      `/${pointerToken(name)}`,
      comparators,
      leaves,
    );
  }
  return leaves;
}

interface Pair {
  gold: JsonValue | undefined;
  answer: JsonValue | undefined;
}

function compare(given: Pair, field: string, path: string, comparators: Comparators, leaves: ComparedLeaf[]): void {
  const comparator = comparators.get(field);
  if (comparator?.kind === 'ignore') return;
  const { gold, answer } = readCells(given);
  if (isAbsent(gold) && isAbsent(answer)) return;
  if (Array.isArray(gold) || Array.isArray(answer)) {
    const [left, right] = [listOf(gold), listOf(answer)];
    if (left === undefined || right === undefined) return compareUnlike({ gold, answer }, field, path, leaves);
    return compareLists(left, right, { field, path, comparators, leaves, how: comparator });
  }
  if (isJsonObject(gold) || isJsonObject(answer)) {
    const [left, right] = [objectOf(gold), objectOf(answer)];
    if (left === undefined || right === undefined) return compareUnlike({ gold, answer }, field, path, leaves);
    for (const name of new Set([...Object.keys(left), ...Object.keys(right)])) {
      const pair = { gold: ownValue(left, name), answer: ownValue(right, name) };
      compare(pair, `${field}.${name}`, `${path}/${pointerToken(name)}`, comparators, leaves);
    }
    return;
  }
  leaves.push(compareLeaf({ gold, answer }, field, path, comparator));
}

function compareLeaf(
  { gold, answer }: Pair,
  field: string,
  path: string,
  comparator: Comparator | undefined,
): ComparedLeaf {
  if (gold === undefined || isAbsent(gold)) {
    return { field, path, status: 'hallucination', similarity: 0, gold, answer };
  }
  if (answer === undefined || isAbsent(answer)) {
    return { field, path, status: 'omission', similarity: 0, gold, answer };
  }
  const how = comparator === undefined || comparator.kind === 'list' ? byValues(gold, answer) : comparator;
  const similarity = how.similarity(gold, answer);
  return { field, path, status: similarity >= how.threshold ? 'match' : 'mismatch', similarity, gold, answer };
}

/** How values are compared whose field has no comparator. */
export function byValues(gold: JsonValue, answer: JsonValue): LeafComparator {
  if (typeof gold === 'number' || typeof answer === 'number') return numeric();
  if (typeof gold === 'boolean' || typeof answer === 'boolean') return exact();
  return text();
}

interface ListContext {
  field: string;
  path: string;
  comparators: Comparators;
  leaves: ComparedLeaf[];
  how: Comparator | undefined;
}

function compareLists(gold: readonly JsonValue[], answer: readonly JsonValue[], context: ListContext): void {
  const { field, path, comparators, leaves, how } = context;
  const member = `${field}[]`;
  const { pairs, restOfGold, restOfAnswer } = pairMembers(gold, answer, member, comparators, how);
  for (const [left, right] of pairs) {
    compare({ gold: gold[left], answer: answer[right] }, member, `${path}/${right}`, comparators, leaves);
  }
  for (const left of restOfGold) {
    compare({ gold: gold[left], answer: undefined }, member, `${path}/${left}`, comparators, leaves);
  }
  for (const right of restOfAnswer) {
    compare({ gold: undefined, answer: answer[right] }, member, `${path}/${right}`, comparators, leaves);
  }
}

export interface Pairing {
  pairs: [number, number][];
  restOfGold: Iterable<number>;
  restOfAnswer: Iterable<number>;
}

/** Pairs the members of two lists so that as much as possible agrees; those that agree in nothing are no pair. `how`: a list comparator, if any. */
export function pairMembers(
  gold: readonly JsonValue[],
  answer: readonly JsonValue[],
  member: string,
  comparators: Comparators,
  how?: Comparator,
): Pairing {
  const { align, key } = how?.kind === 'list' ? how : list();
  const pairs: [number, number][] = [];
  const restOfGold = new Set(gold.keys());
  const restOfAnswer = new Set(answer.keys());
  const pair = (left: number, right: number): void => {
    pairs.push([left, right]);
    restOfGold.delete(left);
    restOfAnswer.delete(right);
  };
  if (align === 'ordered') {
    for (let at = 0; at < Math.min(gold.length, answer.length); at += 1) pair(at, at);
    return { pairs, restOfGold, restOfAnswer };
  }
  // Equal members first: of what is left, every pair is tried.
  pairEqual(gold, answer, (value) => canonicalJson(value), pair, restOfGold, restOfAnswer);
  if (key !== undefined) {
    pairEqual(gold, answer, (value) => keyOf(value, key), pair, restOfGold, restOfAnswer);
  } else if (restOfGold.size * restOfAnswer.size > MAX_PAIRS) {
    const rights = [...restOfAnswer];
    for (const [at, left] of [...restOfGold].entries()) if (rights[at] !== undefined) pair(left, rights[at]);
  } else if (restOfGold.size > 0 && restOfAnswer.size > 0) {
    const [lefts, rights] = [[...restOfGold], [...restOfAnswer]];
    const weights = lefts.map((left) =>
      rights.map((right) => agreement({ gold: gold[left], answer: answer[right] }, member, comparators)),
    );
    for (const [row, column] of munkres(weights.map((line) => line.map((weight) => -weight)))) {
      const [left, right] = [lefts[row], rights[column]];
      if (left !== undefined && right !== undefined && (weights[row]?.[column] ?? 0) > 0) pair(left, right);
    }
  }
  pairs.sort(([, left], [, right]) => left - right);
  return { pairs, restOfGold, restOfAnswer };
}

function pairEqual(
  gold: readonly JsonValue[],
  answer: readonly JsonValue[],
  nameOf: (value: JsonValue) => string | undefined,
  pair: (left: number, right: number) => void,
  restOfGold: ReadonlySet<number>,
  restOfAnswer: ReadonlySet<number>,
): void {
  const places = new Map<string, number[]>();
  for (const left of restOfGold) {
    const name = nameOf(gold[left] ?? null);
    if (name === undefined) continue;
    const known = places.get(name);
    if (known === undefined) places.set(name, [left]);
    else known.push(left);
  }
  for (const right of restOfAnswer) {
    const name = nameOf(answer[right] ?? null);
    const left = name === undefined ? undefined : places.get(name)?.shift();
    if (left !== undefined) pair(left, right);
  }
}

function keyOf(value: JsonValue, key: string): string | undefined {
  const given = isJsonObject(value) ? ownValue(value, key) : undefined;
  return given === undefined || given === null ? undefined : String(given).normalize('NFKC').trim().toLowerCase();
}

/** The share of all leaves of two members that agree, by how much they do. */
function agreement(pair: Pair, member: string, comparators: Comparators): number {
  const leaves: ComparedLeaf[] = [];
  compare(pair, member, '', comparators, leaves);
  return leaves.length === 0 ? 0 : leaves.reduce((sum, { similarity }) => sum + similarity, 0) / leaves.length;
}

/** What has a shape on one side and another on the other agrees in nothing: all that the gold has is missing, the rest made up. */
function compareUnlike({ gold, answer }: Pair, field: string, path: string, leaves: ComparedLeaf[]): void {
  for (const value of leavesOf(gold))
    leaves.push({ field, path, status: 'omission', similarity: 0, gold: value, answer });
  if (!isAbsent(answer)) leaves.push({ field, path, status: 'hallucination', similarity: 0, gold, answer });
}

function leavesOf(value: JsonValue | undefined): JsonValue[] {
  if (value === undefined || isAbsent(value)) return [];
  if (Array.isArray(value)) return (value as readonly JsonValue[]).flatMap(leavesOf);
  return isJsonObject(value) ? Object.values(value).flatMap(leavesOf) : [value];
}

/** A cell of a table holds a list or an object as JSON. */
function readCells({ gold, answer }: Pair): Pair {
  if (typeof gold !== 'string' || typeof answer !== 'object' || !/^\s*[[{]/.test(gold)) return { gold, answer };
  try {
    return { gold: JSON.parse(gold) as JsonValue, answer };
  } catch {
    return { gold, answer };
  }
}

/** Nothing, an empty text, an empty list and an empty object say the same: that there is no value. */
export function isAbsent(value: JsonValue | undefined): boolean {
  if (value === undefined || value === null) return true;
  if (typeof value === 'string') return value.trim() === '';
  return typeof value === 'object' && Object.values(value).every(isAbsent);
}

function listOf(value: JsonValue | undefined): readonly JsonValue[] | undefined {
  if (isAbsent(value)) return [];
  return Array.isArray(value) ? value : undefined;
}

function objectOf(value: JsonValue | undefined): JsonObject | undefined {
  if (isAbsent(value)) return {};
  return isJsonObject(value) ? value : undefined;
}
