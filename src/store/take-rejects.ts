import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { RejectEntry } from './entries.ts';
import { readJsonLines } from '../files/read-json-lines.ts';
import { writeManifest, type Manifest } from './manifest.ts';
import { fileNames } from './run-directory.ts';
import { writeFileAtomically } from '../files/write-file-atomically.ts';

/**
 * Moves rejects out of rejects.jsonl into retrying.jsonl, where they wait for another try. Both files are replaced as a
 * whole, the second one first: a process that dies between the two leaves a reject in both, which counts as not taken. Before
 * either, the manifest says that the run is under way again, so that no record in neither of results and rejects belongs to a
 * run that counts as finished.
 */
export function takeRejects(directory: string, previous: Manifest, isWanted: (entry: RejectEntry) => boolean): void {
  const rejects = join(directory, fileNames.rejects);
  const retrying = join(directory, fileNames.retrying);
  const taken = new Set<number>();
  if (!existsSync(retrying) && !some(entries(rejects), isWanted)) return;
  const { statusBeforeRetry = previous.status } = previous;
  writeManifest(join(directory, fileNames.manifest), { ...previous, status: 'running', statusBeforeRetry });
  // What an earlier retry took and did not end is taken still; whether it has ended since shows when the run is read back.
  const allTaken = function* (): Generator<RejectEntry> {
    for (const entry of entries(retrying)) {
      taken.add(entry.index);
      yield entry;
    }
    for (const entry of entries(rejects)) if (!taken.has(entry.index) && isWanted(entry)) yield entry;
  };
  const allLeft = function* (): Generator<RejectEntry> {
    for (const entry of entries(rejects)) if (!isWanted(entry)) yield entry;
  };
  writeFileAtomically(retrying, linesOf(allTaken()));
  writeFileAtomically(rejects, linesOf(allLeft()));
}

export function retryingRejects(directory: string): Generator<RejectEntry> {
  return entries(join(directory, fileNames.retrying));
}

function entries(path: string): Generator<RejectEntry> {
  return readJsonLines(path) as Generator<RejectEntry & Record<string, never>>;
}

function* linesOf(all: Iterable<RejectEntry>): Generator<string> {
  for (const entry of all) yield `${JSON.stringify(entry)}\n`;
}

function some(all: Iterable<RejectEntry>, isWanted: (entry: RejectEntry) => boolean): boolean {
  for (const entry of all) if (isWanted(entry)) return true;
  return false;
}
