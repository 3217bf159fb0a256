import type { Evidence, Occurrence } from './evidence.ts';
import { longestInOrder } from './longest-in-order.ts';
import type { SourceText } from './source-text.ts';
import type { Leaf } from './value-leaves.ts';
import { wordsOf } from './words.ts';

/** Where one value of a result may stand. */
export interface Candidates {
  leaf: Leaf;
  /** Undefined where it was found nowhere. */
  source: SourceText | undefined;
  occurrences: readonly Occurrence[];
}

/** Lists keep their places among the values beside them. */
export type CandidateNode = Candidates | { items: readonly CandidateNode[][] };

/** What comes last where it comes more than once: the sum stands below what it is the sum of. */
const SUM = /total|sum|amount|balance|payable|due/i;

/**
 * Chooses one occurrence for each value:
 * - the items of a list take the occurrences in their order;
 * - any other value takes the one that has most words of its name in the same line, or else in the line before it;
 * - of equal ones a sum takes the last, and others the one that is nearest to the values that stand in one place only, else the first.
 */
export function chooseOccurrences(nodes: readonly CandidateNode[]): Evidence[] {
  const chosen = new Map<Candidates, Occurrence>();
  const single = nodes.filter((node) => 'leaf' in node);
  for (const node of nodes) if ('items' in node) chooseInOrder(node.items, chosen);
  for (const one of single) if (one.occurrences.length === 1) choose(one, one.occurrences[0], chosen);
  const anchors = [...chosen].map(([{ source }, { start }]) => (source?.base ?? 0) + start);
  for (const one of single) if (one.occurrences.length > 1) choose(one, bestOf(one, anchors), chosen);
  return flatten(nodes).map((one) => evidenceOf(one, chosen.get(one)));
}

function choose(one: Candidates, occurrence: Occurrence | undefined, chosen: Map<Candidates, Occurrence>): void {
  if (occurrence !== undefined) chosen.set(one, occurrence);
}

function evidenceOf({ leaf, source, occurrences }: Candidates, occurrence: Occurrence | undefined): Evidence {
  if (occurrence === undefined) return { path: leaf.path, start: null, end: null, match: 'none', occurrences: 0 };
  const { start, end, match } = occurrence;
  const evidence: Evidence = { path: leaf.path, start, end, match, occurrences: occurrences.length };
  if (source?.field !== undefined) evidence.field = source.field;
  return evidence;
}

function flatten(nodes: readonly CandidateNode[]): Candidates[] {
  return nodes.flatMap((node) => ('items' in node ? node.items.flatMap(flatten) : [node]));
}

function bestOf({ leaf, source, occurrences }: Candidates, anchors: readonly number[]): Occurrence | undefined {
  if (source === undefined) return occurrences[0];
  const names = new Set(wordsOf(leaf.label).map(({ text }) => text));
  const scores = occurrences.map((one) => namesAround(source.text, one, names));
  const most = Math.max(...scores);
  const best = occurrences.filter((_, at) => scores[at] === most);
  if (best.length === 1 || SUM.test(leaf.path)) return best.at(-1);
  return nearest(best, source.base, anchors);
}

const MAX_LINE = 200;

/** How many words of a name stand in the line of an occurrence, outside of it, which count twice, and in the line before. */
function namesAround(text: string, { start, end }: Occurrence, names: ReadonlySet<string>): number {
  const line = Math.max(text.lastIndexOf('\n', start - 1) + 1, start - MAX_LINE);
  const before = line === 0 ? 0 : Math.max(text.lastIndexOf('\n', line - 2) + 1, start - MAX_LINE);
  const next = text.indexOf('\n', end);
  const to = Math.min(next === -1 ? text.length : next, end + MAX_LINE);
  const near = new Set([...wordsOf(text.slice(line, start)), ...wordsOf(text.slice(end, to))].map((word) => word.text));
  const far = new Set(wordsOf(text.slice(before, line)).map((word) => word.text));
  let score = 0;
  for (const name of names) score += near.has(name) ? 2 : far.has(name) ? 1 : 0;
  return score;
}

function nearest(occurrences: readonly Occurrence[], base: number, anchors: readonly number[]): Occurrence | undefined {
  let best = occurrences[0];
  let least = Number.POSITIVE_INFINITY;
  for (const one of occurrences) {
    for (const anchor of anchors) {
      const distance = Math.abs(anchor - base - one.start);
      if (distance >= least) continue;
      least = distance;
      best = one;
    }
  }
  return best;
}

/**
 * Chooses for the items of a list. The values of one column, the one that stands in the fewest places, are laid in their order; the
 * others of each item take what stands between its place and that of the next item, or closest to it.
 */
function chooseInOrder(items: readonly CandidateNode[][], chosen: Map<Candidates, Occurrence>): void {
  const rows = items.map((item) => flatten(item));
  const column = anchorColumn(rows);
  const anchors = rows.map((row) => row[column]);
  const order = longestInOrder(anchors.map((one) => one?.occurrences.map((place) => absolute(one, place)) ?? []));
  const starts = anchors.map((one, row) => {
    const occurrence = one?.occurrences[order[row] ?? 0];
    if (one !== undefined) choose(one, occurrence, chosen);
    return one === undefined || occurrence === undefined ? undefined : absolute(one, occurrence).start;
  });
  const taken = new Set<number>();
  for (const [row, cells] of rows.entries()) {
    const from = starts[row];
    const to = starts.slice(row + 1).find((start) => start !== undefined) ?? Number.POSITIVE_INFINITY;
    for (const cell of cells) {
      if (chosen.has(cell)) continue;
      const place = from === undefined ? cell.occurrences[0] : closest(cell, from, to, taken);
      choose(cell, place, chosen);
      if (place !== undefined) taken.add(absolute(cell, place).start);
    }
  }
}

function absolute({ source }: Candidates, { start, end }: Occurrence): { start: number; end: number } {
  const base = source?.base ?? 0;
  return { start: base + start, end: base + end };
}

/** The column with the most items that are found, and of these the one with the fewest occurrences. */
function anchorColumn(rows: readonly (readonly Candidates[])[]): number {
  const width = Math.max(0, ...rows.map((row) => row.length));
  let best = 0;
  let bestRank = Number.POSITIVE_INFINITY;
  for (let column = 0; column < width; column += 1) {
    const counts = rows.map((row) => row[column]?.occurrences.length ?? 0);
    const missing = counts.filter((count) => count === 0).length;
    const all = counts.reduce((sum, count) => sum + count, 0);
    const rank = missing * 1_000_000 + all;
    if (rank < bestRank) [best, bestRank] = [column, rank];
  }
  return best;
}

function closest(cell: Candidates, from: number, to: number, taken: ReadonlySet<number>): Occurrence | undefined {
  let best: Occurrence | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const one of cell.occurrences) {
    const { start } = absolute(cell, one);
    // What another cell took, and what stands before the item, is only for want of something else.
    const isInside = start >= from && start < to;
    const cost = Math.abs(start - from) + (isInside ? 0 : 1e9) + (taken.has(start) ? 1e8 : 0);
    if (cost >= least) continue;
    least = cost;
    best = one;
  }
  return best;
}
