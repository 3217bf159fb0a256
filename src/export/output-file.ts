import { randomUUID } from 'node:crypto';
import { realpathSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { AtomicFile } from '../files/atomic-file.ts';
import { GleanerError } from '../gleaner-error.ts';
import { fileNames } from '../store/run-directory.ts';
import { describeSystemError } from '../files/system-error.ts';
import { StoreError } from '../files/store-error.ts';

/**
 * Writes a file piece by piece beside its place and moves it there when it is whole, so that nobody reads half of it.
 *
 * @throws {GleanerError} when it cannot be written, or would replace a file of the run itself
 */
export function writeOutputFile(
  path: string,
  chunks: Iterable<string> | AsyncIterable<string>,
  runDirectory: string,
): Promise<void> {
  return placeOutputFile(path, runDirectory, async (temporary, target) => {
    const file = new AtomicFile(target, temporary);
    try {
      for await (const chunk of chunks) file.write(chunk);
      file.commit();
    } finally {
      file.discard();
    }
  });
}

/** As `writeOutputFile`, for a library that writes files of its own: `write` is given the path to write to. */
export function writeOutputWith(
  path: string,
  runDirectory: string,
  write: (temporary: string) => Promise<void>,
): Promise<void> {
  return placeOutputFile(path, runDirectory, async (temporary, target) => {
    try {
      await write(temporary);
      renameSync(temporary, target);
    } finally {
      rmSync(temporary, { force: true });
    }
  });
}

/**
 * @throws {GleanerError} when no file may be written there: it is a device, a directory, or one that the run itself keeps
 */
export function refuseOutputPlace(path: string, runDirectory: string): void {
  try {
    refuseRunFile(targetOf(path), runDirectory);
  } catch (error) {
    throw unwritable(path, error);
  }
}

async function placeOutputFile(
  path: string,
  runDirectory: string,
  write: (temporary: string, target: string) => Promise<void>,
): Promise<void> {
  try {
    refuseOutputPlace(path, runDirectory);
    const target = targetOf(path);
    // A name that nobody can have put a link at, and that no other export uses.
    await write(`${target}.${randomUUID()}.tmp`, target);
  } catch (error) {
    throw unwritable(path, error);
  }
}

function unwritable(path: string, error: unknown): GleanerError {
  const cause = error instanceof StoreError ? error.cause : error;
  if (cause instanceof GleanerError) return cause;
  return new GleanerError('output-unwritable', `Cannot write ${path}: ${describeSystemError(cause)}`, { cause });
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
