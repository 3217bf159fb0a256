import { ownValue } from '../json/own-value.ts';
import { pointerToken } from '../json/pointer.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../json/value.ts';
import { isAbsent, leavesOf, listOf, objectOf } from './absent-value.ts';
import { exact, numeric, text, type Comparator, type LeafComparator } from './comparator.ts';
import { pairMembers } from './pair-members.ts';

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
  return typeof answer === 'boolean' ? exact() : text();
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
  const { pairs, restOfGold, restOfAnswer } = pairMembers(gold, answer, agreementOf(member, comparators), how);
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

/** What has a shape on one side and another on the other agrees in nothing: all that the gold has is missing, the rest made up. */
function compareUnlike({ gold, answer }: Pair, field: string, path: string, leaves: ComparedLeaf[]): void {
  for (const value of leavesOf(gold))
    leaves.push({ field, path, status: 'omission', similarity: 0, gold: value, answer });
  if (!isAbsent(answer)) leaves.push({ field, path, status: 'hallucination', similarity: 0, gold, answer });
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

/** Returns what tells how far two members of a list agree: the share of all their leaves that do, by how much they do. */
export function agreementOf(
  member: string,
  comparators: Comparators,
): (gold: JsonValue | undefined, answer: JsonValue | undefined) => number {
  return (gold, answer) => {
    const leaves: ComparedLeaf[] = [];
    compare({ gold, answer }, member, '', comparators, leaves);
    return leaves.length === 0 ? 0 : leaves.reduce((sum, { similarity }) => sum + similarity, 0) / leaves.length;
  };
}
