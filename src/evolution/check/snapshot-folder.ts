import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeeperThan } from '../../json/nesting.ts';
import type { JsonValue } from '../../json/value.ts';
import { GleanerError } from '../../gleaner-error.ts';
import { makeDirectory } from '../../files/make-directory.ts';
import { describeSystemError, systemCode } from '../../files/system-error.ts';
import { StoreError } from '../../files/store-error.ts';
import { writeFileAtomically } from '../../files/write-file-atomically.ts';
import { isSameContent, parseSnapshot, snapshotText, type Snapshot, type SnapshotContent } from './snapshot.ts';

/** Where snapshots lie, below the working directory. */
export const SNAPSHOTS_DIRECTORY = 'schemas/snapshots';

const FILE_NAME = /^([1-9]\d{0,8})\.json$/;

/** The numbers of the snapshots among a folder's file names, ascending. */
export function snapshotNumbers(names: Iterable<string>): number[] {
  const numbers: number[] = [];
  for (const name of names) {
    const [, digits] = FILE_NAME.exec(name) ?? [];
    if (digits !== undefined) numbers.push(Number(digits));
  }
  return numbers.sort((left, right) => left - right);
}

/** Reads a snapshot from its text; `where` names the file in messages. */
export function readSnapshotText(text: string, where: string): Snapshot {
  const snapshot = parseSnapshot(parseJson(text, where));
  if (typeof snapshot === 'string') {
    throw new GleanerError(
      'baseline-unreadable',
      `Cannot use the snapshot ${where}: ${snapshot}; restore the file as it was committed`,
    );
  }
  return snapshot;
}

export function parseJson(text: string, where: string): JsonValue {
  const value = parse(text, where);
  if (isDeeperThan(value, MAX_LEVELS)) {
    throw new GleanerError(
      'baseline-unreadable',
      `Cannot read ${where}: it nests deeper than the ${MAX_LEVELS} levels that are read`,
    );
  }
  return value;
}

/** More than people write, and less than fills the stack. */
const MAX_LEVELS = 1_000;

function parse(text: string, where: string): JsonValue {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, '')) as JsonValue;
  } catch {
    const hint = /^<{7} /m.test(text) ? '; it has conflict markers of an unfinished merge' : '';
    throw new GleanerError('baseline-unreadable', `Cannot read ${where}: it is no JSON${hint}`);
  }
}

/**
 * Reads a text file; throws GleanerError, so that what the user named wrongly ends the command. A check reads small files by the
 * hundred, and waiting for each takes several times as long as reading it at once.
 */
export async function readText(path: string): Promise<string> {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new GleanerError('baseline-unreadable', `Cannot read ${path}: ${describeSystemError(error)}`, {
      cause: error,
    });
  }
}

/** The names in a folder, in no particular order; none where there is no such folder. */
export async function namesIn(folder: string): Promise<string[]> {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return [];
    throw new GleanerError('baseline-unreadable', `Cannot read the folder ${folder}: ${describeSystemError(error)}`, {
      cause: error,
    });
  }
}

/** The latest snapshot of a folder, or all of them, ascending. */
export async function readSnapshots(folder: string, which: 'latest' | 'all'): Promise<Snapshot[]> {
  const numbers = snapshotNumbers(await namesIn(folder));
  const wanted = which === 'all' ? numbers : numbers.slice(-1);
  const snapshots: Snapshot[] = [];
  for (const number of wanted) {
    const path = join(folder, `${number}.json`);
    snapshots.push(readSnapshotText(await readText(path), path));
  }
  return snapshots;
}

/** Writes the next snapshot where the content differs from the latest one; returns both. */
export async function lockSnapshot(
  folder: string,
  content: SnapshotContent,
  stamp: { date: string; gleaner: string },
): Promise<{ previous: Snapshot | undefined; written: Snapshot | undefined }> {
  const [previous] = await readSnapshots(folder, 'latest');
  if (previous !== undefined && isSameContent(previous, content)) return { previous, written: undefined };
  const written = { ...content, ...stamp, number: (previous?.number ?? 0) + 1 };
  writeCommitted(join(folder, `${written.number}.json`), snapshotText(written));
  return { previous, written };
}

/** Writes a file that is meant to be committed, with its folders. */
export function writeCommitted(path: string, text: string): void {
  try {
    makeDirectory(join(path, '..'));
    writeFileAtomically(path, text);
  } catch (error) {
    const reason = error instanceof StoreError ? error.message : `Cannot write ${path}: ${describeSystemError(error)}`;
    throw new GleanerError('baseline-unreadable', reason, { cause: error });
  }
}
