import { quoteTable, type TableAddress } from './table-address.ts';

/**
 * Finds all rows of a table as of a time, in the order of a column. Rows of one id are put in order as well, by all that they hold, so that
 * every reading finds them alike.
 */
export function readStatement(table: TableAddress, { idColumn, asOfMs }: { idColumn: string; asOfMs: number }): string {
  return (
    `SELECT * FROM (SELECT * FROM ${quoteTable(table)} FOR SYSTEM_TIME AS OF TIMESTAMP_MILLIS(${asOfMs})) AS gleaner_row ` +
    `ORDER BY gleaner_row.\`${idColumn}\`, TO_JSON_STRING(gleaner_row)`
  );
}

/** Finds all rows of a table as it is, in no order. */
export function readAllStatement(table: TableAddress): string {
  return `SELECT * FROM ${quoteTable(table)}`;
}
