import { readJsonLines } from '../files/read-json-lines.ts';
import type { RunDirectory } from '../store/run-directory.ts';

/** How a record ended, found by its row. */
export interface EndedRecord {
  id: string;
  /** The code of its reject; undefined for a result. */
  code: string | undefined;
}

/** Looks up how some rows ended. For the few whose call a kill kept out of the ledger, or that were asked for twice. */
export function findEnded(directory: RunDirectory, rows: ReadonlySet<number>): Map<number, EndedRecord> {
  const found = new Map<number, EndedRecord>();
  if (rows.size === 0) return found;
  directory.flush();
  for (const name of ['results', 'rejects'] as const) {
    for (const { id, index, error } of readJsonLines(directory.file(name))) {
      if (typeof index !== 'number' || typeof id !== 'string' || !rows.has(index)) continue;
      const code = typeof error === 'object' && error !== null && 'code' in error ? String(error['code']) : undefined;
      found.set(index, { id, code });
    }
  }
  return found;
}
