import type { Spread } from './field-tally.ts';

export interface SpreadColumn {
  from: number;
  to: number;
  /** About how many: bins that lie in two columns are shared out. */
  count: number;
}

/** From this ratio of the largest number to the mean on, equally wide columns would leave all but one empty. */
const LONG_TAIL = 8;

/**
 * Lays out bins, which grow with the number, as columns of a chart: equally wide ones, or, where a few numbers are far larger than the
 * rest, ones that grow by the same factor.
 */
export function spreadColumns(
  { min, max, mean, bins = [] }: Spread,
  columns: number,
): { columns: SpreadColumn[]; isLogarithmic: boolean } {
  const isLogarithmic = min > 0 && max / mean >= LONG_TAIL;
  const scale = isLogarithmic ? Math.log : identity;
  const back = isLogarithmic ? Math.exp : identity;
  const [low, high] = [scale(min), scale(max)];
  const width = (high - low) / columns;
  if (!(width > 0) || !Number.isFinite(width)) return { columns: [], isLogarithmic };
  const laidOut = Array.from({ length: columns }, (_, index) => ({
    from: index === 0 ? min : back(low + index * width),
    to: index === columns - 1 ? max : back(low + (index + 1) * width),
    count: 0,
  }));
  for (const [edge, count] of bins) {
    const [start, end] = binEnds(edge).map((value) => scale(Math.min(Math.max(value, min), max))) as [number, number];
    const first = Math.min(columns - 1, Math.floor((start - low) / width));
    const last = Math.min(columns - 1, Math.max(first, Math.ceil((end - low) / width) - 1));
    for (let index = first; index <= last; index += 1) {
      const column = laidOut[index];
      if (column === undefined) continue;
      const overlap = Math.min(end, low + (index + 1) * width) - Math.max(start, low + index * width);
      column.count += first === last ? count : (count * Math.max(0, overlap)) / (end - start);
    }
  }
  return { columns: laidOut, isLogarithmic };
}

/** Bins are named by their end that is nearest to zero, and are an eighth of a doubling wide. */
function binEnds(edge: number): [from: number, to: number] {
  const far = edge * 2 ** (1 / 8);
  return edge < 0 ? [far, edge] : [edge, far];
}

function identity(value: number): number {
  return value;
}
