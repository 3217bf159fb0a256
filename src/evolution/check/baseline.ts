import { stat } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { GleanerError } from '../../gleaner-error.ts';
import { readGitBaseline } from './baseline-git.ts';
import {
  baselineFromText,
  baselineOf,
  type Baseline,
  type BaselineOptions,
  type BaselineSchema,
} from './baseline-schema.ts';
import { namesIn, readSnapshots, readText, snapshotNumbers } from './snapshot-folder.ts';

/**
 * Reads what `--against` names: `snapshots`, `git:<ref>`, `git:merge-base:<ref>`, a directory or a file.
 *
 * @throws {GleanerError} when there is no such thing or it cannot be read; a definition that it lacks is no failure
 */
export async function readBaseline(against: string, options: BaselineOptions): Promise<Baseline> {
  const { cwd, snapshots } = options;
  if (against === 'snapshots') return readFolders(resolve(cwd, snapshots), snapshots, options);
  if (against.startsWith('git:')) return readGitBaseline(against, options);
  const path = resolve(cwd, against);
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory() === true) return readDirectory(path, against, options);
  if (found?.isFile() === true) return readOneFile(path, against, options);
  throw new GleanerError(
    'baseline-unreadable',
    `Cannot find the baseline ${against}: give snapshots, git:<ref>, git:merge-base:<ref>, or a directory or file that is there`,
  );
}

async function readFolders(root: string, label: string, options: BaselineOptions): Promise<Baseline> {
  const schemas = new Map<string, readonly BaselineSchema[]>();
  for (const name of options.names) schemas.set(name, await readFolder(join(root, name), options));
  const others = new Map<string, BaselineSchema>();
  for (const name of options.withOthers === true ? (await namesIn(root)).sort() : []) {
    if (schemas.has(name) || snapshotNumbers(await namesIn(join(root, name))).length === 0) continue;
    const [newest] = await readFolder(join(root, name), { ...options, which: 'latest' });
    // The folder's name is what a definition would be found by.
    if (newest !== undefined) others.set(name, { ...newest, name });
  }
  return { label, schemas, others };
}

async function readFolder(folder: string, { cwd, which }: BaselineOptions): Promise<BaselineSchema[]> {
  const found = await readSnapshots(folder, which);
  return found.map((snapshot) => baselineOf(snapshot, relative(cwd, join(folder, `${snapshot.number}.json`))));
}

/** A copy of a snapshots folder, a checkout that has one, one definition's folder, or a folder of `<name>.json` files. */
async function readDirectory(directory: string, label: string, options: BaselineOptions): Promise<Baseline> {
  const { cwd, names } = options;
  const nested = join(directory, options.snapshots);
  if ((await namesIn(nested)).length > 0) return readFolders(nested, label, options);
  const inside = await namesIn(directory);
  if (snapshotNumbers(inside).length > 0) {
    const found = await readFolder(directory, options);
    const only = names.length === 1 ? names[0] : undefined;
    const name = only ?? found[0]?.name ?? '';
    return { label, schemas: new Map([[name, found]]), others: new Map() };
  }
  const folders = await readFolders(directory, label, { ...options, names });
  const schemas = new Map(folders.schemas);
  for (const name of names) {
    if ((schemas.get(name)?.length ?? 0) > 0 || !inside.includes(`${name}.json`)) continue;
    const path = join(directory, `${name}.json`);
    schemas.set(name, [baselineFromText(await readText(path), relative(cwd, path), name)]);
  }
  return { label, schemas, others: folders.others };
}

async function readOneFile(path: string, label: string, { cwd, names }: BaselineOptions): Promise<Baseline> {
  const [name, ...more] = names;
  if (name === undefined || more.length > 0) {
    throw new GleanerError(
      'baseline-unreadable',
      `Cannot check ${names.length} definitions against the file ${label}: a file is the baseline of one definition; name the one`,
    );
  }
  return {
    label,
    schemas: new Map([[name, [baselineFromText(await readText(path), relative(cwd, path), name)]]]),
    others: new Map(),
  };
}
