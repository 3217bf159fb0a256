import { findRun } from '../export/find-run.ts';
import type { JsonObject } from '../json/value.ts';
import { openRecords } from '../records/open-records.ts';

/** The input records of a run by id, as far as its input still stands where it was; none for anything else. */
export async function sourcesOf(run: string, ids: ReadonlySet<string>): Promise<ReadonlyMap<string, JsonObject>> {
  const sources = new Map<string, JsonObject>();
  if (ids.size === 0) return sources;
  try {
    const { identity, settings } = findRun(run).manifest;
    const { id: column } = identity;
    const { input } = settings;
    if (typeof column !== 'string' || typeof input !== 'string') return sources;
    for await (const row of await openRecords(input)) {
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
