import { munkres } from 'munkres';
import { canonicalJson } from '../json/canonical.ts';
import { ownValue } from '../json/own-value.ts';
import { isJsonObject, type JsonValue } from '../json/value.ts';
import { list, type Comparator } from './comparator.ts';

/** More pairs than this are not tried against each other: what is left after equal members are paired off goes by its order. */
const MAX_PAIRS = 40_000;

export interface Pairing {
  pairs: [number, number][];
  restOfGold: Iterable<number>;
  restOfAnswer: Iterable<number>;
}

/**
 * Pairs the members of two lists so that as much as possible agrees; those that agree in nothing are no pair.
 * `agreement`: how much two members agree, 0 to 1. `how`: a list comparator, if any.
 */
export function pairMembers(
  gold: readonly JsonValue[],
  answer: readonly JsonValue[],
  agreement: (gold: JsonValue | undefined, answer: JsonValue | undefined) => number,
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
    const weights = lefts.map((left) => rights.map((right) => agreement(gold[left], answer[right])));
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
