import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { systemCode } from '../files/system-error.ts';
import { GleanerError } from '../gleaner-error.ts';
import { fileNames } from './run-directory.ts';

/** What version control and file managers leave in a directory that is empty to people. */
const HARMLESS = new Set(['.gitkeep', '.gitignore', '.DS_Store', 'Thumbs.db', 'desktop.ini', 'lost+found']);
/** What a process that was killed before it wrote run.json leaves: these, empty. */
const GROWING: ReadonlySet<string> = new Set([
  fileNames.results,
  fileNames.rejects,
  fileNames.attempts,
  fileNames.inflight,
]);
/** What stands there before run.json, with what is at work on them. */
const BEGUN_WITH = [fileNames.lock, fileNames.plan, `${fileNames.manifest}.tmp`];
const SHOWN = 3;

/**
 * Refuses a directory that holds something and no run, before anything is written into it.
 *
 * @throws {GleanerError} naming what was found
 */
export function refuseForeignDirectory(path: string): void {
  const names = namesIn(path);
  if (names.includes(fileNames.manifest)) return;
  const foreign = names.filter((name) => !HARMLESS.has(name) && !isOfBeginning(path, name)).toSorted();
  if (foreign.length === 0) return;
  const more = foreign.length - SHOWN;
  const found = `${foreign.slice(0, SHOWN).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  throw new GleanerError(
    'directory-unusable',
    `Cannot use ${path} as a run directory: it holds ${found}, and no ${fileNames.manifest} of a run`,
    { facts: { advice: 'out', path } },
  );
}

/** Nothing where there is no directory: what becomes of that, whoever makes it says. */
function namesIn(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

function isOfBeginning(path: string, name: string): boolean {
  if (BEGUN_WITH.some((own) => name === own || name.startsWith(`${own}.`))) return true;
  if (!GROWING.has(name)) return false;
  try {
    // What is no file is refused by the directory, which says what it is.
    const stats = lstatSync(join(path, name));
    return !stats.isFile() || stats.size === 0;
  } catch (error) {
    return systemCode(error) === 'ENOENT';
  }
}
