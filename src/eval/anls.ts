import { munkres } from 'munkres';
import { ownValue } from '../json/own-value.ts';
import { isSameJson } from '../json/same-json.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../json/value.ts';
import { letterDistance } from './letter-distance.ts';

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
    const given = ownValue(answer, key) ?? null;
    const { sum, length } = scoreOf(ownValue(gold, key) ?? null, given);
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
  const { changes, length } = letterDistance(textOf(gold), textOf(answer));
  if (length === 0) return 1;
  const similarity = 1 - changes / length;
  return similarity < THRESHOLD ? 0 : similarity;
}

/** What Python's `split` takes for blanks, which is not what `\s` is here. */
// oxlint-disable-next-line no-control-regex -- Python counts these four as blanks
const BLANKS = /[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/g;

/** As Python writes a value, in small letters with single blanks. */
function textOf(value: string | number | boolean): string {
  const text = typeof value === 'number' ? numberText(value) : String(value);
  return text.toLowerCase().replaceAll(BLANKS, ' ').replaceAll(/^ | $/g, '');
}

/** Python takes to exponents earlier, and writes them with two digits. */
function numberText(value: number): string {
  if (value === 0 || Math.abs(value) >= 1e-4) return String(value);
  return value.toExponential().replace(/e-(\d)$/, 'e-0$1');
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
