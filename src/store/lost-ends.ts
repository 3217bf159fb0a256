import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { GleanerError } from '../gleaner-error.ts';
import { counted } from '../text/counted.ts';
import { linesLeft } from './lines-left.ts';
import type { Manifest } from './manifest.ts';
import type { RecoveredState } from './recover.ts';
import { fileNames, type RunDirectory } from './run-directory.ts';
import { hasSuperseded } from './superseded.ts';

/**
 * Refuses to go on with a run whose results or ledger somebody took away. Both are there from before the manifest on, and no kill removes
 * them; without them every record would be paid for again, or caps would forget what was spent.
 *
 * @throws {GleanerError} naming the file
 */
export function refuseLostLogs(out: string, advice: 'changes' | 'run-changes'): void {
  const name = [fileNames.results, fileNames.attempts].find((log) => !existsSync(join(out, log)));
  if (name === undefined) return;
  // A process that was killed between setting results aside and beginning anew leaves none, and finds them there.
  if (name === fileNames.results && hasSuperseded(out)) return;
  const what =
    name === fileNames.results
      ? 'every record of it would be asked for again'
      : 'caps and reports would forget what was spent';
  throw new GleanerError(
    'directory-unusable',
    `Cannot go on with the run in ${out}: its ${name} is gone, so that ${what}; bring the file back, or accept that`,
    { facts: { advice } },
  );
}

/** Says how many records have lost their ends since the last session; they are paid for again. Undefined where none has. */
export function describeLostEnds(
  directory: Pick<RunDirectory, 'file'>,
  previous: Manifest | undefined,
  { extracted, rejected }: Pick<RecoveredState, 'extracted' | 'rejected'>,
): string | undefined {
  const left = linesLeft(directory, previous);
  if (left === undefined) return undefined;
  // They were set aside just now, and are carried over from there.
  if (extracted + rejected === 0 && hasSuperseded(dirname(directory.file('results')))) return undefined;
  const lost = [
    [left.results - extracted, fileNames.results] as const,
    [left.rejects - rejected, fileNames.rejects] as const,
  ].flatMap(([count, name]) => (count > 0 ? [`${counted(count, 'line')} of ${name}`] : []));
  if (lost.length === 0) return undefined;
  return `What the last session left is not all there: ${lost.join(' and ')} less than ${fileNames.usage} counts. Their records are asked for again; to avoid that, stop and bring the file back`;
}
