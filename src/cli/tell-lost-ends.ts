import { findRun } from '../export/find-run.ts';
import { lostEnds } from '../store/lost-ends.ts';
import { visibleLine } from '../text/visible.ts';
import type { Terminal } from './terminal/terminal.ts';

/** Says, beside figures that are of all that a run did, that its results or rejects are no longer all there. */
export function tellLostEnds(directory: string, { stderr }: Pick<Terminal, 'stderr'>): void {
  const run = findRun(directory);
  const lost = lostEnds(run, run.manifest);
  if (lost === undefined) return;
  stderr.write(`The run in ${visibleLine(directory)} is not whole any more: ${lost}; bring the file back\n`);
}
