import { findRun, type FoundRun } from '../export/find-run.ts';
import { readJsonLines } from '../files/read-json-lines.ts';
import { GleanerError } from '../gleaner-error.ts';
import { lostEnds } from '../store/lost-ends.ts';
import type { JsonObject } from '../json/value.ts';
import { nearestName } from '../text/nearest-name.ts';

/** One record's life in a run, from the run directory's files alone. */
export interface RecordLife {
  id: string;
  /** Where the record stands: `open` where its calls have no end yet, `lost` where the line that held it is gone. */
  state: 'extracted' | 'rejected' | 'retrying' | 'open' | 'lost';
  /** The file and the line of it that hold the record's end; null where it is open or lost. */
  place: { file: string; line: number } | null;
  /** The line itself: data, or error, record and last answer. */
  entry: JsonObject | null;
  /** Its calls in order, as the ledger has them. */
  calls: JsonObject[];
  /** Where its values stand in the record, and how they were corrected, where that is known. */
  evidence: JsonObject | null;
  labels: JsonObject[];
}

const ENDS = [
  ['results', 'extracted'],
  ['rejects', 'rejected'],
  ['retrying', 'retrying'],
] as const;

/** How many ids are kept to tell which one may be meant. */
const MOST_NAMES = 10_000;

/**
 * Collects what a run directory says of one record. A run that is at work is read as far as it is.
 *
 * @throws {GleanerError} when the directory holds no run, or nothing of that record
 */
export function inspectRecord(directory: string, id: string): RecordLife {
  const run = findRun(directory);
  const names = new Set<string>();
  const calls = linesOf(run, 'attempts', id, names).map(({ entry }) => entry);
  const rest = {
    calls,
    evidence: linesOf(run, 'evidence', id, names)[0]?.entry ?? null,
    labels: linesOf(run, 'labels', id, names).map(({ entry }) => entry),
  };
  for (const [file, state] of ENDS) {
    // A retry that was killed leaves a line in two files; results come first.
    const found = linesOf(run, file, id, names).at(-1);
    if (found !== undefined)
      return { id, state, place: { file: run.file(file), line: found.line }, entry: found.entry, ...rest };
  }
  if (calls.length > 0 || linesOf(run, 'inflight', id, names).length > 0)
    return {
      id,
      state: mustHaveEnded(run, calls) && lostEnds(run, run.manifest) !== undefined ? 'lost' : 'open',
      place: null,
      entry: null,
      ...rest,
    };
  const nearest = nearestName(id, names);
  const hint = nearest === undefined ? 'it has not come to that record, or there is none' : `did you mean ${nearest}?`;
  throw new GleanerError('run-unreadable', `Cannot inspect ${id}: the run in ${directory} says nothing of it; ${hint}`);
}

/** Whether a record that has no end on file had one: in a finished run all have, in others those whose last call made a result. */
function mustHaveEnded({ manifest }: FoundRun, calls: readonly JsonObject[]): boolean {
  return manifest.status === 'finished' || calls.at(-1)?.['outcome'] === 'extracted';
}

function linesOf(
  run: FoundRun,
  file: Parameters<FoundRun['file']>[0],
  id: string,
  names: Set<string>,
): { line: number; entry: JsonObject }[] {
  const found: { line: number; entry: JsonObject }[] = [];
  let line = 0;
  for (const entry of readJsonLines(run.file(file))) {
    line += 1;
    if (entry['id'] === id) found.push({ line, entry });
    else if (typeof entry['id'] === 'string' && names.size < MOST_NAMES) names.add(entry['id']);
  }
  return found;
}
