import { GleanerError } from '../../gleaner-error.ts';
import { runGit } from './baseline-git-process.ts';

/** A file in a commit. */
export interface TreeEntry {
  readonly path: string;
  readonly blob: string;
}

export async function locateRepository(cwd: string, against: string): Promise<{ top: string; prefix: string }> {
  const { code, stdout, stderr } = await runGit(cwd, ['rev-parse', '--show-toplevel', '--show-prefix']);
  const [top = '', prefix = ''] = stdout.toString().split('\n');
  if (code === 0 && top !== '') return { top, prefix };
  const reason = /not a git repository/i.test(stderr)
    ? `${cwd} is in no git repository`
    : (stderr.split('\n', 1)[0] ?? '').replace(/^fatal: /, '') || 'git found no working tree';
  throw new GleanerError('baseline-unreadable', `Cannot read the baseline ${against}: ${reason}`);
}

export async function resolveCommit(given: string, cwd: string): Promise<{ commit: string; name: string }> {
  const wantsMergeBase = given.startsWith('merge-base:');
  const ref = wantsMergeBase ? given.slice('merge-base:'.length) : given;
  // What starts with a dash would be taken for an option.
  if (ref === '' || ref.startsWith('-')) {
    throw new GleanerError(
      'baseline-unreadable',
      `Cannot use "git:${given}" as a baseline: name a branch, tag or commit, such as git:main`,
    );
  }
  const found = await findCommit(ref, cwd);
  if (found === undefined) {
    throw new GleanerError(
      'baseline-unreadable',
      `Cannot find the git ref ${ref}: there is no such branch, tag or commit here${await shallowHint(cwd)}`,
    );
  }
  if (!wantsMergeBase) return found;
  const { code, stdout } = await runGit(cwd, ['merge-base', 'HEAD', found.commit]);
  const [commit = ''] = stdout.toString().split('\n');
  if (code === 0 && commit !== '') return { commit, name: `merge-base:${found.name}` };
  throw new GleanerError(
    'baseline-unreadable',
    `Cannot find where HEAD and ${ref} parted: git knows no common commit${await shallowHint(cwd)}`,
  );
}

/** A branch that was only fetched, as checkouts in CI leave it, is found at `origin`. */
async function findCommit(ref: string, cwd: string): Promise<{ commit: string; name: string } | undefined> {
  for (const name of [ref, `origin/${ref}`]) {
    const { code, stdout } = await runGit(cwd, ['rev-parse', '--verify', '--quiet', `${name}^{commit}`]);
    const commit = stdout.toString().trim();
    if (code === 0 && commit !== '') return { commit, name };
  }
  return undefined;
}

async function shallowHint(cwd: string): Promise<string> {
  const { stdout } = await runGit(cwd, ['rev-parse', '--is-shallow-repository']);
  if (stdout.toString().trim() !== 'true') return '; git branch --all and git tag list what there is';
  return (
    '; this is a shallow clone, which lacks it: fetch the whole history (fetch-depth: 0 in GitHub Actions, ' +
    'GIT_DEPTH: 0 in GitLab, git fetch --unshallow elsewhere)'
  );
}

export async function listTree(commit: string, cwd: string, path?: string): Promise<TreeEntry[]> {
  const args = ['ls-tree', '-r', '-z', '--full-tree', commit, ...(path === undefined ? [] : ['--', path])];
  const { code, stdout, stderr } = await runGit(cwd, args);
  if (code !== 0) {
    throw new GleanerError(
      'baseline-unreadable',
      `Cannot read the tree of commit ${commit.slice(0, 12)}: ${stderr.trim() || 'git ls-tree failed'}`,
    );
  }
  const entries: TreeEntry[] = [];
  for (const line of stdout.toString().split('\0')) {
    const [, blob, entryPath] = /^\d+ blob ([0-9a-f]+)\t([^]+)$/.exec(line) ?? [];
    if (blob !== undefined && entryPath !== undefined) entries.push({ blob, path: entryPath });
  }
  return entries;
}
