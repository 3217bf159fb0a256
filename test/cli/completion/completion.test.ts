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

/** What a real fish offers behind a line. */
function offeredByFish(script: string, line: string): string[] {
  const { stdout, stderr } = spawnSync(
    'fish',
    ['--no-config', '-c', 'source $argv[1]; complete -C $argv[2]', script, line],
    {
      cwd: directory,
      encoding: 'utf8',
      env: { ...process.env, HOME: directory, XDG_CONFIG_HOME: directory, XDG_DATA_HOME: directory },
    },
  );
  expect(stderr).toBe('');
  return stdout
    .split('\n')
    .map((row) => row.split('\t')[0] ?? '')
    .filter((word) => word !== '');
}

test.skipIf(!isInstalled('fish'))(
  'a real fish offers commands, those below them, flags and their values (skipped without fish)',
  async () => {
    const path = join(directory, 'offered.fish');
    writeFileSync(path, await scriptFor('fish'));
    expect(offeredByFish(path, 'gleaner r')).toEqual(expect.arrayContaining(['run', 'retry', 'report', 'review']));
    expect(offeredByFish(path, 'gleaner schema ')).toEqual(expect.arrayContaining(['show', 'lock', 'check']));
    expect(offeredByFish(path, 'gleaner schema check --m')).toEqual(['--mode']);
    expect(offeredByFish(path, 'gleaner schema check --mode f')).toEqual(['forward', 'full']);
    expect(offeredByFish(path, 'gleaner run --max-c')).toEqual(['--max-cost']);
    expect(offeredByFish(path, 'gleaner run rec')).toEqual(expect.arrayContaining(['receipt', 'records.csv']));
  },
);

/** What a real zsh offers behind a line: its completion system works in a terminal only, so one is made for it (zpty). */
function offeredByZsh(script: string, line: string, awaited: string): string {
  const talk = `
    zmodload zsh/zpty
    zpty inner zsh -f -i
    text=
    await() { repeat 100; do while zpty -r -t inner chunk; do text+=$chunk; done; [[ $text == *$1* ]] && return; sleep 0.1; done }
    zpty -w inner "PROMPT=; unsetopt zle_bracketed_paste; autoload -Uz compinit; compinit -u -D; source ${script}; LISTMAX=10000; stty cols 200 rows 500; print REA''DY"
    await READY; text=
    zpty -w -n inner $'${line}\\t\\t'
    await ${awaited}; sleep 0.2; await ${awaited}
    print -r -- $text`;
  const { stdout } = spawnSync('zsh', ['-f', '-c', talk], { cwd: directory, encoding: 'utf8', timeout: 30_000 });
  // What moves the cursor stands next to words.
  // eslint-disable-next-line no-control-regex
  return stdout.replaceAll(/\u001B\[[\d;?]*[A-Za-z]/g, ' ');
}

test.skipIf(!isInstalled('zsh'))(
  'a real zsh offers commands, those below them and flags (skipped without zsh)',
  async () => {
    const path = join(directory, 'offered.zsh');
    writeFileSync(path, await scriptFor('zsh'));
    const commands = offeredByZsh(path, 'gleaner r', 'review');
    for (const name of ['run', 'retry', 'report', 'review']) expect(commands).toMatch(new RegExp(`\\b${name}\\b`));
    expect(offeredByZsh(path, 'gleaner schema check --mo', '--mode')).toContain('--mode');
  },
);
