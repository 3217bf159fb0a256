import { numbersOf, readingsOf } from '../evidence/number-readings.ts';
import { isJsonObject, type JsonObject } from '../json/value.ts';
import { foldName } from './fold-name.ts';

/** What gives a number to a name in words: `total: 13.5`, "**Total** should be 13.5", "the total is 13.5". A date or a unit is no number. */
const GIVEN =
  /[*`"'”]{0,3}\s{0,3}(?:[:=]|\s(?:is|was|are|should be|must be|should have been|needs to be)\s)[*`"'“]{0,3}\s{0,3}(-?\d[\d.,]{0,30})(?![\d.,]*[-/:\p{L}\p{N}])/giu;
const MOST_WORDS = 3;

/**
 * Whether the words around an answer give one of its numbers another value: "Actually, the total is 13.5". Such words may take back what the
 * answer says, or tell of something else by the same name; which, nobody can tell.
 */
export function takesBack(outside: string, answer: JsonObject): boolean {
  if (!/\d/.test(outside)) return false;
  let numbers: Map<string, Set<number>> | undefined;
  for (const { 0: given, 1: said = '', index } of outside.matchAll(GIVEN)) {
    numbers ??= numbersByName(answer);
    const known = numbers.get(nameBefore(outside, index, numbers) ?? '');
    if (known === undefined) continue;
    const readings = readingsAt(outside, index + given.length - said.length);
    if (readings.length > 0 && !readings.some((one) => known.has(one) || known.has(-one))) return true;
  }
  return false;
}

/** All that the number at a place may mean, without its sign: `13,50`, `1 234.56` and `19 %` are written so in many places. Nothing for a date. */
function readingsAt(text: string, start: number): number[] {
  const written = text.slice(start, start + 60).replace(/^-/, '');
  const [token = ''] = /^\d+(?:[.,'’]\d+)*/.exec(written) ?? [];
  if (readingsOf(token).length === 0) return [];
  return numbersOf(written).flatMap((place) => (place.start === 0 ? place.readings.map(Number) : []));
}

/** The longest of the names that the words before `end` may mean. */
function nameBefore(text: string, end: number, names: ReadonlyMap<string, unknown>): string | undefined {
  const words = text.slice(Math.max(0, end - 80), end).match(/[\p{L}_][\p{L}\p{N}_-]*/gu) ?? [];
  for (let count = MOST_WORDS; count > 0; count -= 1) {
    const name = foldName(words.slice(-count).join(''));
    if (names.has(name)) return name;
  }
  return undefined;
}

/** The numbers of an answer, at any depth, by the names that they stand under. */
function numbersByName(answer: JsonObject): Map<string, Set<number>> {
  const found = new Map<string, Set<number>>();
  const visit = (name: string, value: unknown): void => {
    if (typeof value === 'number') found.set(name, (found.get(name) ?? new Set()).add(value));
    else if (Array.isArray(value)) for (const member of value) visit(name, member);
    else if (isJsonObject(value)) for (const [key, member] of Object.entries(value)) visit(foldName(key), member);
  };
  visit('', answer);
  return found;
}
