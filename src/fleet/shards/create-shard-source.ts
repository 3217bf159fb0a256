import type { Extraction } from '../../extraction/definition.ts';
import type { InputSource } from '../../records/input-source.ts';
import type { RecordFormat } from '../../records/record.ts';
import type { ZodSchema } from '../../schema/zod-schema.ts';
import { planIdsOf } from '../plan/plan-ids.ts';
import { refuseForParts } from '../plan/refuse-for-parts.ts';
import type { Shard } from './shard.ts';
import { ShardSource } from './shard-source.ts';

export interface ShardInputOptions {
  /** Path of a file. */
  input: string;
  shard: Shard;
  /** The run directory of the shard, the same as the run's; it keeps the plan. */
  out: string;
  /** A file with the plan of the input, which shards share and the first of them makes. Default: each makes its own, all the same. */
  plan?: string | undefined;
  /** Most records of a chunk. Default: those of the plan that is there, else 500; from 200 to 2,000 are sensible. */
  chunkRows?: number | undefined;
  /** As of the run. */
  idField?: string | undefined;
  format?: RecordFormat | undefined;
  delimiter?: string | undefined;
  encoding?: string | undefined;
  fillShortRows?: boolean | undefined;
  definitionDigest?: string | undefined;
  acceptChanges?: boolean | undefined;
  onNotice?: ((notice: string) => void) | undefined;
}

/** Every n-th chunk of a file, as the input of a run. */
export interface ShardInput extends InputSource {
  /** How many records the shard has. */
  countRows(signal?: AbortSignal): Promise<number>;
}

/**
 * Takes every n-th chunk of a file as the input of a run; `mergeShards` makes one run directory of those of all shards. Records have the
 * positions, lines and ids that they have in the whole file. The file is read once to plan it, when the run begins.
 *
 * @throws {GleanerError} for a definition that promises something of all records; the run then rejects for what cannot be read in parts
 *
 * @example
 * const shard = { index: 0, count: 3 };
 * const source = createShardSource(extraction, { input: 'receipts.csv', shard, out: 'runs/0-of-3' });
 * await run(extraction, { input: source, out: 'runs/0-of-3', client, minRecords: 0 });
 */
export function createShardSource<Schema extends ZodSchema, Fields extends object>(
  extraction: Extraction<Schema, Fields>,
  options: ShardInputOptions,
): ShardInput {
  const definition = extraction as unknown as Extraction;
  refuseForParts(definition);
  const { input, shard, out, plan, chunkRows, idField, definitionDigest, acceptChanges, onNotice, ...reading } =
    options;
  return new ShardSource({
    path: input,
    shard,
    out,
    plan,
    chunkRows,
    reading,
    ids: planIdsOf(definition, idField),
    definition: { extraction: definition.name, ...(definitionDigest === undefined ? {} : { code: definitionDigest }) },
    acceptChanges: acceptChanges === true,
    onNotice,
  });
}
