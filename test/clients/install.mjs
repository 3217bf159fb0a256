/**
 * Installs the clients of other makers that test/clients tries against the emulator, and what reads its exports, once for each list of versions, into
 * node_modules/.cache. They are no development dependencies: together they are larger than gleaner. What cannot be
 * installed (no Python, say) is said here, and its tests are skipped.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const here = new URL('./', import.meta.url);
const cache = new URL('../../node_modules/.cache/gleaner-clients/', import.meta.url);

install('node', 'node/package.json', (folder, list) => {
  cpSync(list, `${folder}/package.json`);
  // From here, names resolve to what is installed beside it.
  writeFileSync(`${folder}/load.js`, 'export const load = (name) => import(name);\n');
  return [
    'npm',
    ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--legacy-peer-deps', '--loglevel=error'],
    folder,
  ];
});
for (const name of ['requirements', 'requirements-instructor', 'requirements-tables']) {
  install(`python-${name}`, `python/${name}.txt`, (folder, list) => [
    'python3',
    [
      '-m',
      'pip',
      'install',
      '--quiet',
      '--disable-pip-version-check',
      '--root-user-action=ignore',
      '--no-compile',
      '--target',
      folder,
      '-r',
      list,
    ],
    folder,
  ]);
}

/** Runs what `prepare` returns, unless the same list is there already. */
function install(name, list, prepare) {
  const path = fileURLToPath(new URL(list, here));
  const folder = fileURLToPath(new URL(name, cache));
  const stamp = `${folder}/.installed`;
  const version = createHash('sha256').update(readFileSync(path)).digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === version) return;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const [command, flags, cwd] = prepare(folder, path);
  const startedAt = performance.now();
  const { status, error, stderr } = spawnSync(command, flags, {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
  if (status === 0) {
    writeFileSync(stamp, version);
    process.stdout.write(`${list}: installed in ${seconds} s\n`);
  } else {
    rmSync(folder, { recursive: true, force: true });
    if (stderr) process.stderr.write(stderr);
    const reason = error?.message ?? `${command} ended with ${status}`;
    process.stdout.write(`${list}: not installed (${reason}); its tests are skipped\n`);
  }
}
