import { closeSync } from 'node:fs';

/**
 * Closes a file that was only read. A failure to do so, as disks and network file systems have them, loses nothing: what was read has
 * come, and the system has taken the number back all the same.
 */
export function closeRead(fd: number): void {
  try {
    closeSync(fd);
  } catch {
    // See above.
  }
}
