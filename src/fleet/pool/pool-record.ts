import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { GleanerError } from '../../gleaner-error.ts';
import { systemCode } from '../../files/system-error.ts';
import { writeFileAtomically } from '../../files/write-file-atomically.ts';
import type { Amount, PoolMemory } from './pool-store.ts';

/** What a run directory says of one pool. */
export interface PoolRecord {
  /** By what name the pool knows the directory. */
  account: string;
  /** What the run had spent before it first came into the pool. */
  outside: Amount;
  /** What was last known of the pool. */
  memory: PoolMemory | undefined;
}

const FILE = 'pool.json';

/**
 * Reads by what name a pool knows the run in a directory; a new name, where it has never been in it.
 *
 * @throws {GleanerError} where the file cannot be understood
 */
export function readPoolRecord(directory: string, pool: string, spent: Amount): PoolRecord {
  const { pools = {} } = readFile(join(directory, FILE));
  const known = pools[pool];
  // A name for each pool: one pool under two addresses would take the second's claim, without what was spent before, for the first's.
  const { account = randomUUID() } = known ?? {};
  const memory = known?.memory && { ...known.memory, own: { tokens: 0, nanoUsd: 0 } };
  return { account, outside: known?.outside ?? { ...spent }, memory };
}

/** By what name a pool knows a directory, where it has been in it. */
export function accountIn(directory: string, pool: string): Pick<PoolRecord, 'account' | 'outside'> | undefined {
  return readFile(join(directory, FILE)).pools?.[pool];
}

export function writePoolRecord(directory: string, pool: string, { account, outside, memory }: PoolRecord): void {
  const path = join(directory, FILE);
  const { pools = {} } = readFile(path);
  // What a session claims ends with it, and is the ledger's to know.
  const { own: _, ...kept } = memory ?? {};
  const file = { pools: { ...pools, [pool]: { account, outside, ...(memory === undefined ? {} : { memory: kept }) } } };
  writeFileAtomically(path, `${JSON.stringify(file, null, 2)}\n`);
}

interface PoolFile {
  pools?: Record<string, { account: string; outside: Amount; memory?: Omit<PoolMemory, 'own'> }>;
}

function readFile(path: string): PoolFile {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return {};
    throw unusable(path, error);
  }
  try {
    return JSON.parse(text) as PoolFile;
  } catch (error) {
    throw unusable(path, error);
  }
}

function unusable(path: string, cause: unknown): GleanerError {
  return new GleanerError(
    'directory-unusable',
    `Cannot read ${path}, which says what this run has spent in its pool: put it back as it was, or use another directory`,
    { cause },
  );
}
