import { join } from 'node:path';
import { fileNames } from '../run-directory.ts';
import { describeOwnProcess } from './holder.ts';
import { lookAt } from './lock-file.ts';

/**
 * Whether the files of a run directory can be read here as they were written: its holder has closed them in order, or this system, since its
 * start, has written them itself. What another machine wrote may not have come to the disk, or not to this end of a network.
 */
export function isWrittenHere(directory: string): boolean {
  const lock = lookAt(join(directory, fileNames.lock));
  if (lock === undefined) return true;
  const boot = lock.holder?.boot ?? null;
  return boot !== null && boot === describeOwnProcess(false).boot;
}
