import { charSet, type CharSet } from './char-set.ts';

/**
 * Splits all characters into the coarsest disjoint classes such that each given set is a union of classes.
 * `members[s][c]` says whether set `s` holds class `c`.
 */
export function charClasses(sets: readonly CharSet[]): { classes: CharSet[]; members: boolean[][] } {
  const edges = new Set<number>([0]);
  for (const set of sets) {
    for (let index = 0; index < set.length; index += 2) {
      edges.add(set[index] ?? 0);
      edges.add((set[index + 1] ?? 0) + 1);
    }
  }
  const sorted = [...edges].filter((edge) => edge <= 0x10ffff).sort((left, right) => left - right);
  const cursors = sets.map(() => 0);
  const groups = new Map<string, { ranges: [number, number][]; held: boolean[] }>();
  for (const [index, from] of sorted.entries()) {
    const to = (sorted[index + 1] ?? 0x110000) - 1;
    const held = sets.map((set, position) => {
      let cursor = cursors[position] ?? 0;
      while (cursor < set.length && (set[cursor + 1] ?? 0) < from) cursor += 2;
      cursors[position] = cursor;
      return cursor < set.length && (set[cursor] ?? 0) <= from;
    });
    const key = held.map(Number).join('');
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { ranges: [[from, to]], held });
    else group.ranges.push([from, to]);
  }
  const classes: CharSet[] = [];
  const members: boolean[][] = sets.map(() => []);
  for (const { ranges, held } of groups.values()) {
    classes.push(charSet(ranges));
    for (const [index, isHeld] of held.entries()) members[index]?.push(isHeld);
  }
  return { classes, members };
}
