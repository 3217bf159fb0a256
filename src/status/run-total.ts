import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { isJsonObject } from '../json/value.ts';
import { countRows } from '../records/count-rows.ts';
import type { OpenRecordsOptions } from '../records/open-records.ts';
import type { RecordFormat } from '../records/record.ts';
import type { Manifest } from '../store/manifest.ts';
import type { RunState } from './run-follower.ts';

/** How many records a run has in all. */
export interface RunTotal {
  records: number;
  /** `estimated`: from the first part of a large input, whose rows may be of another size than the others. */
  how: 'counted' | 'estimated';
}

/** Inputs up to this size are read to their end. */
const COUNTED_BYTES = 33_554_432;

/**
 * Says how many records a run has in all: from its reports where it has ended, else from its input, if that is a file that can be found
 * from here and is as the run read it. Null where it cannot be known.
 */
export async function readRunTotal(
  { usage, session, manifest }: Pick<RunState, 'usage' | 'session' | 'manifest'>,
  { countedBytes = COUNTED_BYTES }: { countedBytes?: number } = {},
): Promise<RunTotal | null> {
  const { extracted, rejected, remaining } = usage.records;
  if (session.state === 'ended' && remaining !== null)
    return { records: extracted + rejected + remaining, how: 'counted' };
  try {
    return await countInput(manifest, countedBytes);
  } catch {
    // Status is a look from beside: an input that is gone, or not whole yet, only leaves the total open.
    return null;
  }
}

async function countInput({ identity, settings }: Manifest, countedBytes: number): Promise<RunTotal | null> {
  const { input } = settings;
  if (typeof input !== 'string' || input === '-') return null;
  const { size, isFile } = await stat(input).then((found) => ({ size: found.size, isFile: found.isFile() }));
  const read = identity['input'];
  if (!isFile || (isJsonObject(read) && read['bytes'] !== size)) return null;
  const limit = typeof settings['limit'] === 'number' ? settings['limit'] : Number.POSITIVE_INFINITY;
  const options = readingOf(identity);
  if (size <= countedBytes) return { records: (await countRows(input, options, limit)).rows, how: 'counted' };
  // How much of a text its packed beginning holds is not known.
  if (input.endsWith('.gz')) return null;
  const head = (): ReturnType<typeof createReadStream> => createReadStream(input, { end: countedBytes - 1 });
  const { rows, isEnd } = await countRows(input, { ...options, open: head }, limit);
  if (!isEnd) return { records: limit, how: 'counted' };
  // The last row of the part is cut in two.
  return { records: Math.min(limit, Math.round((Math.max(0, rows - 1) * size) / countedBytes)), how: 'estimated' };
}

function readingOf(identity: Manifest['identity']): OpenRecordsOptions {
  const { format, delimiter, encoding, fillShortRows } = identity;
  return {
    ...(typeof format === 'string' && { format: format as RecordFormat }),
    ...(typeof delimiter === 'string' && { delimiter }),
    ...(typeof encoding === 'string' && { encoding }),
    ...(fillShortRows === true && { fillShortRows }),
  };
}
