import { GleanerError } from '../../gleaner-error.ts';

/** One of several runs over the chunks of one plan: it has every `count`-th chunk, from `index` on. */
export interface Shard {
  /** From 0, as Cloud Run and Kubernetes count. */
  readonly index: number;
  readonly count: number;
}

/** Variables by which those who start many tasks tell each which it is. */
const RUNNERS = [
  { name: 'Cloud Run', index: 'CLOUD_RUN_TASK_INDEX', count: 'CLOUD_RUN_TASK_COUNT' },
  // Kubernetes tells the index only; the count is a variable that the manifest has to set.
  { name: 'Kubernetes', index: 'JOB_COMPLETION_INDEX', count: 'JOB_COMPLETION_COUNT' },
] as const;

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Reads `2/3`, or takes what the task's surroundings say for `auto`; `auto/3` for surroundings that tell no count. Nothing is a shard that was
 * not asked to be one: a variable that happens to be set must not drop records.
 *
 * @throws {GleanerError} saying what would be right
 */
export function readShard(text: string, variables: Variables): Shard {
  const [, written, ofCount] = /^(auto|\d+)(?:\/(\d+))?$/.exec(text.trim()) ?? [];
  if (written === undefined || (written !== 'auto' && ofCount === undefined)) {
    throw refused(text, 'give its number and how many there are, from 0/3 to 2/3, or auto');
  }
  if (written !== 'auto') return shardOf(text, written, ofCount ?? '');
  const known = RUNNERS.filter(({ index }) => isSet(variables[index]));
  const [runner] = known;
  if (runner === undefined) {
    throw refused(
      text,
      `neither ${RUNNERS.map(({ index }) => index).join(' nor ')} is set; give its number, such as 0/3`,
    );
  }
  if (known.length > 1) {
    throw refused(text, `both ${known.map(({ index }) => index).join(' and ')} are set; give its number, such as 0/3`);
  }
  const count = variables[runner.count];
  if (isSet(count) && ofCount !== undefined && Number(count) !== Number(ofCount)) {
    throw refused(text, `${runner.count} is ${JSON.stringify(count)}; leave /${ofCount} out, or have both agree`);
  }
  if (!isSet(count) && ofCount === undefined) {
    throw refused(
      text,
      `${runner.count} is not set, and ${runner.name} tells the index only; give auto/3 for three tasks`,
    );
  }
  return shardOf(text, variables[runner.index] ?? '', ofCount ?? count ?? '');
}

/** Says that a task of several reads all of its input; undefined where it is the only one. */
export function describeUnusedIndex(variables: Variables): string | undefined {
  const runner = RUNNERS.find(({ index, count }) => isSet(variables[index]) && Number(variables[count]) > 1);
  if (runner === undefined) return undefined;
  const [index, count] = [variables[runner.index], variables[runner.count]];
  return `${runner.index} is ${index} of ${count}, but every task reads the whole input`;
}

/** As it stands in run.json and in messages. */
export function nameOfShard({ index, count }: Shard): string {
  return `${index}/${count}`;
}

/** As it stands in the name of a directory, which sorts by number. */
export function directoryNameOf({ index, count }: Shard): string {
  return `${String(index).padStart(String(count - 1).length, '0')}-of-${count}`;
}

function isSet(value: string | undefined): value is string {
  return value !== undefined && value.trim() !== '';
}

function shardOf(text: string, index: string, count: string): Shard {
  const shard = { index: Number(index), count: Number(count) };
  const isWhole = Number.isSafeInteger(shard.index) && Number.isSafeInteger(shard.count) && /^\d+$/.test(index.trim());
  if (!isWhole || shard.count < 1)
    throw refused(text, `found index ${JSON.stringify(index)} of ${JSON.stringify(count)}`);
  if (shard.index >= shard.count) {
    const last = shard.count - 1;
    throw refused(text, `shards count from 0, so that of ${shard.count} the last is ${last}/${shard.count}`);
  }
  return shard;
}

function refused(text: string, problem: string): GleanerError {
  return new GleanerError('usage', `Cannot take ${JSON.stringify(text)} for a shard: ${problem}`);
}
