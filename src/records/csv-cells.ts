import type * as CsvParse from 'csv-parse/sync';
import { requirePackage } from '../packages/require-package.ts';
import type { CsvDialect } from './csv-dialect.ts';

/** The cells of whole rows; undefined where their quoting is broken. */
export function readCells(bytes: Buffer, dialect: CsvDialect): string[][] | undefined {
  const { parse } = requirePackage('csv-parse/sync') as typeof CsvParse;
  try {
    return parse(bytes, {
      delimiter: String.fromCharCode(dialect.delimiter),
      // Given, because csv-parse settles on the first line end it sees and takes all others for text.
      record_delimiter: dialect.newline === 0x0a ? ['\r\r\n', '\r\n', '\n'] : ['\r'],
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: true,
    });
  } catch {
    return undefined;
  }
}
