import { spawn } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { emulatorFor, noteDefinition, root, temporaryDirectory, writeFile } from './harness.ts';

const page = readFileSync(join(root, 'docs/half-price.md'), 'utf8');
const script = /```sh\n(#!\/bin\/sh\n[^`]*)```/.exec(page)?.[1] ?? '';

test('the nightly script of the page comes again while jobs are open, and exports once they are done', async () => {
  const directory = temporaryDirectory();
  const { emulator, flags, env } = await emulatorFor({ batch: { queueMs: 3_600_000 } });
  const home = join(directory, 'home');
  mkdirSync(join(home, 'schemas'), { recursive: true });
  copyFileSync(writeFile(directory, 'receipt.ts', noteDefinition), join(home, 'schemas', 'receipt.ts'));
  writeFile(home, 'receipts.csv', 'id,text\na,one\nb,two\n');
  // The command of the page, sent to the emulator where it runs something.
  const command = `#!/bin/sh
case $1 in run) set -- "$@" ${flags.map((flag) => `'${flag}'`).join(' ')} ;; esac
exec '${process.execPath}' '${join(root, 'bin/gleaner.js')}' "$@"
`;
  chmodSync(writeFile(directory, 'gleaner', command), 0o755);
  const night = (): Promise<number | null> => {
    const PATH = `${directory}:${process.env['PATH'] ?? ''}`;
    const child = spawn('sh', [writeFile(directory, 'night.sh', script)], {
      cwd: home,
      env: { ...env, PATH, HOME: directory, NIGHT: '2026-03-01' },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    return new Promise((resolve) => child.once('close', resolve));
  };
  expect(script).toContain('--online-after 04:00');
  expect(await night()).toBe(0);
  expect(existsSync(join(home, 'out/2026-03-01.csv'))).toBe(false);
  emulator.advance(2 * 3_600_000);
  expect(await night()).toBe(0);
  expect(readFileSync(join(home, 'out/2026-03-01.csv'), 'utf8').trim().split('\n')).toHaveLength(3);
  // Called once more, it does nothing.
  expect(await night()).toBe(0);
  expect(emulator.stats().batch.jobs).toBe(1);
}, 60_000);
