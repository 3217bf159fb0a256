import type { Occurrence } from './evidence.ts';
import type { Word } from './words.ts';

/** A value of more words is prose, and is not searched for in parts. */
export const MAX_WORDS = 64;
const LEAST_SHARE = 3 / 4;
/** Least share of the words between the first and the last one found that are the value's. */
const LEAST_DENSITY = 1 / 3;
/** Bound of the work for one value; beyond it the value counts as not found. */
const MAX_STEPS = 4_000_000;

/**
 * The closest stretch of a text that has most of a value's words in their order. Of two stretches the one with more words wins, then
 * the shorter, then the first.
 *
 * For each place in the value and each count of words it keeps the latest start from which so many words can be reached, so that
 * the work is the number of words of the text that the value has, times the square of the value's length at most.
 */
export function findFuzzy(source: readonly Word[], value: readonly Word[]): Occurrence | undefined {
  const size = value.length;
  const least = Math.ceil(LEAST_SHARE * size);
  // One word alone is found whole, or it is another word.
  if (size < 2 || size > MAX_WORDS) return undefined;
  const places = placesOf(value);
  const hits = hitsOf(source, places);
  if (wordsFound(value, source, hits) < least) return undefined;

  // latest[place][count]: the latest start of a chain of `count` words that ends at this place of the value or before it.
  const width = size + 1;
  const latest = new Int32Array((size + 1) * width).fill(-1);
  let best: { count: number; from: number; to: number } | undefined;
  let steps = 0;
  for (const at of hits) {
    const wanted = places.get(source[at]?.text ?? '') ?? [];
    for (let nth = wanted.length - 1; nth >= 0; nth -= 1) {
      const place = (wanted[nth] ?? 0) + 1;
      for (let count = place; count >= 1; count -= 1) {
        const start = count === 1 ? at : (latest[(place - 1) * width + count - 1] ?? -1);
        if (start < 0) continue;
        for (let later = place; later <= size && (latest[later * width + count] ?? 0) < start; later += 1) {
          latest[later * width + count] = start;
          steps += 1;
        }
        if (count >= least && isBetter(best, count, at - start + 1)) best = { count, from: start, to: at };
      }
      steps += place;
      if (steps > MAX_STEPS) return undefined;
    }
  }
  const from = best && source[best.from];
  const to = best && source[best.to];
  return from === undefined || to === undefined ? undefined : { start: from.start, end: to.end, match: 'fuzzy' };
}

function isBetter(best: { count: number; from: number; to: number } | undefined, count: number, span: number): boolean {
  if (count / span < LEAST_DENSITY) return false;
  return best === undefined || count > best.count || (count === best.count && span < best.to - best.from + 1);
}

function placesOf(value: readonly Word[]): Map<string, number[]> {
  const places = new Map<string, number[]>();
  for (const [place, { text }] of value.entries()) {
    const known = places.get(text);
    if (known === undefined) places.set(text, [place]);
    else known.push(place);
  }
  return places;
}

function hitsOf(source: readonly Word[], places: ReadonlyMap<string, unknown>): number[] {
  const hits: number[] = [];
  for (let at = 0; at < source.length; at += 1) if (places.has(source[at]?.text ?? '')) hits.push(at);
  return hits;
}

function wordsFound(value: readonly Word[], source: readonly Word[], hits: readonly number[]): number {
  const found = new Set(hits.map((at) => source[at]?.text));
  return value.filter(({ text }) => found.has(text)).length;
}
