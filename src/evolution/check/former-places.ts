import { posix } from 'node:path';
import { listTree, locateRepository, resolveCommit } from './baseline-git-commit.ts';
import { readBlobs } from './baseline-git-process.ts';
import { SNAPSHOTS_DIRECTORY, snapshotNumbers } from './snapshot-folder.ts';

/** The texts of some files of the working directory as a git baseline has them; those that it lacks are left out. */
export async function readGitFiles(
  against: string,
  cwd: string,
  names: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const { prefix } = await locateRepository(cwd, against);
  const { commit } = await resolveCommit(against.slice('git:'.length), cwd);
  const texts = new Map<string, string>();
  for (const name of names) {
    const path = posix.join(prefix, name);
    const entry = (await listTree(commit, cwd, path)).find((one) => one.path === path);
    if (entry === undefined) continue;
    const text = (await readBlobs(cwd, [entry.blob])).get(entry.blob);
    if (text !== undefined) texts.set(name, text);
  }
  return texts;
}

/**
 * The folders, relative to the working directory, that hold snapshots in a git baseline and that may have been the place
 * for them: the usual one, and those that the project file of then names. That file is code, and is searched, not run.
 */
export async function formerPlaces(against: string, cwd: string, projectText: string): Promise<string[]> {
  const { prefix } = await locateRepository(cwd, against);
  const { commit } = await resolveCommit(against.slice('git:'.length), cwd);
  const places = new Set<string>();
  for (const { path } of await listTree(commit, cwd, prefix === '' ? undefined : prefix)) {
    if (snapshotNumbers([posix.basename(path)]).length === 0) continue;
    places.add(posix.relative(prefix === '' ? '.' : prefix, posix.dirname(posix.dirname(path))));
  }
  return [...places].filter((place) => place !== '' && (place === SNAPSHOTS_DIRECTORY || isNamed(place, projectText)));
}

function isNamed(place: string, text: string): boolean {
  return [`'`, `"`, '`'].some((quote) =>
    [place, `./${place}`].some(
      (path) => text.includes(`${quote}${path}${quote}`) || text.includes(`${quote}${path}/${quote}`),
    ),
  );
}
