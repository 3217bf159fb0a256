import { createWriteStream, renameSync } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Bucket } from '../cloud-storage/bucket.ts';
import { ApiError } from '../completion/api-error.ts';
import { GleanerError } from '../gleaner-error.ts';
import { StoreError } from '../files/store-error.ts';
import { systemCode } from '../files/system-error.ts';
import type { OutputFile } from './batch-event.ts';

/** Names of results; other files in the same place repeat them, or are not ours. */
const RESULTS = /^predictions\.jsonl(?:-\d+-of-\d+)?$/;

export interface FoundOutput {
  files: OutputFile[];
  /** Names of files that were passed over. */
  others: string[];
}

/** Lists the files that a job has written below a place, by name. */
export async function findOutput(bucket: Bucket, prefix: string, signal: AbortSignal): Promise<FoundOutput> {
  const found: FoundOutput = { files: [], others: [] };
  for await (const { name, generation, size, crc32c } of bucket.list(prefix, signal)) {
    const file = name.slice(name.lastIndexOf('/') + 1);
    if (RESULTS.test(file)) found.files.push({ name, generation, size, ...(crc32c === undefined ? {} : { crc32c }) });
    else found.others.push(file);
  }
  return found;
}

/** Brings the files of an output into one on this machine, in order; there is none, or it is whole. */
export async function fetchOutput(
  bucket: Bucket,
  files: readonly OutputFile[],
  path: string,
  signal: AbortSignal,
): Promise<void> {
  const temporary = `${path}.tmp`;
  try {
    await pipeline(Readable.from(joined(bucket, files, signal)), createWriteStream(temporary, { mode: 0o600 }), {
      signal,
    });
    renameSync(temporary, path);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof ApiError || error instanceof GleanerError || systemCode(error) === undefined) throw error;
    throw new StoreError('write to', temporary, error);
  }
}

/** Each file ends in a line break, so that a torn last line takes nothing else with it. */
async function* joined(bucket: Bucket, files: readonly OutputFile[], signal: AbortSignal): AsyncGenerator<Buffer> {
  for (const { name, generation, crc32c } of files) {
    yield* bucket.read(name, { generation, crc32c, signal });
    yield Buffer.from('\n');
  }
}
