import type { JsonValue } from '../../json/value.ts';
import type { InputSource } from '../../records/input-source.ts';
import type { RecordSource } from '../../records/record.ts';
import { ChunkRows } from './chunk-rows.ts';
import type { Plan } from './plan.ts';

export interface ChunkSourceOptions {
  /** Where the input lies here. */
  path: string;
  plan: Plan;
  /** Numbers of the chunks, rising; iterated once for each reading. */
  chunks: Iterable<number>;
  /** What part of the plan that is, for the run's identity, such as `{"shard":"2/3"}`. */
  part: JsonValue;
}

/**
 * Some chunks of a planned input as the input of a run. Rows have the positions and lines that they have in the whole input, and with them
 * their ids and messages; a row whose id stands in the input before is known as such. The bytes of each chunk are held against the
 * plan before its first row is given.
 */
export class ChunkSource implements InputSource {
  readonly name: string;
  readonly canReopen = true;
  readonly #options: ChunkSourceOptions;

  constructor(options: ChunkSourceOptions) {
    this.#options = options;
    this.name = options.path;
  }

  /** The input's, as a run over all of it has it, with the plan and the part. */
  identity(): Promise<JsonValue> {
    const { plan, part } = this.#options;
    return Promise.resolve({ ...plan.end.input, plan: plan.digest, part });
  }

  open(signal?: AbortSignal): Promise<RecordSource> {
    const { plan, chunks, path } = this.#options;
    const rows = new ChunkRows({ path, head: plan.head, chunks: plan.chunks(chunks), signal });
    return Promise.resolve({
      format: plan.head.format,
      columns: plan.head.csv?.columns,
      [Symbol.asyncIterator]: () => rows,
    });
  }
}
