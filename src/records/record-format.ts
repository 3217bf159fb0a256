import type { RecordFormat } from './record.ts';

const FORMATS: Readonly<Record<string, RecordFormat>> = { csv: 'csv', tsv: 'tsv', jsonl: 'jsonl', ndjson: 'jsonl' };

/** The format that a file name stands for, whatever its case; undefined for an unknown extension. */
export function recordFormatOf(path: string): { format: RecordFormat; gzip: boolean } | undefined {
  const [, extension, gz] = /\.(csv|tsv|jsonl|ndjson)(\.gz)?$/i.exec(path) ?? [];
  const format = FORMATS[extension?.toLowerCase() ?? ''];
  return format === undefined ? undefined : { format, gzip: gz !== undefined };
}
