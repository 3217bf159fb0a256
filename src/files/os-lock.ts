import { spawnSync } from 'node:child_process';
import { constants, openSync } from 'node:fs';
import { closeRead } from './close-read.ts';

/** A hung file server must not hold up the start. */
const PATIENCE_MS = 5000;

/**
 * - `held`: the operating system keeps the lock for this process and ends it with the process, however that dies;
 * - `busy`: another process has it;
 * - `unavailable`: this system or this file system has no such lock.
 */
export type OsLock = { state: 'held'; release(): void } | { state: 'busy' } | { state: 'unavailable' };

/**
 * Takes the operating system's exclusive lock on a directory. It reaches as far as the kernel does: across containers that
 * share the directory, across threads, and across spellings of its path.
 *
 * Node has no call for flock(2). The lock belongs to an open file and not to a process, so the program `flock` takes it on
 * a file that this process opened and hands down, as shell scripts do.
 */
export function takeOsLock(directory: string): OsLock {
  if (process.platform === 'win32') return { state: 'unavailable' };
  let fd: number;
  try {
    fd = openSync(directory, constants.O_RDONLY | constants.O_DIRECTORY);
  } catch {
    return { state: 'unavailable' };
  }
  const { status } = spawnSync('flock', ['-x', '-n', '3'], {
    stdio: ['ignore', 'ignore', 'ignore', fd],
    timeout: PATIENCE_MS,
  });
  if (status === 0) return { state: 'held', release: () => closeRead(fd) };
  closeRead(fd);
  return { state: status === 1 ? 'busy' : 'unavailable' };
}
