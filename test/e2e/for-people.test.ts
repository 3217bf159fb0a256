import { cpSync, existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import {
  emulatorFor,
  gleaner,
  noteDefinition,
  noteRecords,
  root,
  startGleaner,
  readRun,
  temporaryDirectory,
  writeFile,
} from './harness.ts';

describe('what a run tells people', () => {
  test('rejects are shown by example, without contents, and the exit code is explained', async () => {
    const directory = temporaryDirectory();
    const definition = writeFile(directory, 'note.ts', noteDefinition);
    const input = writeFile(
      directory,
      'notes.jsonl',
      `${noteRecords(4)}{"secret\n[1]\n{"text":"secret"}\n{"id":"x"}\n`,
    );
    const out = join(directory, 'run');
    const { code, stderr } = await gleaner(['run', definition, input, '--out', out, '--emulator']);
    const lines = stderr.trimEnd().split('\n');
    expect(lines.at(-1)).toBe('exit 1: 4 of 8 records were rejected, --max-reject-rate allows 0');
    const from = lines.findIndex((line) => line.startsWith('  rejects'));
    expect(lines.slice(from, from + 3).map((line) => line.replace(/: .*/, ''))).toEqual([
      '  rejects     line 5',
      '              line 6',
      '              line 7',
    ]);
    expect(lines[from + 3]).toBe(`              see ${join(out, 'rejects.jsonl')}`);
    expect(stderr).not.toContain('secret');
    expect(code).toBe(1);
  });

  test('a function of the definition that throws is named with what it threw, without contents', async () => {
    const directory = temporaryDirectory();
    const prompt = `'{{text}}'`;
    const definition = writeFile(
      directory,
      'note.ts',
      noteDefinition.replace(prompt, '(record) => JSON.parse(String(record.text))'),
    );
    const rows = ['"Name: Ann"', 'secret', '"Name: Cy"'].map((text, at) => JSON.stringify({ id: String(at), text }));
    const input = writeFile(directory, 'notes.jsonl', `${rows.join('\n')}\n`);
    const out = join(directory, 'run');
    const some = await gleaner(['run', definition, input, '--out', out, '--emulator']);
    expect(some.stderr).toContain(`line 2: The definition's "prompt" function failed: a text is not valid JSON\n`);
    expect(some.stderr).not.toContain('secret');
    expect(readRun(out).rejects).toMatchObject([{ error: { code: 'definition_error' } }]);

    writeFile(directory, 'note.ts', noteDefinition.replace(prompt, '(record) => (record.lines as string[]).join()'));
    const all = await gleaner(['run', definition, input, '--out', `${out}-2`, '--emulator']);
    expect(all.stderr).toContain(
      `Cannot ask for any of the first 3 records; line 1: The definition's "prompt" function failed: Cannot read properties of undefined (reading 'join')`,
    );
    expect(all.code).toBe(2);
    expect(readRun(`${out}-2`)).toMatchObject({ rejects: [], usage: { records: { rejected: 0, remaining: 3 } } });
  });

  test('a continued run says what had ended, a confirmed one that nothing was sent', async () => {
    const directory = temporaryDirectory();
    const definition = writeFile(directory, 'note.ts', noteDefinition);
    const input = writeFile(directory, 'notes.jsonl', noteRecords(5));
    const { emulator, flags, env } = await emulatorFor();
    const command = ['run', definition, input, '--out', join(directory, 'run'), ...flags];
    const first = await gleaner([...command, '--limit', '3'], { env });
    expect(first.stderr).not.toContain('ended before');
    const second = await gleaner(command, { env });
    expect(second.stderr).toContain('\nContinuing: 3 records ended before\nnote: finished\n');
    const third = await gleaner(command, { env });
    expect(third.stderr).toContain(
      '\nContinuing: 5 records ended before\nnote: finished before; nothing was left to do, and nothing was sent\n',
    );
    expect(emulator.stats().requests).toBe(5);
  });

  test('a checkout that is not built says what to do', () => {
    const checkout = temporaryDirectory();
    mkdirSync(join(checkout, 'bin'));
    for (const file of readdirSync(join(root, 'bin'))) cpSync(join(root, 'bin', file), join(checkout, 'bin', file));
    cpSync(join(root, 'package.json'), join(checkout, 'package.json'));
    symlinkSync(join(root, 'node_modules'), join(checkout, 'node_modules'));
    expect(existsSync(join(checkout, 'dist'))).toBe(false);
    const { status, stderr } = spawnSync(process.execPath, [join(checkout, 'bin/gleaner.js'), '--help'], {
      encoding: 'utf8',
    });
    expect(stderr).toBe('error: gleaner is not built: run npm ci (or npm run build) first\n');
    expect(status).toBe(2);
  });
});

test('emulate prints flags that can be pasted', async () => {
  const { process: child, done } = startGleaner(['emulate', '--port', '0']);
  await new Promise((resolve) => child.stderr?.once('data', resolve));
  child.kill('SIGTERM');
  const { stdout, stderr } = await done;
  expect(stderr).toContain(`--auth env:TOKEN --base-url ${stdout.trim()}/v1/projects/`);
});
