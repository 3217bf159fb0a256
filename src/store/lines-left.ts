import { existsSync, readFileSync } from 'node:fs';
import { parseJsonObject } from '../json/parse-json.ts';
import { isJsonObject } from '../json/value.ts';
import type { Manifest } from './manifest.ts';
import type { fileNames } from './run-directory.ts';

/** A run directory, held or only read. */
interface RunFiles {
  file(name: keyof typeof fileNames): string;
}

/**
 * How many lines of results and rejects the session that ended last left, by usage.json. Undefined where that is not known: while a session
 * is at work, after one that was killed, and while rejects are tried again, which stand in neither file.
 */
export function linesLeft(
  run: RunFiles,
  manifest: Pick<Manifest, 'status'> | undefined,
): { results: number; rejects: number } | undefined {
  if (manifest === undefined || manifest.status === 'running' || existsSync(run.file('retrying'))) return undefined;
  const records = parseJsonObject(textOf(run.file('usage')))?.['records'];
  if (!isJsonObject(records)) return undefined;
  const { extracted: results, rejected: rejects } = records;
  return typeof results === 'number' && typeof rejects === 'number' ? { results, rejects } : undefined;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // That figures cannot be read is told where they are shown.
    return '';
  }
}
