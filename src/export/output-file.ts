import { randomUUID } from 'node:crypto';
import { realpathSync, statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { GleanerError } from '../gleaner-error.ts';
import { writeFileAtomically } from '../files/write-file-atomically.ts';
import { fileNames } from '../store/run-directory.ts';
import { describeSystemError } from '../files/system-error.ts';
import { StoreError } from '../files/store-error.ts';

/**
 * Writes a file piece by piece beside its place and moves it there when it is whole, so that nobody reads half of it.
 *
 * @throws {GleanerError} when it cannot be written, or would replace a file of the run itself
 */
export function writeOutputFile(path: string, chunks: Iterable<string>, runDirectory: string): void {
  try {
    const target = targetOf(path);
    refuseRunFile(target, runDirectory);
    // A name that nobody can have put a link at, and that no other export uses.
    writeFileAtomically(target, chunks, `${target}.${randomUUID()}.tmp`);
  } catch (error) {
    const cause = error instanceof StoreError ? error.cause : error;
    if (cause instanceof GleanerError) throw cause;
    throw new GleanerError('output-unwritable', `Cannot write ${path}: ${describeSystemError(cause)}`, { cause });
  }
}

/** Behind a link, the file it leads to. A device or a directory is not to be replaced by a file. */
function targetOf(path: string): string {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return path;
  if (stats.isFile()) return realpathSync(path);
  throw new GleanerError(
    'output-unwritable',
    `Cannot write ${path}: it is no regular file; name a file, or write to standard output`,
  );
}

function refuseRunFile(target: string, runDirectory: string): void {
  if (realpathSync(dirname(target)) !== realpathSync(runDirectory)) return;
  const name = basename(target);
  if (!Object.values<string>(fileNames).includes(name) && !name.startsWith('superseded-')) return;
  throw new GleanerError(
    'output-unwritable',
    `Cannot write ${target}: the run itself keeps this file; give another path`,
  );
}
