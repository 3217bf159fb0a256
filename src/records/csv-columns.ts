import { GleanerError } from '../gleaner-error.ts';

/**
 * Column names from the cells of a header: trimmed, and `column_3` for a third column without a name, as the index
 * columns of data frames and trailing delimiters leave them. Throws GleanerError where two columns have one name.
 */
export function nameCsvColumns(cells: readonly string[], inputName: string): string[] {
  const columns = cells.map((cell, position) => cell.trim() || `column_${position + 1}`);
  const seen = new Set<string>();
  const repeatedNames = new Set<string>();
  for (const column of columns) {
    if (seen.has(column)) repeatedNames.add(column);
    seen.add(column);
  }
  const repeated = [...repeatedNames];
  if (repeated.length > 0) {
    const names = repeated.map((column) => JSON.stringify(column)).join(', ');
    throw new GleanerError(
      'input-unreadable',
      `Cannot read ${inputName}: every column needs a name of its own, but the header has more than one ${names}`,
    );
  }
  return columns;
}
