import { GleanerError } from '../gleaner-error.ts';
import type { RecordFormat } from './record.ts';

const EXPORT_HINT = 'export it as CSV (UTF-8) or JSON lines';

/** First bytes of files that are often given by mistake, in latin1. */
const foreign: readonly { readonly magic: string; readonly what: string; readonly hint: string }[] = [
  { magic: 'PK\x03\x04', what: 'a zip archive or an Excel workbook (.xlsx)', hint: EXPORT_HINT },
  { magic: '\xd0\xcf\x11\xe0', what: 'an old Excel workbook (.xls)', hint: EXPORT_HINT },
  { magic: 'PAR1', what: 'a Parquet file', hint: EXPORT_HINT },
  { magic: 'ARROW1', what: 'an Arrow file', hint: EXPORT_HINT },
  { magic: 'Obj\x01', what: 'an Avro file', hint: EXPORT_HINT },
  { magic: 'SQLite format 3', what: 'an SQLite database', hint: EXPORT_HINT },
  { magic: '%PDF-', what: 'a PDF document', hint: EXPORT_HINT },
  { magic: '\x28\xb5\x2f\xfd', what: 'compressed with zstd', hint: 'decompress it first, or compress it with gzip' },
  { magic: 'BZh', what: 'compressed with bzip2', hint: 'decompress it first, or compress it with gzip' },
  { magic: '\xfd7zXZ\x00', what: 'compressed with xz', hint: 'decompress it first, or compress it with gzip' },
  { magic: '\x1f\x8b', what: 'compressed with gzip twice', hint: 'decompress it first' },
];

/** Extensions of files that are often given by mistake. */
const foreignNames: readonly {
  readonly extension: RegExp;
  readonly what: string;
  readonly hint: string;
  readonly advice?: string;
}[] = [
  { extension: /\.(?:xlsx|xlsm|xls|ods|numbers)$/i, what: 'a spreadsheet', hint: EXPORT_HINT },
  { extension: /\.parquet$/i, what: 'a Parquet file', hint: EXPORT_HINT },
  { extension: /\.(?:arrow|feather)$/i, what: 'an Arrow file', hint: EXPORT_HINT },
  { extension: /\.avro$/i, what: 'an Avro file', hint: EXPORT_HINT },
  { extension: /\.(?:db|sqlite3?)$/i, what: 'an SQLite database', hint: EXPORT_HINT },
  {
    extension: /\.json$/i,
    what: 'JSON, which may be one array',
    hint: `write one object a line, for example with "jq -c '.[]'", and name the file .jsonl`,
    advice: 'json-lines-already',
  },
];

/** Throws GleanerError where a file's name shows that it is no such file as is read here. */
export function refuseForeignName(name: string): void {
  const found = foreignNames.find(({ extension }) => extension.test(name));
  if (found !== undefined) throw refusal(name, found.what, found.hint, found.advice);
}

const UTF16_HINT = 'convert it first, for example with "iconv -f UTF-16 -t UTF-8", or save it as "CSV UTF-8"';

/** Throws GleanerError where the first bytes of an input show that it is something else than its format. */
export function refuseForeign(head: Buffer, format: RecordFormat, name: string): void {
  const text = head.toString('latin1');
  if (/^(?:\xff\xfe|\xfe\xff)/.test(text)) throw refusal(name, 'UTF-16 text', UTF16_HINT, 'encoding-utf-16');
  const found = foreign.find(({ magic }) => text.startsWith(magic));
  if (found !== undefined) throw refusal(name, found.what, found.hint);
  // Text in UTF-16 without a mark: every other byte of Latin letters is zero.
  if (/^(?:[^\0]\0){2}|^(?:\0[^\0]){2}/.test(text)) throw refusal(name, 'UTF-16 text', UTF16_HINT, 'encoding-utf-16');
  // Further on it costs its row only.
  if (/^[^\n\r]{0,63}\0/.test(text)) throw refusal(name, 'not text', EXPORT_HINT);
  const body = text.replace(/^\xef\xbb\xbf/, '').trimStart();
  if (/^<(?:!doctype\s+html|html|\?xml)/i.test(body)) {
    throw refusal(name, 'an HTML or XML document', 'check where it was downloaded from');
  }
  if (format === 'jsonl') {
    if (/^\[\s*\{/.test(body)) {
      throw refusal(name, 'one JSON array', `write one object a line, for example with "jq -c '.[]'"`);
    }
    if (/^\{[ \t]*\r?\n/.test(body)) {
      throw refusal(name, 'JSON spread over several lines', 'write one object a line, for example with "jq -c ."');
    }
  } else if (/^\{\s*"[^"]*"\s*:/.test(body)) {
    throw refusal(name, 'JSON rather than CSV', undefined, 'json-lines');
  }
}

function refusal(name: string, what: string, hint: string | undefined, advice?: string): GleanerError {
  const message = `Cannot read ${name}: it is ${what}${hint === undefined ? '' : `; ${hint}`}`;
  return new GleanerError('input-unreadable', message, advice === undefined ? {} : { facts: { advice } });
}
