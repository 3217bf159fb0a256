import { readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { findRun, type FoundRun } from '../export/find-run.ts';

/** Finds the run of the same extraction and service beside a run directory that finished last before it; undefined where there is none. */
export function lastRunBefore(directory: string): string | undefined {
  const run = findRun(directory);
  const parent = dirname(resolve(directory));
  let last: { path: string; at: string } | undefined;
  for (const entry of readdirSync(parent, { withFileTypes: true })) {
    const path = join(dirname(directory), entry.name);
    if (!entry.isDirectory() || resolve(path) === resolve(directory)) continue;
    const at = finishedAt(path, run);
    if (at !== undefined && (last === undefined || at > last.at)) last = { path, at };
  }
  return last?.path;
}

function finishedAt(path: string, run: FoundRun): string | undefined {
  try {
    const { manifest } = findRun(path);
    // A try against the emulator says nothing of a night with the service.
    const isAlike = (['extraction', 'service'] as const).every(
      (name) => manifest.identity[name] === run.manifest.identity[name],
    );
    if (manifest.status !== 'finished' || !isAlike) return undefined;
    const began = manifest.sessions[0]?.startedAt ?? '';
    return began < (run.manifest.sessions[0]?.startedAt ?? '')
      ? (manifest.sessions.at(-1)?.endedAt ?? undefined)
      : undefined;
  } catch {
    // Other directories are nobody's business.
    return undefined;
  }
}
