import { nearestName } from '../text/nearest-name.ts';

const MOST_NAMED_COLUMNS = 30;

/** What could be meant by a column that is not there: the nearest name, and the columns there are. */
export function suggestColumn(
  missing: string,
  columns: readonly string[],
  show: (column: string) => string = quoted,
): string {
  const nearest = nearestName(missing, columns);
  const shown = columns.slice(0, MOST_NAMED_COLUMNS).map(quoted);
  const list = shown.length === 0 ? 'there are no columns' : `its columns are ${shown.join(', ')}`;
  const rest = columns.length > shown.length ? ` and ${columns.length - shown.length} more` : '';
  return nearest === undefined
    ? `${list}${rest}`
    : `did you mean ${show(nearest)}? ${list[0]?.toUpperCase()}${list.slice(1)}${rest}`;
}

function quoted(column: string): string {
  return `"${column}"`;
}
