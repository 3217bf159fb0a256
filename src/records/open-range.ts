import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { GleanerError } from '../gleaner-error.ts';
import { CsvRows } from './csv-rows.ts';
import type { CsvDialect } from './csv-dialect.ts';
import { describeReadError } from './describe-read-error.ts';
import { JsonlRows } from './jsonl-rows.ts';
import { DEFAULT_MAX_ROW_BYTES } from './open-records.ts';
import type { RecordFormat } from './record.ts';
import { RowSource } from './row-source.ts';
import { createTranscoder, transcode } from './transcode.ts';

/** Enough for most parts of an input at once. */
const READ_BYTES = 1 << 17;

export interface RangeStart {
  /** Bytes of the file before the first row. */
  readonly start: number;
  /** Position of the first row in the whole input. */
  readonly index: number;
  readonly line: number;
}

/** How the whole input is written. */
export interface RangeFormat {
  readonly format: RecordFormat;
  /** Needed for CSV and TSV. */
  readonly csv?: { readonly dialect: CsvDialect; readonly columns: readonly string[] } | undefined;
  readonly encoding?: string | undefined;
  readonly fillShortRows?: boolean | undefined;
}

/**
 * Opens a plain file at a row, as though all rows before it had been read: rows have the positions, lines and messages of the whole
 * input. It goes on to the end of the file, since how a row with broken quotes ends can depend on what follows; whoever wants a part
 * takes so many rows and leaves.
 */
export async function openRange(
  path: string,
  at: RangeStart,
  { format, csv, encoding, fillShortRows, signal }: RangeFormat & { signal?: AbortSignal | undefined },
): Promise<RowSource> {
  const { start, index, line } = at;
  const transcoder = encoding === undefined ? undefined : createTranscoder(encoding, path, { isAmid: true });
  const limits = { name: path, maxRowBytes: DEFAULT_MAX_ROW_BYTES };
  const stream = createReadStream(path, { start, highWaterMark: READ_BYTES });
  const raw = stream.iterator() as AsyncIterable<Buffer> & AsyncIterator<Buffer, void, undefined>;
  const stop = (): void => void stream.destroy();
  signal?.addEventListener('abort', stop, { once: true });
  const parser =
    csv === undefined
      ? new JsonlRows({ ...limits, begin: { index, line } })
      : new CsvRows({
          ...limits,
          delimiter: csv.dialect.delimiter,
          fillShortRows: fillShortRows === true,
          begin: { ...csv, index, line },
        });
  return new RowSource({
    format,
    parser,
    chunks: transcoder === undefined ? raw : transcode(raw, transcoder),
    signal,
    close: async () => {
      signal?.removeEventListener('abort', stop);
      stream.destroy();
      if (!stream.closed) await once(stream, 'close').catch(() => {});
    },
    explain: (error, rowsRead) => {
      const reason = describeReadError(error);
      if (reason === undefined) return error;
      const where = index + rowsRead > 0 ? ` after record ${index + rowsRead}` : '';
      return new GleanerError('input-unreadable', `Cannot read ${path}: ${reason}${where}`, { cause: error });
    },
  });
}
