import { distance } from 'fastest-levenshtein';
import { munkres } from 'munkres';
import { isSameJson } from '../json/same-json.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../json/value.ts';

/** Texts that are less alike count as different. */
const THRESHOLD = 0.5;

/** Scores of leaves that were compared, summed, and the number of leaves that count. */
interface Score {
  sum: number;
  length: number;
}

/**
 * ANLS*, from 0 to 1: the similarity of two trees, as arXiv 2402.03848 and the package `anls_star` 1.0.1 of PyPI have it, whatever one
 * may think of it: `9.0` is not `9` where it was written so, an empty text in the gold is not the same as null, and a null of the
 * answer that the gold does not name lowers the score. It serves to compare with published figures; of assignments that are equally
 * good another one may be chosen.
 */
export function anlsScore(gold: JsonValue, answer: JsonValue): number {
  if (Array.isArray(gold) && typeof answer === 'string' && gold.length > 0 && gold.every(isText)) {
    return Math.max(...gold.map((option) => meanOf(scoreOf(option, answer))));
  }
  return meanOf(scoreOf(gold, answer));
}

function scoreOf(gold: JsonValue, answer: JsonValue): Score {
  if (gold === null) return { sum: isNothing(answer) ? 1 : 0, length: Math.max(1, sizeOf(answer)) };
  if (Array.isArray(gold)) {
    return Array.isArray(answer) ? scoreOfLists(gold, answer) : { sum: 0, length: longest(gold, answer) };
  }
  if (isJsonObject(gold)) {
    return isJsonObject(answer) ? scoreOfObjects(gold, answer) : { sum: 0, length: longest(gold, answer) };
  }
  if (typeof gold === 'object' || answer === null || typeof answer === 'object')
    return { sum: 0, length: longest(gold, answer) };
  return { sum: textSimilarity(gold, answer), length: 1 };
}

function scoreOfObjects(gold: JsonObject, answer: JsonObject): Score {
  const total: Score = { sum: 0, length: 0 };
  for (const key of new Set([...Object.keys(gold), ...Object.keys(answer)])) {
    const given = answer[key] ?? null;
    const { sum, length } = scoreOf(gold[key] ?? null, given);
    total.length += length;
    // A key that the gold does not have counts, but earns nothing for saying nothing.
    if (Object.hasOwn(gold, key) || !isNothing(given)) total.sum += sum;
  }
  return total;
}

function scoreOfLists(gold: readonly JsonValue[], answer: readonly JsonValue[]): Score {
  const total: Score = { sum: 0, length: 0 };
  if (gold.length === 0 || answer.length === 0) return { sum: 0, length: longest([...gold], [...answer]) };
  const scores = gold.map((wanted) => answer.map((given) => scoreOf(wanted, given)));
  const costs = scores.map((row, wanted) =>
    // Of pairs that are equally alike, the equal one is favoured by the least that a number can hold.
    row.map((score, given) => -meanOf(score) - (isSameJson(gold[wanted], answer[given] ?? null) ? Number.EPSILON : 0)),
  );
  const unmatchedGold = new Set(gold.keys());
  const unmatchedAnswer = new Set(answer.keys());
  for (const [wanted, given] of munkres(costs)) {
    const score = scores[wanted]?.[given];
    if (score === undefined) continue;
    unmatchedGold.delete(wanted);
    unmatchedAnswer.delete(given);
    total.sum += score.sum;
    total.length += score.length;
  }
  for (const at of unmatchedGold) total.length += sizeOf(gold[at] ?? null);
  for (const at of unmatchedAnswer) total.length += sizeOf(answer[at] ?? null);
  return total;
}

function textSimilarity(gold: string | number | boolean, answer: string | number | boolean): number {
  const [left, right] = [codePoints(textOf(gold)), codePoints(textOf(answer))];
  const length = Math.max(left.length, right.length);
  if (length === 0) return 1;
  const similarity = 1 - distance(left, right) / length;
  return similarity < THRESHOLD ? 0 : similarity;
}

/** As Python writes a value, in small letters with single blanks. */
function textOf(value: string | number | boolean): string {
  return String(value).trim().toLowerCase().replaceAll(/\s+/g, ' ');
}

/**
 * The distance counts UTF-16 units; a letter beyond them is one letter all the same, so each such letter is replaced by one of the
 * private ones.
 */
function codePoints(text: string): string {
  return text.replaceAll(/[\u{10000}-\u{10ffff}]/gu, (letter) =>
    String.fromCharCode(0xe000 + ((letter.codePointAt(0) ?? 0) % 0x1900)),
  );
}

/** How many leaves a value counts as. */
function sizeOf(value: JsonValue): number {
  if (Array.isArray(value)) return value.reduce((sum: number, item) => sum + sizeOf(item), 0);
  if (isJsonObject(value)) return Object.values(value).reduce((sum: number, item) => sum + sizeOf(item ?? null), 0);
  return 1;
}

function longest(left: JsonValue, right: JsonValue): number {
  return Math.max(sizeOf(left), sizeOf(right));
}

function meanOf({ sum, length }: Score): number {
  return length > 0 ? sum / length : 1;
}

function isNothing(value: JsonValue): boolean {
  if (value === null || value === '') return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

function isText(value: JsonValue): value is string {
  return typeof value === 'string';
}
