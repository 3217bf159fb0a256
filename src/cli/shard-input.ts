import { dirname } from 'node:path';
import type { Extraction } from '../extraction/definition.ts';
import { createShardSource } from '../fleet/shards/create-shard-source.ts';
import { describeUnusedIndex, directoryNameOf, nameOfShard, readShard } from '../fleet/shards/shard.ts';
import { GleanerError } from '../gleaner-error.ts';
import type { RunOptions } from '../run/run-options.ts';
import type { runFlags } from './settings/flags/run-flags.ts';
import type { Environment, Settings } from './settings/settings.ts';

export interface ShardInput {
  /** The run directory of the shard. */
  out: string;
  /** What the run is told of its input, in the place of the file. */
  options: Pick<RunOptions, 'input' | 'mediaRoot' | 'minRecords'>;
  countRows(signal: AbortSignal): Promise<number>;
  /** What run.json is told of it. */
  settings: Record<string, string>;
}

/** The shard of an input that a command line and its surroundings ask for. */
export function shardInputOf(
  {
    extraction,
    input,
    out,
    definitionDigest,
  }: { extraction: Extraction; input: string; out: string; definitionDigest: string },
  {
    settings,
    reading,
    environment,
    tell,
  }: {
    settings: Settings<typeof runFlags>;
    reading: Partial<Pick<RunOptions, 'format' | 'delimiter' | 'encoding' | 'fillShortRows'>>;
    environment: Environment;
    tell: (notice: string) => void;
  },
): ShardInput {
  const shard = readShard(settings.text('shard') ?? '', environment);
  if (settings.number('limit') !== undefined) {
    throw new GleanerError(
      'usage',
      'Cannot use --limit with --shard: a shard has chunks of the whole input; leave one of them out',
    );
  }
  const directory = out.replaceAll('{shard}', directoryNameOf(shard));
  const source = createShardSource(extraction, {
    input,
    shard,
    out: directory,
    plan: settings.text('plan'),
    chunkRows: settings.number('chunk-rows'),
    idField: settings.text('id-field'),
    ...reading,
    definitionDigest,
    acceptChanges: settings.isOn('accept-changes'),
    onNotice: tell,
  });
  // The rates of a pool are those of all its runs.
  const ofShard = settings.text('pool') === undefined ? (['rpm', 'tpm'] as const) : [];
  const caps = [...ofShard, 'max-cost' as const, 'max-total-tokens' as const].filter(
    (flag) => settings.number(flag) !== undefined,
  );
  if (caps.length > 0 && shard.count > 1) {
    const names = caps.map((flag) => `--${flag}`).join(' and ');
    tell(
      `${names} ${caps.length === 1 ? 'holds' : 'hold'} for this shard alone: all ${shard.count} together may use ${shard.count} times as much`,
    );
  }
  return {
    out: directory,
    options: {
      input: source,
      mediaRoot: settings.text('media-root') ?? dirname(input),
      // How many records there must be is said of all of them, when the shards are merged.
      minRecords: 0,
    },
    countRows: (signal) => source.countRows(signal),
    settings: { shard: nameOfShard(shard) },
  };
}

/** What to tell a task of several that was not told to be a shard. */
export function unusedIndexNotice(environment: Environment): string | undefined {
  const unused = describeUnusedIndex(environment);
  return unused && `${unused}: give --shard auto to have each read its part`;
}
