import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readLines } from '../files/read-json-lines.ts';
import { GleanerError } from '../gleaner-error.ts';
import { counted } from '../text/counted.ts';
import { linesLeft } from './lines-left.ts';
import { readManifest, type Manifest } from './manifest.ts';
import type { RecoveredState } from './recover.ts';
import { fileNames, type RunDirectory } from './run-directory.ts';
import { hasSuperseded } from './superseded.ts';

/**
 * Refuses to go on with a run whose results or ledger somebody took away, or whose results somebody emptied. Both are there from before
 * the manifest on, and no kill removes them; without them every record would be paid for again, or caps would forget what was spent.
 *
 * @throws {GleanerError} naming the file
 */
export function refuseLostLogs(out: string, advice: 'changes' | 'run-changes'): void {
  const isEmptied = hasEmptiedResults(out);
  const name = isEmptied
    ? fileNames.results
    : [fileNames.results, fileNames.attempts].find((log) => !existsSync(join(out, log)));
  if (name === undefined) return;
  // A process that was killed between setting results aside and beginning anew leaves none, and finds them there.
  if (name === fileNames.results && hasSuperseded(out) && !existsSync(join(out, fileNames.usage))) return;
  const what =
    name === fileNames.results
      ? 'every record of it would be asked for again'
      : 'caps and reports would forget what was spent';
  throw new GleanerError(
    'directory-unusable',
    `Cannot go on with the run in ${out}: its ${name} is ${isEmptied ? 'empty' : 'gone'}, so that ${what}; bring the file back, or accept that`,
    { facts: { advice } },
  );
}

/** An output that was redirected into the file leaves it there without a line. */
function hasEmptiedResults(out: string): boolean {
  const file = (name: keyof typeof fileNames): string => join(out, fileNames[name]);
  if (statSync(file('results'), { throwIfNoEntry: false })?.size !== 0) return false;
  return (linesLeft({ file }, readManifest(file('manifest')))?.results ?? 0) > 0;
}

/**
 * Refuses to try rejects again that somebody took away: without their file there would seem to be none.
 *
 * @throws {GleanerError} naming the file
 */
export function refuseLostRejects(out: string): void {
  const file = (name: keyof typeof fileNames): string => join(out, fileNames[name]);
  if (existsSync(file('rejects')) || (linesLeft({ file }, readManifest(file('manifest')))?.rejects ?? 0) === 0) return;
  throw new GleanerError(
    'directory-unusable',
    `Cannot retry the rejects in ${out}: its ${fileNames.rejects} is gone; bring the file back, or repeat the run, which asks for their records again`,
  );
}

/** Says how many records have lost their ends since the last session; they are paid for again. Undefined where none has. */
export function describeLostEnds(
  directory: Pick<RunDirectory, 'file'>,
  previous: Manifest | undefined,
  { extracted, rejected }: Pick<RecoveredState, 'extracted' | 'rejected'>,
): string | undefined {
  const lost = lostEnds(directory, previous, { results: extracted, rejects: rejected });
  return (
    lost &&
    `What the last session left is not all there: ${lost}. Their records are asked for again; to avoid that, stop and bring the file back`
  );
}

/**
 * Says what a run no longer has of the ends that its last session left: `3 lines of results.jsonl less than usage.json counts`. Undefined
 * where all are there, and where that is not known. Lines are counted unless `found` has them.
 */
export function lostEnds(
  run: Pick<RunDirectory, 'file'>,
  manifest: Pick<Manifest, 'status'> | undefined,
  found?: { results: number; rejects: number },
): string | undefined {
  const left = linesLeft(run, manifest);
  if (left === undefined) return undefined;
  const lost = (['results', 'rejects'] as const).flatMap((name) => {
    const count = left[name] - (found?.[name] ?? countLines(run.file(name)));
    return count > 0 ? [`${counted(count, 'line')} of ${fileNames[name]}`] : [];
  });
  return lost.length === 0 ? undefined : `${lost.join(' and ')} less than ${fileNames.usage} counts`;
}

function countLines(path: string): number {
  let count = 0;
  for (const _line of readLines(path)) count += 1;
  return count;
}
