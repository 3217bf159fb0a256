import { constants, copyFileSync, linkSync } from 'node:fs';
import { systemCode } from './system-error.ts';

/** What file systems say that have no hard links. */
export const NO_LINKS: ReadonlySet<string> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']);

/**
 * Gives a whole file a second name where nothing has that name yet. Where there are no links it is copied, and whoever looks meanwhile
 * sees a part of it.
 *
 * @returns whether the name was free
 */
export function placeIfAbsent(whole: string, path: string): boolean {
  try {
    try {
      linkSync(whole, path);
    } catch (error) {
      if (!NO_LINKS.has(systemCode(error) ?? '')) throw error;
      copyFileSync(whole, path, constants.COPYFILE_EXCL);
    }
    return true;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    throw error;
  }
}
