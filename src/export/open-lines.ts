import { existsSync } from 'node:fs';
import { GleanerError } from '../gleaner-error.ts';
import { linesLeft } from '../store/lines-left.ts';
import { fileNames } from '../store/run-directory.ts';
import type { FoundRun } from './find-run.ts';
import { OrderedLines } from './ordered-lines.ts';

/**
 * Opens the results or rejects of a run in input order. A file that holds fewer lines than the session that ended last left is refused:
 * its reader would take a part for the whole.
 *
 * @throws {GleanerError} saying how many lines are gone, or what makes the file unreadable
 */
export function openLines(run: FoundRun, file: 'results' | 'rejects'): OrderedLines {
  const path = run.file(file);
  const left = linesLeft(run, run.manifest)?.[file] ?? 0;
  if (left > 0 && !existsSync(path)) throw lost(path, `it is not there, and held ${left} lines`);
  const lines = new OrderedLines(path);
  if (lines.count >= left) return lines;
  lines.close();
  throw lost(path, `it holds ${lines.count} of the ${left} lines that ${fileNames.usage} counts`);
}

function lost(path: string, what: string): GleanerError {
  return new GleanerError(
    'run-unreadable',
    `Cannot read ${path}: ${what}; bring the file back, or repeat the run command, which asks again for the records that are gone`,
  );
}
