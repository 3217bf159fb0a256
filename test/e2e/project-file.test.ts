import { join } from 'node:path';
import { expect, test } from 'vitest';
import { gleaner, noteDefinition, noteRecords, readRun, temporaryDirectory, writeFile } from './harness.ts';

const config = `
import { defineConfig } from 'gleaner';
export default defineConfig({
  flags: { emulator: true },
  commands: { run: { limit: 3 } },
  profiles: { nightly: { commands: { run: { limit: 4, minRecords: 2 } } } },
});
`;

function project(): string {
  const cwd = temporaryDirectory();
  writeFile(cwd, 'note.ts', noteDefinition);
  writeFile(cwd, 'notes.jsonl', noteRecords(5));
  return cwd;
}

test('a run takes its flags from the project file, a profile, a variable and the command line, the later the stronger', async () => {
  const cwd = project();
  writeFile(cwd, 'gleaner.config.ts', config);
  const run = async (out: string, flags: string[] = [], env: Record<string, string> = {}): Promise<number> => {
    const { code, stderr } = await gleaner(['run', 'note.ts', 'notes.jsonl', '--out', out, ...flags], { cwd, env });
    expect(stderr).toContain('finished');
    expect(code).toBe(0);
    return readRun(join(cwd, out)).usage.records.read;
  };
  expect(await run('a')).toBe(3);
  expect(await run('b', ['--profile', 'nightly'])).toBe(4);
  expect(await run('c', [], { GLEANER_PROFILE: 'nightly', GLEANER_LIMIT: '2' })).toBe(2);
  expect(await run('d', ['--profile', 'nightly', '--limit', '5'], { GLEANER_LIMIT: '2' })).toBe(5);
});

test('config says each setting with where it comes from', async () => {
  const cwd = project();
  writeFile(
    cwd,
    'gleaner.config.json',
    JSON.stringify({
      flags: { baseUrl: 'https://me:secret@models.example/v1?key=secret' },
      commands: { run: { maxCost: 20 } },
    }),
  );
  const env = { GLEANER_RPM: '60' };
  const { code, stdout } = await gleaner(['config', 'run', '--json'], { cwd, env });
  expect(code).toBe(0);
  expect(stdout).not.toContain('secret');
  const { file, settings } = JSON.parse(stdout) as {
    file: string;
    settings: { flag: string; value: unknown; from: string }[];
  };
  expect(file).toBe('gleaner.config.json');
  const of = (name: string): unknown => settings.find(({ flag }) => flag === name);
  expect(of('base-url')).toMatchObject({
    value: 'https://...@models.example/v1?...',
    from: 'gleaner.config.json, flags',
  });
  expect(of('max-cost')).toMatchObject({ value: 20, from: 'gleaner.config.json, commands.run' });
  expect(of('rpm')).toMatchObject({ value: 60, from: 'GLEANER_RPM' });
  expect(of('concurrency')).toMatchObject({ value: '16', from: 'default' });

  const text = await gleaner(['config'], { cwd, env });
  expect(text.stdout).toMatch(/^The project file is gleaner\.config\.json\n/);
  expect(text.stdout).toMatch(/^run --max-cost +20 +gleaner\.config\.json, commands\.run$/m);
  expect(text.stdout).not.toContain('concurrency');
  expect((await gleaner(['config', 'rum'], { cwd })).stderr).toContain('there is no such command; did you mean run?');
});

test.each<[string, Record<string, string>, RegExp]>([
  [
    'two files',
    { 'gleaner.config.ts': config, 'gleaner.config.json': '{}' },
    /gleaner\.config\.ts and gleaner\.config\.json stand beside each other/,
  ],
  [
    'one that throws',
    { 'gleaner.config.mjs': 'throw new Error("broken")' },
    /Cannot load gleaner\.config\.mjs: broken/,
  ],
  ['one without a default export', { 'gleaner.config.js': 'export const x = 1' }, /it has no default export/],
  ['one that is no JSON', { 'gleaner.config.json': '{' }, /Cannot read gleaner\.config\.json: it is no JSON/],
  ['a misspelled cap', { 'gleaner.config.json': '{"flags":{"maxCosts":1}}' }, /did you mean maxCost\?/],
])('%s stops every command before it begins', async (_name, files, message) => {
  const cwd = project();
  for (const [name, content] of Object.entries(files)) writeFile(cwd, name, content);
  const { code, stderr } = await gleaner(['run', 'note.ts', 'notes.jsonl', '--out', 'a', '--emulator'], { cwd });
  expect(stderr).toMatch(message);
  expect(code).toBe(2);
});
