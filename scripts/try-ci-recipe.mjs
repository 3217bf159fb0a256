/**
 * Follows the recipe of docs/ci.md by which CI gets gleaner: packed into the repository, locked, and installed in a fresh clone with an empty
 * npm cache. Run by .ci/run after a build.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const page = readFileSync(join(root, 'docs/ci.md'), 'utf8');
const [, recipe = ''] = /<!-- recipe -->\n\n```sh\n([^]*?)```/.exec(page) ?? [];
if (recipe === '') throw new Error('docs/ci.md has no recipe');

const work = mkdtempSync(join(tmpdir(), 'gleaner-recipe-'));
try {
  const project = join(work, 'project');
  mkdirSync(join(project, 'schemas'), { recursive: true });
  writeFileSync(join(project, 'package.json'), '{ "name": "project", "private": true, "type": "module" }\n');
  writeFileSync(join(project, '.gitignore'), 'node_modules\n');
  cpSync(join(root, 'schemas/receipt.ts'), join(project, 'schemas/receipt.ts'));
  run('git init -q -b main', project);
  run(recipe.replaceAll('../gleaner', `"${root.replace(/\/$/, '')}"`), project);
  if (!existsSync(join(project, 'vendor'))) throw new Error('The recipe left no vendor/');

  // What CI does, on a machine that has seen none of it.
  run(`git clone -q "${project}" "${join(work, 'clone')}"`, work);
  run('npm ci --no-audit --no-fund', join(work, 'clone'), { npm_config_cache: join(work, 'cache') });
  run('npx --no-install gleaner schema check --locked', join(work, 'clone'));
  process.stdout.write('The recipe of docs/ci.md works with an empty cache\n');
} finally {
  rmSync(work, { recursive: true, force: true });
}

function run(command, cwd, environment = {}) {
  const identity = {
    GIT_AUTHOR_NAME: 'CI',
    GIT_AUTHOR_EMAIL: 'ci@example.com',
    GIT_COMMITTER_NAME: 'CI',
    GIT_COMMITTER_EMAIL: 'ci@example.com',
  };
  execFileSync('bash', ['-euo', 'pipefail', '-c', command], {
    cwd,
    stdio: 'inherit',
    env: { ...process.env, ...identity, ...environment },
  });
}
