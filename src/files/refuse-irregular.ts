import { lstatSync, type Stats } from 'node:fs';
import { GleanerError } from '../gleaner-error.ts';
import { describeSystemError, systemCode } from './system-error.ts';

/**
 * Refuses paths at which something other than a file of ours stands: writing would reach another file through a link, and wait
 * for ever at a pipe.
 *
 * @throws {GleanerError} naming the first of them
 */
export function refuseIrregular(paths: Iterable<string>): void {
  for (const path of paths) {
    const problem = problemAt(path);
    if (problem === undefined) continue;
    throw new GleanerError(
      'directory-unusable',
      `Cannot use the run directory: ${path} ${problem}; remove it, or give another --out directory`,
    );
  }
}

function problemAt(path: string): string | undefined {
  let stats: Stats;
  try {
    stats = lstatSync(path);
  } catch (error) {
    return systemCode(error) === 'ENOENT' ? undefined : `cannot be looked at: ${describeSystemError(error)}`;
  }
  if (stats.isFile()) return undefined;
  if (stats.isDirectory()) return 'is a directory, not a file';
  if (stats.isSymbolicLink()) return 'is a symbolic link, not a file of its own';
  return stats.isFIFO() ? 'is a named pipe, not a file' : 'is no regular file';
}
