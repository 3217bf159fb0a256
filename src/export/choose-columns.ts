import { suggestColumn } from '../extraction/suggest-column.ts';
import { GleanerError } from '../gleaner-error.ts';
import type { Column } from './column.ts';

/**
 * Places of the columns that were asked for, in that order; a name above others, such as `address`, stands for all below it.
 *
 * @throws {GleanerError} when there is no column of a name
 */
export function chooseColumns(wanted: readonly string[], columns: readonly Column[]): number[] {
  const chosen = wanted.flatMap((name) => {
    const places = columns.flatMap((column, place) =>
      column.name === name || column.name.startsWith(`${name}.`) ? [place] : [],
    );
    if (places.length > 0) return places;
    const names = columns.map((column) => column.name);
    throw new GleanerError('usage', `Cannot export the column "${name}": ${suggestColumn(name, names)}`);
  });
  return [...new Set(chosen)];
}
