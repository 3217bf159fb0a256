import { extname } from 'node:path';
import { GleanerError } from '../gleaner-error.ts';

export const EXPORT_FORMATS = ['csv', 'jsonl', 'json', 'xlsx', 'parquet', 'sqlite'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];
/** Formats that can go to standard output. */
export type TextFormat = 'csv' | 'jsonl' | 'json';

const FORMAT_BY_EXTENSION: Readonly<Record<string, ExportFormat>> = {
  '.csv': 'csv',
  '.jsonl': 'jsonl',
  '.ndjson': 'jsonl',
  '.json': 'json',
  '.xlsx': 'xlsx',
  '.parquet': 'parquet',
  '.sqlite': 'sqlite',
  '.sqlite3': 'sqlite',
  '.db': 'sqlite',
};

/**
 * The format of a file that is to be written: what its name says, and nothing else than what was asked for.
 *
 * @throws {GleanerError} when the name says no format, or another than the one that is given
 */
export function formatOfFile(file: string, given?: ExportFormat): ExportFormat {
  const extension = extname(file).toLowerCase();
  const named = FORMAT_BY_EXTENSION[extension];
  if (named === undefined && given === undefined) {
    throw new GleanerError(
      'output-unwritable',
      `Cannot tell the format of ${file} from its name: end it with ${Object.keys(FORMAT_BY_EXTENSION).join(', ')}, or name a format`,
    );
  }
  if (named !== undefined && given !== undefined && named !== given) {
    throw new GleanerError(
      'output-unwritable',
      `Cannot write ${given} into ${file}: its name is that of a ${named} file; give another name, or leave the format to it`,
    );
  }
  return named ?? given ?? 'csv';
}

export function isTextFormat(format: ExportFormat): format is TextFormat {
  return format === 'csv' || format === 'jsonl' || format === 'json';
}
