import { existsSync } from 'node:fs';
import type { FoundRun } from '../export/find-run.ts';
import { readJsonLines } from '../files/read-json-lines.ts';
import { lostEnds } from '../store/lost-ends.ts';

/** How the records of two runs differ, by their ids. */
export interface RecordChanges {
  new: number;
  /** Records that are asked something else than before: their contents, or what the definition makes of them. */
  changed: number;
  gone: number;
  same: number;
}

/** Null where results of one of the runs are gone, all or some. Memory: the ids and fingerprints of the first run. */
export function compareRecords(before: FoundRun, after: FoundRun): RecordChanges | null {
  if (!existsSync(before.file('results')) || !existsSync(after.file('results'))) return null;
  if ([before, after].some((run) => lostEnds(run, run.manifest) !== undefined)) return null;
  const earlier = new Map(recordsOf(before));
  const changes: RecordChanges = { new: 0, changed: 0, gone: 0, same: 0 };
  for (const [id, fingerprint] of recordsOf(after)) {
    const known = earlier.get(id);
    if (known === undefined) changes.new += 1;
    else if (known === fingerprint) changes.same += 1;
    else changes.changed += 1;
    earlier.delete(id);
  }
  changes.gone = earlier.size;
  return changes;
}

/** Bad rows have no fingerprint, and those without an id are nobody's. */
function* recordsOf(run: FoundRun): Generator<[id: string, fingerprint: string]> {
  for (const file of ['results', 'rejects', 'retrying'] as const) {
    for (const { id, fingerprint } of readJsonLines(run.file(file)))
      if (typeof id === 'string') yield [id, typeof fingerprint === 'string' ? fingerprint : ''];
  }
}
