import { once } from 'node:events';
import { Readable } from 'node:stream';
import { GleanerError } from '../gleaner-error.ts';
import type { ByteStream } from './byte-stream.ts';
import { refuseAddress } from './refuse-address.ts';
import { markLength } from './byte-order-mark.ts';
import { CsvRows } from './csv-rows.ts';
import { describeReadError } from './describe-read-error.ts';
import { gunzip } from './gunzip.ts';
import { JsonlRows } from './jsonl-rows.ts';
import type { InputTrace } from './input-trace.ts';
import { isRegularFile, openInput } from './open-input.ts';
import type { RecordFormat, RecordSource } from './record.ts';
import { recordFormatOf } from './record-format.ts';
import { refuseForeign, refuseForeignName } from './refuse-foreign.ts';
import type { RowParser } from './row-parser.ts';
import { RowSource } from './row-source.ts';
import { createTranscoder, transcode, type Transcoder } from './transcode.ts';

export interface OpenRecordsOptions {
  /** Default: by the file's extension. Needed for standard input. */
  readonly format?: RecordFormat;
  /** One ASCII character, `\t` or `tab`. Default: detected in the header of a CSV file, tab for TSV. */
  readonly delimiter?: string;
  /** The encoding of the text, under a name of the Encoding Standard such as `windows-1252`. Default UTF-8. */
  readonly encoding?: string;
  /** Takes CSV rows whose last cells are left off for rows whose last cells are empty, and passes over rows of empty cells. */
  readonly fillShortRows?: boolean;
  /** What `-` stands for; needed for that input only. */
  readonly stdin?: ByteStream;
  /** Rows longer than this become unreadable rows. Default: 33554432 (32 MiB). */
  readonly maxRowBytes?: number;
  /** Opens the bytes of an input that is somewhere else than in a file; its name still tells the format. */
  readonly open?: () => ByteStream;
  readonly signal?: AbortSignal;
  /** Rows of JSON lines of which this holds are given without fields. */
  readonly isKnown?: (index: number) => boolean;
}

/** Longer rows are taken for damage. */
export const DEFAULT_MAX_ROW_BYTES = 33_554_432;

/** What is looked at to tell text from other files. */
const HEAD_BYTES = 512;

/**
 * Opens a file, or standard input for `-`, and reads as far as the header. Rows are read as they are consumed.
 * Throws GleanerError where the input cannot be read or is no such file; iterating throws GleanerError where it breaks
 * off, after the rows before that, and the signal's reason once it is aborted.
 *
 * @example
 * const source = await openRecords('receipts.csv.gz');
 * for await (const row of source) if (row.kind === 'record') console.log(row.fields['total']);
 */
export function openRecords(input: string, options: OpenRecordsOptions = {}): Promise<RecordSource> {
  return openTracedRecords(input, options);
}

/** As `openRecords`; the trace is told where rows stand in the file. */
export async function openTracedRecords(
  input: string,
  options: OpenRecordsOptions,
  trace?: InputTrace,
): Promise<RecordSource> {
  const { stdin, maxRowBytes = DEFAULT_MAX_ROW_BYTES, fillShortRows = false, signal } = options;
  const name = input === '-' ? 'standard input' : input;
  if (!(maxRowBytes > 0)) throw new RangeError(`Cannot read ${name}: maxRowBytes must be above 0, got ${maxRowBytes}`);
  if (options.open === undefined) refuseAddress(input);
  const { format, isGzip: promisesGzip } = chooseFormat(input, options.format, name);
  const delimiter = chooseDelimiter(options.delimiter, format);
  const transcoder = options.encoding === undefined ? undefined : createTranscoder(options.encoding, name);
  // A pipe was given its name before anybody knew what would come through it.
  const isGzip = options.open === undefined && (await isRegularFile(input)) ? promisesGzip : undefined;
  signal?.throwIfAborted();

  const stream = await openStream();
  const limits = { name, maxRowBytes, onRow: trace?.onRow };
  const csv = format === 'jsonl' ? undefined : new CsvRows({ ...limits, delimiter, fillShortRows });
  const parser: RowParser = csv ?? new JsonlRows({ ...limits, isKnown: options.isKnown });
  let chunks: AsyncGenerator<Buffer, void, undefined> | undefined;

  function explain(error: unknown, rowsRead: number): unknown {
    const reason = describeReadError(error);
    if (reason === undefined) return error;
    const where = rowsRead > 0 ? ` after record ${rowsRead}` : '';
    return new GleanerError('input-unreadable', `Cannot read ${name}: ${reason}${where}`, { cause: error });
  }
  async function openStream(): Promise<ByteStream> {
    if (options.open !== undefined) return options.open();
    if (input !== '-') {
      return openInput(input).catch((error: unknown) => {
        throw explain(error, 0);
      });
    }
    if (stdin === undefined) throw new TypeError('Cannot read standard input: the option stdin is missing');
    return stdin;
  }
  const stop = (): void => {
    stream.destroy();
  };
  async function close(): Promise<void> {
    signal?.removeEventListener('abort', stop);
    stream.destroy();
    await chunks?.return().catch(() => {});
    // Others own standard input, and not every stream they may pass reports its end.
    if (stream !== stdin && stream instanceof Readable && !stream.closed) await once(stream, 'close').catch(() => {});
  }
  signal?.addEventListener('abort', stop, { once: true });

  try {
    const text = await openText(stream, { format, isGzip, name, transcoder, trace });
    ({ chunks } = text);
    let next = await chunks.next();
    while (!next.done) {
      parser.write(next.value);
      if (format === 'jsonl' || parser.columns !== undefined) break;
      next = await chunks.next();
    }
    if (next.done) parser.end();
    const { isGzip: isPacked, markBytes } = text;
    trace?.onStart({ isGzip: isPacked, markBytes, dialect: csv?.dialect, encoding: transcoder?.encoding ?? 'utf-8' });
    return new RowSource({ format, parser, chunks, signal, close, explain });
  } catch (error) {
    await close();
    signal?.throwIfAborted();
    throw explain(error, 0);
  }
}

function chooseFormat(
  input: string,
  wanted: RecordFormat | undefined,
  name: string,
): { format: RecordFormat; isGzip: boolean | undefined } {
  const known = input === '-' ? undefined : recordFormatOf(input);
  const format = wanted ?? known?.format;
  if (format === undefined) {
    refuseForeignName(name);
    const problem = input === '-' ? 'its format is not known' : 'its extension does not tell the format';
    throw new GleanerError('input-unreadable', `Cannot read ${name}: ${problem}`, {
      facts: { advice: input === '-' ? 'format' : 'format-or-extension' },
    });
  }
  // Where no extension promises anything, the bytes tell.
  return { format, isGzip: known?.gzip };
}

function chooseDelimiter(given: string | undefined, format: RecordFormat): number | undefined {
  if (given === undefined) return format === 'tsv' ? 0x09 : undefined;
  if (format === 'jsonl')
    throw new GleanerError('input-unreadable', 'Cannot use a delimiter with JSON lines: it is for CSV and TSV');
  const delimiter = given === '\\t' || given.toLowerCase() === 'tab' ? '\t' : given;
  if (delimiter.length !== 1 || delimiter > '\x7f' || '"\r\n\0'.includes(delimiter)) {
    throw new GleanerError(
      'input-unreadable',
      `Cannot use ${JSON.stringify(given)} as a delimiter: give one ASCII character other than a quote or a line end, or "tab"`,
    );
  }
  return delimiter.charCodeAt(0);
}

interface TextOptions {
  readonly format: RecordFormat;
  readonly isGzip: boolean | undefined;
  readonly name: string;
  readonly transcoder: Transcoder | undefined;
  readonly trace: InputTrace | undefined;
}

interface OpenedText {
  readonly chunks: AsyncGenerator<Buffer, void, undefined>;
  readonly isGzip: boolean;
  readonly markBytes: number;
}

/** The decompressed bytes, in UTF-8, of an input that looks like text of the format, without a byte order mark. */
async function openText(
  stream: ByteStream,
  { format, isGzip, name, transcoder, trace }: TextOptions,
): Promise<OpenedText> {
  const raw = buffers(stream);
  let { head, failure } = await readHead(raw);
  let chunks = raw;
  const looksGzip = head[0] === 0x1f && head[1] === 0x8b;
  if (isGzip === true && !looksGzip && failure === undefined) {
    const problem =
      head.length === 0
        ? 'it is empty, which gzip data never is'
        : 'it is not gzip data; rename it without .gz if it is plain text';
    throw new GleanerError('input-unreadable', `Cannot read ${name}: ${problem}`);
  }
  if (isGzip === false && looksGzip) {
    throw new GleanerError(
      'input-unreadable',
      `Cannot read ${name}: it is compressed with gzip; rename it to end in .gz`,
    );
  }
  // What a transcoder makes of its bytes is told by itself; of gzip nobody can tell where a row stands.
  if (trace !== undefined && (looksGzip || transcoder === undefined)) {
    chunks = traced(prepend(head, failure, raw), trace);
    ({ head, failure } = await readHead(chunks));
  }
  if (looksGzip) {
    chunks = gunzip(prepend(head, failure, chunks));
    ({ head, failure } = await readHead(chunks));
  }
  if (transcoder !== undefined) {
    const onBlock = looksGzip ? undefined : trace?.onBlock.bind(trace);
    chunks = transcode(prepend(head, failure, chunks), transcoder, onBlock);
    ({ head, failure } = await readHead(chunks));
  }
  try {
    refuseForeign(head, format, name);
  } catch (error) {
    await chunks.return();
    throw error;
  }
  const markBytes = markLength(head, 0);
  return { chunks: prepend(head.subarray(markBytes), failure, chunks), isGzip: looksGzip, markBytes };
}

async function* traced(chunks: AsyncIterable<Buffer>, trace: InputTrace): AsyncGenerator<Buffer, void, undefined> {
  for await (const chunk of chunks) {
    trace.onBlock(chunk, chunk);
    yield chunk;
  }
}

async function* buffers(stream: ByteStream): AsyncGenerator<Buffer, void, undefined> {
  for await (const chunk of stream) {
    if (typeof chunk === 'string') yield Buffer.from(chunk);
    else yield Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  }
}

interface Head {
  readonly head: Buffer;
  /** What the input failed with after these bytes. */
  readonly failure: unknown;
}

async function readHead(chunks: AsyncIterator<Buffer, void>): Promise<Head> {
  const parts: Buffer[] = [];
  let length = 0;
  try {
    while (length < HEAD_BYTES) {
      const { done, value } = await chunks.next();
      if (done) break;
      parts.push(value);
      length += value.length;
    }
  } catch (failure) {
    return { head: Buffer.concat(parts), failure };
  }
  return { head: Buffer.concat(parts), failure: undefined };
}

async function* prepend(
  head: Buffer,
  failure: unknown,
  rest: AsyncIterable<Buffer>,
): AsyncGenerator<Buffer, void, undefined> {
  if (head.length > 0) yield head;
  if (failure !== undefined) throw failure;
  yield* rest;
}
