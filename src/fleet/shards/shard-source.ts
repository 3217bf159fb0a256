import { randomBytes } from 'node:crypto';
import { copyFileSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { placeIfAbsent } from '../../files/place-if-absent.ts';
import { StoreError } from '../../files/store-error.ts';
import { GleanerError } from '../../gleaner-error.ts';
import type { JsonValue } from '../../json/value.ts';
import type { InputSource } from '../../records/input-source.ts';
import type { RecordSource } from '../../records/record.ts';
import { refuseForeignDirectory } from '../../store/refuse-foreign-directory.ts';
import { fileNames } from '../../store/run-directory.ts';
import { counted } from '../../text/counted.ts';
import { ChunkSource } from '../plan/chunk-source.ts';
import type { PlanChunk } from '../plan/plan-lines.ts';
import { planInput, type PlanOptions } from '../plan/plan-input.ts';
import { Plan } from '../plan/plan.ts';
import { nameOfShard, type Shard } from './shard.ts';

export interface ShardSourceOptions extends Omit<PlanOptions, 'file' | 'check' | 'signal'> {
  path: string;
  shard: Shard;
  /** The run directory of the shard, which keeps the plan. */
  out: string;
  /** A plan that shards share, which the first of them makes. Default: each makes its own, and all make the same. */
  plan?: string | undefined;
  /** Takes a changed input or definition: then the plan in the run directory is made again. */
  acceptChanges?: boolean;
  onNotice?: ((notice: string) => void) | undefined;
}

/** Every n-th chunk of an input as the input of a run. The input is planned when the run asks for its identity. */
export class ShardSource implements InputSource {
  readonly name: string;
  readonly canReopen = true;
  readonly #options: ShardSourceOptions;
  #prepared: Promise<{ plan: Plan; source: ChunkSource }> | undefined;

  constructor(options: ShardSourceOptions) {
    this.#options = options;
    this.name = options.path;
  }

  async identity(signal?: AbortSignal): Promise<JsonValue> {
    return (await this.#prepare(signal)).source.identity();
  }

  async open(signal?: AbortSignal): Promise<RecordSource> {
    return (await this.#prepare(signal)).source.open(signal);
  }

  /** How many rows it has. */
  async countRows(signal?: AbortSignal): Promise<number> {
    const { plan } = await this.#prepare(signal);
    return sum(plan.chunks(numbersOf(plan, this.#options.shard)), ({ rows }) => rows);
  }

  #prepare(signal: AbortSignal | undefined): Promise<{ plan: Plan; source: ChunkSource }> {
    this.#prepared ??= this.#makePlan(signal);
    return this.#prepared;
  }

  async #makePlan(signal: AbortSignal | undefined): Promise<{ plan: Plan; source: ChunkSource }> {
    const { path, shard, out, plan: shared, acceptChanges = false, definition, onNotice, ...options } = this.#options;
    refuseForeignDirectory(out);
    const file = join(out, fileNames.plan);
    const made = await planInput(path, {
      ...options,
      signal,
      file: shared ?? file,
      // Every chunk is held against its digest before it is read, so the other shards' bytes need not be read for it.
      check: 'size',
      // Whose the plan in the run directory is, the run says itself.
      ...(shared === undefined ? { replaces: acceptChanges } : { definition }),
    });
    const plan = shared === undefined ? made : keepPlan(made, file, acceptChanges);
    refuseIndivisible(plan, path, shard);
    const { repeated, chunks } = plan.end;
    if (repeated > 0)
      onNotice?.(`${repeated} records have an id that stands in the input before; they are rejected as bad records`);
    if (shard.index >= chunks) {
      onNotice?.(
        `Shard ${nameOfShard(shard)} has nothing to do: ${path} has ${counted(chunks, 'chunk')} of up to ${counted(plan.head.chunkRows, 'record')}; smaller chunks, the same for all shards, give each of them some`,
      );
    }
    const numbers = { [Symbol.iterator]: () => numbersOf(plan, shard) };
    return { plan, source: new ChunkSource({ path, plan, chunks: numbers, part: { shard: nameOfShard(shard) } }) };
  }
}

/** The numbers of a shard's chunks. */
function* numbersOf({ end }: Plan, { index, count }: Shard): Generator<number, void, undefined> {
  for (let chunk = index; chunk < end.chunks; chunk += count) yield chunk;
}

/** A run directory says by itself what it is a part of, wherever it is carried for the merge. */
function keepPlan(plan: Plan, file: string, mayReplace: boolean): Plan {
  const temporary = `${file}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    mkdirSync(dirname(file), { recursive: true });
    copyFileSync(plan.path, temporary);
    if (mayReplace) renameSync(temporary, file);
    else placeIfAbsent(temporary, file);
  } catch (error) {
    throw new StoreError('write', file, error);
  } finally {
    rmSync(temporary, { force: true });
  }
  const kept = Plan.open(file);
  if (kept.digest === plan.digest) return kept;
  throw new GleanerError(
    'plan-differs',
    `Cannot use the plan ${plan.path}: the shard in ${dirname(file)} was begun with another. Use another directory for it, or the plan ${file}`,
  );
}

function refuseIndivisible({ whole }: Plan, path: string, shard: Shard): void {
  if (whole === undefined || shard.count === 1) return;
  const problem =
    whole === 'gzip'
      ? 'it is compressed, and can be read from its beginning only; unpack it first (gunzip -k)'
      : 'its encoding can be read from its beginning only; convert it to UTF-8 first';
  throw new GleanerError('input-unreadable', `Cannot read ${path} in ${shard.count} shards: ${problem}`);
}

function sum(chunks: Iterable<PlanChunk>, of: (chunk: PlanChunk) => number): number {
  let total = 0;
  for (const chunk of chunks) total += of(chunk);
  return total;
}
