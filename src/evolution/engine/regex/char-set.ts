/** Code points as sorted, disjoint, inclusive ranges laid out flat: [from, to, from, to, ...]. */
export type CharSet = readonly number[];

const LAST_CODE_POINT = 0x10ffff;
export const everyChar: CharSet = [0, LAST_CODE_POINT];

/** The set that covers all the given inclusive ranges, which may overlap and come in any order. */
export function charSet(ranges: readonly (readonly [number, number])[]): CharSet {
  const sorted = [...ranges].sort((left, right) => left[0] - right[0]);
  const result: number[] = [];
  let end = -2;
  for (const [from, to] of sorted) {
    if (from > end + 1) {
      result.push(from, to);
      end = to;
    } else if (to > end) {
      result[result.length - 1] = to;
      end = to;
    }
  }
  return result;
}

export function rangesOf(set: CharSet): [number, number][] {
  const ranges: [number, number][] = [];
  for (let index = 0; index < set.length; index += 2) ranges.push([set[index] ?? 0, set[index + 1] ?? 0]);
  return ranges;
}

export function unionOf(sets: readonly CharSet[]): CharSet {
  return charSet(sets.flatMap(rangesOf));
}

export function complementOf(set: CharSet): CharSet {
  const result: number[] = [];
  let next = 0;
  for (const [from, to] of rangesOf(set)) {
    if (from > next) result.push(next, from - 1);
    next = to + 1;
  }
  if (next <= LAST_CODE_POINT) result.push(next, LAST_CODE_POINT);
  return result;
}

export function intersectionOf(left: CharSet, right: CharSet): CharSet {
  const result: number[] = [];
  let i = 0;
  let j = 0;
  while (i < left.length && j < right.length) {
    const leftTo = left[i + 1] ?? 0;
    const rightTo = right[j + 1] ?? 0;
    const from = Math.max(left[i] ?? 0, right[j] ?? 0);
    const to = Math.min(leftTo, rightTo);
    if (from <= to) result.push(from, to);
    if (leftTo < rightTo) i += 2;
    else j += 2;
  }
  return result;
}

export function hasChar(set: CharSet, codePoint: number): boolean {
  let low = 0;
  let high = set.length / 2 - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    if (codePoint < (set[middle * 2] ?? 0)) high = middle - 1;
    else if (codePoint > (set[middle * 2 + 1] ?? 0)) low = middle + 1;
    else return true;
  }
  return false;
}

/** What a person would rather read in an example, best first. */
const READABLE = [
  ...'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ -_.,:;@/+*#!?$%&()[]{}<>=\'"|^~`\\',
];
const readableCodePoints = READABLE.map((char) => char.codePointAt(0) ?? 0);

/** The most readable member of a set, with its rank: lower is easier on the eye. The set must not be empty. */
export function representativeOf(set: CharSet): { codePoint: number; rank: number } {
  const rank = readableCodePoints.findIndex((codePoint) => hasChar(set, codePoint));
  const found = readableCodePoints[rank];
  if (found !== undefined) return { codePoint: found, rank };
  const visible = rangesOf(set).find(([, to]) => to > 0xa0);
  const codePoint = visible === undefined ? (set[0] ?? 0) : Math.max(visible[0], 0xa1);
  return { codePoint, rank: READABLE.length + codePoint };
}
