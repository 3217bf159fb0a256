import { Readable } from 'node:stream';
import { openRecords, type OpenRecordsOptions } from '../../src/records/open-records.ts';
import type { RecordFormat, SourceRow } from '../../src/records/record.ts';

/** The rows of an input that arrives in the given chunks. */
export async function readRows(
  format: RecordFormat,
  chunks: readonly (string | Buffer)[],
  options: OpenRecordsOptions = {},
): Promise<SourceRow[]> {
  const stdin = Readable.from(
    chunks.map((chunk) => Buffer.from(chunk)),
    { objectMode: true },
  );
  const rows: SourceRow[] = [];
  for await (const row of await openRecords('-', { format, stdin, ...options })) rows.push(row);
  return rows;
}

/** One line for each row, short enough for tables: `0 2 {"a":"1"}` or `1 3 ! message`. */
export function summarize(rows: readonly SourceRow[]): string[] {
  return rows.map((row) =>
    row.kind === 'record'
      ? `${row.index} ${row.line} ${JSON.stringify(row.fields)}`
      : `${row.index} ${row.line} ! ${row.message.replace(/^Cannot read record on line \d+: /, '')} <${row.text}>`,
  );
}

/** The input cut in two at every byte, and into single bytes. */
export function* cuts(input: string | Buffer): Generator<Buffer[]> {
  const bytes = Buffer.from(input);
  for (let at = 0; at <= bytes.length; at += 1) yield [bytes.subarray(0, at), bytes.subarray(at)];
  yield Array.from(bytes, (_, at) => bytes.subarray(at, at + 1));
}
