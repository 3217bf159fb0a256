import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { main } from '../../../src/cli/main.ts';
import type { Terminal } from '../../../src/cli/terminal/terminal.ts';

async function scriptFor(shell: string): Promise<string> {
  let stdout = '';
  const collect = new Writable({
    write(chunk: Buffer, _encoding, done) {
      stdout += chunk.toString();
      done();
    },
  });
  const code = await main(['completion', shell], {
    stdin: process.stdin,
    stdout: collect,
    stderr: collect,
    environment: {},
    runId: 'test',
    onStopSignal: () => () => undefined,
  } satisfies Terminal);
  expect(code).toBe(shell === 'tcsh' ? 2 : 0);
  return stdout;
}

let directory = '';
let bash = '';
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'gleaner-completion-'));
  mkdirSync(join(directory, 'schemas'));
  for (const name of ['receipt.ts', 'support-mail.ts']) writeFileSync(join(directory, 'schemas', name), '');
  writeFileSync(join(directory, 'records.csv'), '');
  bash = join(directory, 'gleaner.bash');
  writeFileSync(bash, await scriptFor('bash'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** What a real bash offers behind the words. */
function offered(...words: string[]): string[] {
  const line = `source ${bash}; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _gleaner; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = spawnSync('bash', ['--norc', '-c', line, 'bash', 'gleaner', ...words], {
    cwd: directory,
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  return stdout.split('\n').filter((word) => word !== '');
}

test('bash completes commands, those below them, flags, their values, definitions and files', () => {
  expect(offered('r')).toEqual(expect.arrayContaining(['run', 'retry', 'report', 'review']));
  expect(offered('r')).not.toContain('eval');
  expect(offered('schema', '')).toEqual(expect.arrayContaining(['show', 'lock', 'check']));
  expect(offered('schema', 'check', '--m')).toEqual(['--mode']);
  expect(offered('schema', 'check', '--mode', 'f')).toEqual(['forward', 'full']);
  expect(offered('run', '--max-c')).toEqual(['--max-cost']);
  expect(offered('run', 'rec')).toEqual(['receipt', 'records.csv']);
  expect(offered('run', 'support-mail', 'rec')).toContain('records.csv');
  expect(offered('run', '--cache', 'rec')).toEqual(['records.csv']);
  expect(offered('run', '--format', '')).toEqual(['csv', 'tsv', 'jsonl']);
});

test('a shell that is not known is refused with those that are', async () => {
  expect(await scriptFor('tcsh')).toContain('known shells are bash, zsh, fish');
});

function isInstalled(shell: string): boolean {
  return spawnSync(shell, ['-c', 'exit 0']).error === undefined;
}

test.each(['zsh', 'fish'])(
  '%s reads its script, where it is installed, and every command stands in it',
  async (shell) => {
    const path = join(directory, `gleaner.${shell}`);
    const script = await scriptFor(shell);
    writeFileSync(path, script);
    for (const name of ['run', 'doctor', 'replay', 'rebuild']) expect(script).toContain(name);
    if (!isInstalled(shell)) return;
    const { status, stderr } = spawnSync(shell, ['-n', path], { encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, '']);
  },
);
