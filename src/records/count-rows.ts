import { openRecords, type OpenRecordsOptions } from './open-records.ts';

/** Counts the rows of an input, `limit` at most; `isEnd` tells whether there are no more. Rows of JSON lines are not parsed for it. */
export async function countRows(
  input: string,
  options: OpenRecordsOptions,
  limit = Number.POSITIVE_INFINITY,
): Promise<{ rows: number; isEnd: boolean }> {
  let rows = 0;
  for await (const _row of await openRecords(input, { ...options, isKnown: () => true })) {
    rows += 1;
    if (rows >= limit) return { rows, isEnd: false };
  }
  return { rows, isEnd: true };
}
