import { readFileSync } from 'node:fs';
import { readJsonLines } from '../files/read-json-lines.ts';
import { findRun, type FoundRun } from '../export/find-run.ts';
import { parseJsonObject } from '../json/parse-json.ts';
import { isJsonObject } from '../json/value.ts';
import { lostEnds } from '../store/lost-ends.ts';
import type { RunStatus } from '../store/manifest.ts';

/** That records of a run are still to come. */
export interface UnfinishedRun {
  /** How its last session ended; `running` where it goes on, or was killed. */
  status: RunStatus;
  /** Records that have not ended; null where nobody has counted them. */
  remaining: number | null;
  /** Gold records among those; they are left out of the figures. */
  gold: number;
}

/** The run of a directory that has not finished, and which of some records have ended without a result; undefined for any other results. */
export function findUnfinished(
  results: string,
  withoutResult: ReadonlySet<string>,
): { run: UnfinishedRun; rejected: ReadonlySet<string> } | undefined {
  const found = runAt(results);
  if (found === undefined || found.manifest.status === 'finished') return undefined;
  const { status } = found.manifest;
  const rejected = new Set<string>();
  for (const { id } of readJsonLines(found.file('rejects'))) {
    if (typeof id === 'string' && withoutResult.has(id)) rejected.add(id);
  }
  const remaining = status === 'running' ? null : remainingOf(found);
  return { run: { status, remaining, gold: withoutResult.size - rejected.size }, rejected };
}

/** Says what the run of a directory no longer has of its ends; undefined where all are there, and for any other results. */
export function describeLost(results: string): string | undefined {
  const found = runAt(results);
  const lost = found && lostEnds(found, found.manifest);
  return lost && `The run is not whole any more: ${lost}. The figures are of what is left; bring the file back`;
}

/** Undefined for a file of results, and for a directory that holds nothing but results. */
function runAt(results: string): FoundRun | undefined {
  try {
    return findRun(results);
  } catch {
    return undefined;
  }
}

/** What usage.json says is that of the last session that ended. */
function remainingOf(run: FoundRun): number | null {
  try {
    const records = parseJsonObject(readFileSync(run.file('usage'), 'utf8'))?.['records'];
    const remaining = isJsonObject(records) ? records['remaining'] : undefined;
    return typeof remaining === 'number' ? remaining : null;
  } catch {
    return null;
  }
}
