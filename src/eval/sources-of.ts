import { findRun } from '../export/find-run.ts';
import { openRunInput } from '../export/run-input.ts';
import type { JsonObject } from '../json/value.ts';

/** The input records of a run by id, where its input still stands as the run read it; none for anything else. */
export async function sourcesOf(run: string, ids: ReadonlySet<string>): Promise<ReadonlyMap<string, JsonObject>> {
  const sources = new Map<string, JsonObject>();
  if (ids.size === 0) return sources;
  try {
    const found = findRun(run);
    const { id: column } = found.manifest.identity;
    if (typeof column !== 'string') return sources;
    for await (const row of await openRunInput(found)) {
      const id = row.kind === 'record' ? row.fields[column] : undefined;
      if (row.kind === 'record' && (typeof id === 'string' || typeof id === 'number') && ids.has(String(id))) {
        sources.set(String(id), row.fields);
      }
    }
  } catch {
    // The page says as much without them.
  }
  return sources;
}
