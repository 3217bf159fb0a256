import type { JsonValue } from '../../json/value.ts';
import type { InputSource } from '../../records/input-source.ts';
import type { RecordSource, SourceRow } from '../../records/record.ts';

/** An input without the rows that have ended elsewhere. */
export class UnendedRows implements InputSource {
  readonly name: string;
  readonly canReopen: boolean;
  readonly #source: InputSource;
  readonly #ended: ReadonlySet<number>;

  constructor(source: InputSource, ended: ReadonlySet<number>) {
    this.name = source.name;
    this.canReopen = source.canReopen;
    this.#source = source;
    this.#ended = ended;
  }

  identity(signal?: AbortSignal): Promise<JsonValue | undefined> {
    return this.#source.identity(signal);
  }

  async open(signal?: AbortSignal): Promise<RecordSource> {
    const source = await this.#source.open(signal);
    if (this.#ended.size === 0) return source;
    return {
      format: source.format,
      columns: source.columns,
      [Symbol.asyncIterator]: () => without(source, this.#ended),
    };
  }
}

async function* without(source: RecordSource, ended: ReadonlySet<number>): AsyncGenerator<SourceRow, void, undefined> {
  for await (const row of source) if (!ended.has(row.index)) yield row;
}
