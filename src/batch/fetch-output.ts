import { closeSync, openSync, renameSync, writeSync } from 'node:fs';
import type { Bucket } from '../cloud-storage/bucket.ts';
import { ApiError } from '../completion/api-error.ts';
import { GleanerError } from '../gleaner-error.ts';
import { closeRead } from '../files/close-read.ts';
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
  let fd: number | undefined;
  try {
    fd = openSync(temporary, 'w', 0o600);
    for (const { name, generation, crc32c } of files) {
      for await (const chunk of bucket.read(name, { generation, crc32c, signal })) write(fd, chunk);
      // Each file ends in a line break, so that a torn last line takes nothing else with it.
      write(fd, NEWLINE);
    }
    closeSync(fd);
    fd = undefined;
    renameSync(temporary, path);
  } catch (error) {
    if (fd !== undefined) closeRead(fd);
    signal.throwIfAborted();
    if (error instanceof ApiError || error instanceof GleanerError || systemCode(error) === undefined) throw error;
    throw new StoreError('write to', temporary, error);
  }
}

const NEWLINE = Buffer.from('\n');

function write(fd: number, bytes: Buffer): void {
  for (let written = 0; written < bytes.length;) written += writeSync(fd, bytes, written);
}
