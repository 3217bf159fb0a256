import type { RecordFormat, RecordSource, SourceRow } from './record.ts';
import type { RowParser } from './row-parser.ts';

export interface RowSourceOptions {
  readonly format: RecordFormat;
  readonly parser: RowParser;
  /** The bytes that the parser has not seen yet. */
  readonly chunks: AsyncIterator<Buffer, void, undefined>;
  readonly signal: AbortSignal | undefined;
  /** Releases the input; called once, when the last row was given, on failure and on leaving early. */
  readonly close: () => Promise<void>;
  /** Turns an error of the input into one for the user. */
  readonly explain: (error: unknown, rowsRead: number) => unknown;
}

/**
 * Rows as they are asked for. Written as an iterator by hand: rows that are parsed already cost one resolved promise,
 * and several consumers may call `next` at once.
 */
export class RowSource implements RecordSource, AsyncIterator<SourceRow, void, undefined> {
  readonly format: RecordFormat;
  readonly columns: readonly string[] | undefined;
  readonly #options: RowSourceOptions;
  #filling: Promise<void> | undefined;
  #hasEnded = false;
  #isClosed = false;
  #rowsRead = 0;

  constructor(options: RowSourceOptions) {
    this.#options = options;
    this.format = options.format;
    this.columns = options.parser.columns;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<SourceRow, void>> {
    if (this.#isClosed) return Promise.resolve({ done: true, value: undefined });
    const { parser, signal } = this.#options;
    try {
      signal?.throwIfAborted();
      const row = parser.read();
      if (row !== undefined) {
        this.#rowsRead += 1;
        return Promise.resolve({ done: false, value: row });
      }
    } catch (error) {
      return this.#fail(error);
    }
    if (this.#hasEnded) return this.return();
    this.#filling ??= this.#fill();
    return this.#filling.then(
      () => this.next(),
      (error: unknown) => this.#fail(error),
    );
  }

  async return(): Promise<IteratorResult<SourceRow, void>> {
    if (!this.#isClosed) {
      this.#isClosed = true;
      await this.#options.close();
    }
    return { done: true, value: undefined };
  }

  async #fill(): Promise<void> {
    const { parser, chunks } = this.#options;
    const { done, value } = await chunks.next();
    this.#filling = undefined;
    if (done) {
      this.#hasEnded = true;
      parser.end();
    } else parser.write(value);
  }

  async #fail(error: unknown): Promise<IteratorResult<SourceRow, void>> {
    const { signal, explain } = this.#options;
    await this.return();
    signal?.throwIfAborted();
    throw explain(error, this.#rowsRead);
  }
}
