import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join, posix, relative, resolve, sep } from 'node:path';
import { GleanerError } from '../../gleaner-error.ts';
import { baselineOf, type Baseline, type BaselineOptions, type BaselineSchema } from './baseline-schema.ts';
import { listTree, locateRepository, resolveCommit, type TreeEntry } from './baseline-git-commit.ts';
import { readBlobs } from './baseline-git-process.ts';
import { namesIn, readSnapshotText, snapshotNumbers } from './snapshot-folder.ts';

/**
 * Reads the snapshots that were committed at a ref. Nothing of that commit is checked out or run: only its committed
 * JSON files are read.
 *
 * @throws {GleanerError} when this is no repository, or the ref is not there
 */
export async function readGitBaseline(against: string, options: BaselineOptions): Promise<Baseline> {
  const { cwd, snapshots, names, which } = options;
  const { top, prefix } = await locateRepository(cwd, against);
  const { commit, name: refName } = await resolveCommit(against.slice('git:'.length), cwd);
  const directory = posix.join(prefix, relative(cwd, resolve(cwd, snapshots)).split(sep).join('/'));
  if (directory.startsWith('..')) {
    throw new GleanerError(
      'baseline-unreadable',
      `Cannot read ${snapshots} from git: it lies outside of the repository at ${top}`,
    );
  }

  const folders = groupByFolder(await listTree(commit, cwd, `${directory}/`));
  const chosen = new Map<string, TreeEntry[]>();
  let wholeTree: TreeEntry[] | undefined;
  for (const name of names) {
    let entries = folders.get(`${directory}/${name}`);
    if (entries === undefined) {
      const known = await localBlobs(resolve(cwd, snapshots, name), commit.length === 64 ? 'sha256' : 'sha1');
      if (known.size > 0) {
        wholeTree ??= await listTree(commit, cwd);
        entries = await findMovedFolder(groupByFolder(wholeTree), known, top);
      }
    }
    if (entries !== undefined) chosen.set(name, which === 'all' ? entries : entries.slice(-1));
  }

  const used = new Set([...chosen.values()].flat().map(({ path }) => posix.dirname(path)));
  const gone = new Map<string, TreeEntry[]>();
  for (const [folder, entries] of options.withOthers === true ? folders : []) {
    const name = posix.basename(folder);
    if (!used.has(folder) && !names.includes(name)) gone.set(name, entries.slice(-1));
  }
  const texts = await readBlobs(
    cwd,
    [...chosen.values(), ...gone.values()].flat().map(({ blob }) => blob),
  );
  function schemaOf({ path, blob }: TreeEntry): BaselineSchema {
    const snapshot = readSnapshotText(texts.get(blob) ?? '', `${path} at ${refName}`);
    return { ...baselineOf(snapshot, path), label: `snapshot ${snapshot.number} of ${snapshot.date} at ${refName}` };
  }
  const schemas = new Map([...chosen].map(([name, entries]) => [name, entries.map(schemaOf)]));
  const others = new Map<string, BaselineSchema>();
  for (const [name, [newest]] of gone) if (newest !== undefined) others.set(name, { ...schemaOf(newest), name });
  return { label: `git:${refName} (${commit.slice(0, 12)})`, schemas, others };
}

/** The snapshots in a tree by their folder, each folder's in the order of their numbers. */
function groupByFolder(entries: readonly TreeEntry[]): Map<string, TreeEntry[]> {
  const folders = new Map<string, TreeEntry[]>();
  for (const entry of entries) {
    if (numberOf(entry) === undefined) continue;
    const folder = posix.dirname(entry.path);
    folders.set(folder, [...(folders.get(folder) ?? []), entry]);
  }
  for (const group of folders.values()) group.sort((left, right) => (numberOf(left) ?? 0) - (numberOf(right) ?? 0));
  return folders;
}

function numberOf({ path }: TreeEntry): number | undefined {
  return snapshotNumbers([posix.basename(path)])[0];
}

/** Git's ids of the snapshots in a folder of the working tree. */
async function localBlobs(folder: string, algorithm: 'sha1' | 'sha256'): Promise<Set<string>> {
  const blobs = new Set<string>();
  for (const number of snapshotNumbers(await namesIn(folder))) {
    // Checkouts on Windows may have turned line ends around; git keeps them as they were written.
    const bytes = Buffer.from((await readFile(join(folder, `${number}.json`), 'utf8')).replaceAll('\r\n', '\n'));
    blobs.add(createHash(algorithm).update(`blob ${bytes.length}\0`).update(bytes).digest('hex'));
  }
  return blobs;
}

/** The folder that held the same snapshots then and is gone now: it was renamed, and the history goes on. */
async function findMovedFolder(
  folders: ReadonlyMap<string, TreeEntry[]>,
  known: ReadonlySet<string>,
  top: string,
): Promise<TreeEntry[] | undefined> {
  for (const [folder, entries] of folders) {
    if (!entries.some(({ blob }) => known.has(blob))) continue;
    const isGone = (await stat(join(top, folder)).catch(() => undefined)) === undefined;
    if (isGone) return entries;
  }
  return undefined;
}
