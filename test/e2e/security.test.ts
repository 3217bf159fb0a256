import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startEmulator } from 'gleaner/emulator';
import { gleanerProcess, noteDefinition, root, temporaryDirectory, writeFile } from './harness.ts';

/** Writes down where each connection of a process leads, names that are looked up included. */
const WATCHER = `
import { appendFileSync } from 'node:fs';
import dns from 'node:dns';
import net from 'node:net';
const note = (place) => appendFileSync(process.env.CONNECTIONS, place + '\\n');
const { connect } = net.Socket.prototype;
net.Socket.prototype.connect = function (...args) {
  const [options] = Array.isArray(args[0]) ? args[0] : args;
  note(options.path ?? \`\${options.host ?? 'localhost'}:\${options.port}\`);
  return connect.apply(this, args);
};
const { lookup } = dns;
dns.lookup = (name, ...rest) => (note(name), lookup(name, ...rest));
`;

test('a run talks to the service that is named, and to nobody else', async () => {
  const directory = temporaryDirectory();
  const input = writeFile(directory, 'notes.csv', 'id,text\n1,Name: Ann\n2,Name: Ben\n');
  const watcher = writeFile(directory, 'watcher.mjs', WATCHER);
  const connections = writeFile(directory, 'connections.txt', '');
  const emulator = await startEmulator();
  try {
    const command = ['run', writeFile(directory, 'note.ts', noteDefinition), input, '--out', join(directory, 'out')];
    const { code } = await gleanerProcess([...command, '--base-url', emulator.baseUrl(), '--auth', 'env:ANY'], {
      env: { NODE_OPTIONS: `--import=${watcher}`, CONNECTIONS: connections, ANY: 'any' },
    });
    expect(code).toBe(0);
    const places = readFileSync(connections, 'utf8').trim().split('\n');
    expect(new Set(places)).toEqual(new Set([new URL(emulator.origin).host]));
  } finally {
    await emulator.close();
  }
});

test.runIf(process.platform !== 'win32')('files of a run get the permissions that the umask gives', () => {
  const directory = temporaryDirectory();
  const input = writeFile(directory, 'notes.csv', 'id,text\n1,Name: Ann\n');
  const out = join(directory, 'out');
  const definition = writeFile(directory, 'note.ts', noteDefinition);
  const command = [join(root, 'bin/gleaner.js'), 'run', definition, input, '--out', out, '--emulator'];
  execFileSync('sh', ['-c', 'umask 027; exec "$@"', 'sh', process.execPath, ...command], { stdio: 'ignore' });
  expect((statSync(out).mode & 0o777).toString(8)).toBe('750');
  for (const name of readdirSync(out)) expect((statSync(join(out, name)).mode & 0o777).toString(8)).toBe('640');
});

test('every package is pinned by a checksum, and what gleaner needs runs nothing when it is installed', () => {
  interface Locked {
    integrity?: string;
    hasInstallScript?: boolean;
    dev?: boolean;
  }
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, Locked>;
  };
  const installed = Object.entries(packages).filter(([path]) => path !== '');
  expect(installed.filter(([, { integrity }]) => integrity?.startsWith('sha512-') !== true)).toEqual([]);
  const scripts = installed.filter(([, { hasInstallScript, dev }]) => hasInstallScript === true && dev !== true);
  expect(scripts.map(([path]) => path)).toEqual([]);
});
