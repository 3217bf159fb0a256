import { lstatSync, type Stats } from 'node:fs';
import { GleanerError } from '../gleaner-error.ts';
import { describeSystemError, systemCode } from './system-error.ts';

/**
 * Refuses paths at which something other than a file (or directory) of ours stands: writing would reach another file through a link, and wait
 * for ever at a pipe.
 *
 * @throws {GleanerError} naming the first of them
 */
export function refuseIrregular(paths: Iterable<string>, wanted: 'file' | 'directory' = 'file'): void {
  for (const path of paths) {
    const problem = problemAt(path, wanted);
    if (problem === undefined) continue;
    throw new GleanerError(
      'directory-unusable',
      `Cannot use the run directory: ${path} ${problem}; remove it, or use another directory`,
      { facts: { advice: 'out', path } },
    );
  }
}

function problemAt(path: string, wanted: 'file' | 'directory'): string | undefined {
  let stats: Stats;
  try {
    stats = lstatSync(path);
  } catch (error) {
    return systemCode(error) === 'ENOENT' ? undefined : `cannot be looked at: ${describeSystemError(error)}`;
  }
  if (wanted === 'directory' ? stats.isDirectory() : stats.isFile()) return undefined;
  if (stats.isDirectory()) return 'is a directory, not a file';
  if (stats.isSymbolicLink()) return `is a symbolic link, not a ${wanted} of its own`;
  if (wanted === 'directory') return 'is no directory';
  return stats.isFIFO() ? 'is a named pipe, not a file' : 'is no regular file';
}
