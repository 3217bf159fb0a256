import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { GleanerError } from '../../gleaner-error.ts';
import { describeReadError } from '../../records/describe-read-error.ts';
import { openRange } from '../../records/open-range.ts';
import { openRecords } from '../../records/open-records.ts';
import type { SourceRow } from '../../records/record.ts';
import { withoutGaps, type PlanChunk, type PlanHead } from './plan-lines.ts';

export interface ChunkRowsOptions {
  path: string;
  head: PlanHead;
  chunks: Iterable<PlanChunk>;
  signal: AbortSignal | undefined;
}

/** The rows of chunks, one chunk after the other. An iterator by hand: a row that is parsed already costs one resolved promise. */
export class ChunkRows implements AsyncIterator<SourceRow, void, undefined> {
  readonly #options: ChunkRowsOptions;
  readonly #chunks: Iterator<PlanChunk>;
  #rows: AsyncIterator<SourceRow, void> | undefined;
  /** Rows that the open chunk has still. */
  #left = 0;
  #repeated: ReadonlySet<number> | undefined;
  #hasEnded = false;

  constructor(options: ChunkRowsOptions) {
    this.#options = options;
    this.#chunks = options.chunks[Symbol.iterator]();
  }

  next(): Promise<IteratorResult<SourceRow, void>> {
    if (this.#rows === undefined || this.#left === 0) return this.#nextChunk();
    this.#left -= 1;
    return this.#rows.next().then((step) => this.#asPlanned(step));
  }

  async return(): Promise<IteratorResult<SourceRow, void>> {
    this.#hasEnded = true;
    this.#chunks.return?.();
    await this.#close();
    return { done: true, value: undefined };
  }

  async #nextChunk(): Promise<IteratorResult<SourceRow, void>> {
    await this.#close();
    const step = this.#hasEnded ? undefined : this.#chunks.next();
    if (step === undefined || step.done === true) return { done: true, value: undefined };
    const chunk = step.value;
    await this.#refuseOther(chunk);
    this.#rows = await this.#open(chunk);
    this.#left = chunk.rows;
    this.#repeated = chunk.repeated && new Set(chunk.repeated);
    return this.next();
  }

  async #open(chunk: PlanChunk): Promise<AsyncIterator<SourceRow, void>> {
    const { path, head, signal } = this.#options;
    if (head.whole === undefined)
      return openRange(path, chunk, { ...head, ...head.reading, format: head.format, signal });
    const source = await openRecords(path, { ...withoutGaps(head.reading), ...(signal && { signal }) });
    return source[Symbol.asyncIterator]() as AsyncIterator<SourceRow, void>;
  }

  /** The input may have been replaced since it was planned: then nothing of the chunk is asked. */
  async #refuseOther({ chunk, start, end, sha256 }: PlanChunk): Promise<void> {
    const { path, signal } = this.#options;
    const hash = createHash('sha256');
    try {
      const bytes = createReadStream(path, { start, end: end - 1, ...(signal && { signal }) });
      for await (const piece of bytes) hash.update(piece as Buffer);
    } catch (error) {
      signal?.throwIfAborted();
      const reason = describeReadError(error);
      if (reason === undefined) throw error;
      throw new GleanerError('input-unreadable', `Cannot read ${path}: ${reason}`, { cause: error });
    }
    if (hash.digest('hex') === sha256) return;
    throw changed(path, chunk);
  }

  #asPlanned(step: IteratorResult<SourceRow, void>): IteratorResult<SourceRow, void> {
    if (step.done === true) throw changed(this.#options.path);
    if (this.#repeated?.has(step.value.index) !== true || step.value.kind !== 'record') return step;
    return { done: false, value: { ...step.value, isRepeated: true } };
  }

  async #close(): Promise<void> {
    const rows = this.#rows;
    this.#rows = undefined;
    await rows?.return?.();
  }
}

function changed(path: string, chunk?: number): GleanerError {
  const what = chunk === undefined ? path : `chunk ${chunk} of ${path}`;
  return new GleanerError(
    'input-changed',
    `Cannot read ${what}: its contents are not those that were planned; restore the file, or plan it again in another directory`,
  );
}
