import { renameSync, rmSync, statSync } from 'node:fs';
import { systemCode } from '../files/system-error.ts';

/** Tells a file from another that takes its name later; undefined where there is none. */
export function identityOf(path: string): string | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats === undefined ? undefined : `${stats.dev}:${stats.ino}`;
}

/**
 * Moves a damaged database out of the way, its write-ahead log with it, for people to look at.
 *
 * @param identity of the file that was judged: where another process has replaced it since, nothing is moved
 * @returns where it stands now; undefined when another process was faster
 */
export function setAside(path: string, identity: string | undefined): string | undefined {
  if (identity === undefined || identityOf(path) !== identity) return undefined;
  // No colons, which Windows does not allow in names.
  const aside = `${path}.corrupt-${new Date().toISOString().replaceAll(/[-:.]/g, '')}`;
  if (!moved(path, aside)) return undefined;
  moved(`${path}-wal`, `${aside}-wal`);
  rmSync(`${path}-shm`, { force: true });
  return aside;
}

function moved(from: string, to: string): boolean {
  try {
    renameSync(from, to);
    return true;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return false;
    throw error;
  }
}
