import { GleanerError } from '../../gleaner-error.ts';
import type { JsonValue } from '../../json/value.ts';
import type { InputStart, InputTrace } from '../../records/input-trace.ts';
import { isRegularFile } from '../../records/open-input.ts';
import { openTracedRecords } from '../../records/open-records.ts';
import type { RecordSource, SourceRecord, SourceRow } from '../../records/record.ts';
import { HashedIdSet } from '../../store/hashed-id-set.ts';
import { ChunkDigests } from './chunk-digests.ts';
import { withoutGaps, type PlanChunk, type PlanEnd, type PlanHead, type PlanReading } from './plan-lines.ts';

/** Chunks of this size cost a worker next to nothing to change, and lose little when one is done again. */
const DEFAULT_CHUNK_ROWS = 500;
/** What a worker takes at once, and loses with its machine. */
const MOST_CHUNK_ROWS = 2000;
/** At the end of a chunk calls in flight run out before the next begins: about one round of so many. */
const ROUNDS = 10;

function chunkRowsFor(concurrency: number): number {
  return Math.min(MOST_CHUNK_ROWS, Math.max(DEFAULT_CHUNK_ROWS, ROUNDS * concurrency));
}

export interface ScanOptions {
  /** How the input is read. */
  reading: PlanReading;
  /** Most rows of a chunk; from 200 to 2,000 are sensible. Default 500, or ten for each call in flight, up to 2,000. */
  chunkRows?: number | undefined;
  /** Calls in flight of a worker who ends one chunk before it begins the next. Default: nobody pauses between chunks. */
  concurrency?: number | undefined;
  ids: PlanIds;
  signal?: AbortSignal | undefined;
}

export interface PlanIds {
  /** Where ids come from; null for the row number. */
  rule: JsonValue;
  /** Gives a row its id; undefined where it has none. Left out where ids cannot repeat, as row numbers cannot. */
  idOf?: ((row: SourceRecord) => string | undefined) | undefined;
  /** @throws {GleanerError} where ids cannot be had from rows of these columns */
  check?: ((columns: readonly string[]) => void) | undefined;
}

/**
 * Reads an input once, as a run does, and yields what its plan says. Memory does not grow with the input, but for 20 bytes an id.
 *
 * @throws {GleanerError} when the input cannot be read to its end, or not more than once
 */
export async function* scanPlan(
  path: string,
  { reading, concurrency = 1, chunkRows = chunkRowsFor(concurrency), ids, signal }: ScanOptions,
): AsyncGenerator<PlanHead | PlanChunk | PlanEnd> {
  if (!Number.isSafeInteger(chunkRows) || chunkRows < 1) {
    const problem = `chunks must have a whole number of rows from 1, got ${chunkRows}`;
    throw new GleanerError('option-invalid', `Cannot plan ${path}: ${problem}`);
  }
  if (!(await isRegularFile(path))) {
    const what = path === '-' ? 'standard input' : path;
    throw new GleanerError(
      'input-unreadable',
      `Cannot plan ${what}: it can be read only once, and each part is read by itself; write it to a file first`,
    );
  }
  const scan = new Scan(chunkRows);
  const source = await openTracedRecords(path, { ...withoutGaps(reading), ...(signal && { signal }) }, scan);
  if (source.columns !== undefined) ids.check?.(source.columns);
  yield headOf(source, scan, { reading, chunkRows, ids: ids.rule });
  const seen = new HashedIdSet();
  let rows = 0;
  let repeated = 0;
  for await (const row of source) {
    rows += 1;
    if (isRepeated(row, ids, seen)) {
      repeated += 1;
      scan.noteRepeated(row.index);
    }
    yield* scan.chunksDoneWith(row.index);
  }
  const last = scan.lastChunk(rows);
  if (last !== undefined) yield last;
  yield { chunks: scan.chunks, rows, repeated, input: scan.input() };
}

function isRepeated(row: SourceRow, { idOf }: PlanIds, seen: HashedIdSet): boolean {
  if (idOf === undefined || row.kind !== 'record') return false;
  const id = idOf(row);
  return id !== undefined && !seen.add(id);
}

function headOf(
  { format, columns }: RecordSource,
  { start, whole }: Scan,
  asked: Pick<PlanHead, 'reading' | 'chunkRows' | 'ids'>,
): PlanHead {
  const dialect = start?.dialect;
  return {
    ...asked,
    reading: withoutGaps(asked.reading),
    format,
    ...(columns === undefined || dialect === undefined ? {} : { csv: { dialect, columns } }),
    ...(whole === undefined ? {} : { whole }),
  };
}

/** Follows the reading of an input, and cuts it into chunks. */
class Scan implements InputTrace {
  readonly #chunkRows: number;
  readonly #digests = new ChunkDigests();
  /** Chunks that have rows to be looked at: the first is that of the row that is. The last has no end yet. */
  readonly #open: PlanChunk[] = [];
  #repeated: number[] = [];
  #lastRow = 0;
  chunks = 0;
  start: InputStart | undefined;

  constructor(chunkRows: number) {
    this.#chunkRows = chunkRows;
  }

  /** Why it cannot be cut. */
  get whole(): PlanHead['whole'] {
    if (this.start?.isGzip === true) return 'gzip';
    // It says by sequences amid the text how it goes on.
    return this.start?.encoding === 'iso-2022-jp' ? 'encoding' : undefined;
  }

  onBlock(raw: Buffer, text: Buffer): void {
    if (this.start !== undefined) {
      if (this.whole === undefined) this.#digests.passTo(this.#lastRow);
      else this.#digests.passAll();
    }
    this.#digests.addBlock(raw, text);
  }

  onStart(start: InputStart): void {
    this.start = start;
    this.#digests.begin({ ...start, newline: start.dialect?.newline ?? 0x0a });
  }

  readonly onRow = ({ index, line, offset }: { index: number; line: number; offset: number }): void => {
    this.#lastRow = offset;
    if (this.whole === undefined ? index % this.#chunkRows !== 0 : index > 0) return;
    const { offset: start, sha256 } =
      this.whole === undefined ? this.#digests.cutAt(offset) : { offset: 0, sha256: '' };
    const before = this.#open.at(-1);
    if (before !== undefined) Object.assign(before, { end: start, rows: index - before.index, sha256 });
    this.#open.push({ chunk: this.chunks, start, end: start, index, line, rows: 0, sha256: '' });
    this.chunks += 1;
  };

  noteRepeated(index: number): void {
    this.#repeated.push(index);
  }

  /** Chunks whose last row this one is, or was: where a row ends is known before it or, after one that cannot be read, only with the next. */
  *chunksDoneWith(index: number): Generator<PlanChunk> {
    for (let [chunk] = this.#open; chunk !== undefined && this.#open.length > 1; [chunk] = this.#open) {
      if (index < chunk.index + chunk.rows - 1) return;
      yield this.#take(chunk);
    }
  }

  /** The last chunk, once all rows were read. */
  lastChunk(rows: number): PlanChunk | undefined {
    const [chunk] = this.#open;
    if (chunk === undefined) return undefined;
    const { offset: end, sha256 } = this.#digests.cutAtEnd();
    Object.assign(chunk, {
      end,
      rows: rows - chunk.index,
      sha256: this.whole === undefined ? sha256 : this.input().sha256,
    });
    return this.#take(chunk);
  }

  input(): PlanEnd['input'] {
    return this.#digests.end();
  }

  #take(chunk: PlanChunk): PlanChunk {
    this.#open.shift();
    const isLater = (index: number): boolean => index >= chunk.index + chunk.rows;
    const repeated = this.#repeated.filter((index) => !isLater(index));
    this.#repeated = this.#repeated.filter(isLater);
    return repeated.length === 0 ? chunk : { ...chunk, repeated };
  }
}
