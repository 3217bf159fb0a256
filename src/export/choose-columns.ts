import { suggestColumn } from '../extraction/suggest-column.ts';
import { GleanerError } from '../gleaner-error.ts';
import type { Column } from './column.ts';

/**
 * Places of the columns that were asked for, in that order; a name above others, such as `address`, stands for all below it.
 *
 * @param beside groups of places that an option of their own asks for, such as the input: where no name is of a group, all of it
 * comes last
 * @throws {GleanerError} when there is no column of a name
 */
export function chooseColumns(
  wanted: readonly string[],
  columns: readonly Column[],
  beside: readonly (readonly number[])[],
): number[] {
  const chosen = wanted.flatMap((name) => {
    const places = columns.flatMap((column, place) =>
      column.name === name || column.name.startsWith(`${name}.`) ? [place] : [],
    );
    if (places.length > 0) return places;
    const names = columns.map((column) => column.name);
    throw new GleanerError('usage', `Cannot export the column "${name}": ${suggestColumn(name, names)}`);
  });
  const places = new Set(chosen);
  const unnamed = beside.filter((group) => !group.some((place) => places.has(place)));
  return [...places, ...unnamed.flat()];
}
