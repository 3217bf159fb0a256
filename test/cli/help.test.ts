import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { exampleOf, helpGroupOf } from '../../src/cli/help-texts.ts';
import { main } from '../../src/cli/main.ts';
import { rejectAdvice } from '../../src/run/session/reject-advice.ts';
import { flagsByCommand } from '../../src/cli/settings/flags/flags-by-command.ts';

async function shown(args: string[], columns = 80): Promise<string> {
  let text = '';
  const out = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString();
      done();
    },
  });
  const terminal = {
    stdin: process.stdin,
    stdout: Object.assign(out, { columns }),
    stderr: out,
    environment: {},
    runId: 't',
    onStopSignal: () => () => undefined,
  };
  await main(args, terminal);
  return text;
}

test('every command stands in a group of the help and has an example that begins with it', () => {
  const paths = Object.keys(flagsByCommand).filter((path) => path !== 'status');
  expect(paths.filter((path) => helpGroupOf(path.split(' ')[0] ?? '') === undefined)).toEqual([]);
  expect(paths.filter((path) => exampleOf(path)?.startsWith(`gleaner ${path}`) !== true)).toEqual([]);
});

test.each([80, 120])('help fits a terminal of %i columns', async (columns) => {
  for (const args of [['--help'], ['run', '--help'], ['call', '--help'], ['schema', 'check', '--help']]) {
    const wide = (await shown(args, columns))
      .split('\n')
      .filter((line) => line.length > columns && !line.startsWith('Example: '));
    expect(wide).toEqual([]);
  }
});

test('the groups come in the order of a run', async () => {
  const text = await shown(['--help']);
  const places = ['Before a run:', 'Running:', 'After a run:', 'Schemas and testing:'].map((heading) =>
    text.indexOf(heading),
  );
  expect(places.every((place) => place > 0)).toBe(true);
  expect(places).toEqual([...places].sort((left, right) => left - right));
});

test('the many flags of a run stand below headings, each flag once, and short lists are one list', async () => {
  const text = await shown(['run', '--help'], 120);
  const headings = [...text.matchAll(/^(\S.*):$/gm)].map(([, heading]) => heading);
  expect(headings).toEqual([
    'Arguments',
    'Input and output',
    'Service',
    'Pace and retries',
    'Cost and limits',
    'What is told, and where',
    'Batch jobs',
    'Many machines',
    'Options',
    'Exit codes',
  ]);
  const shownFlags = [...text.matchAll(/^ {2}(?:-\w, )?--([\w-]+)/gm)].map(([, name]) => name);
  const names = (flagsByCommand['run'] ?? []).map(({ name }) => name);
  expect(shownFlags.toSorted()).toEqual([...names, 'profile', 'help'].toSorted());
  expect(text.slice(text.indexOf('\nOptions:'))).toMatch(
    /^\nOptions:\n {2}--debug .*\n {2}--profile .*\n {2}-h, --help/,
  );
  expect((await shown(['compare', '--help'])).match(/^\S.*:$/gm)).toEqual(['Arguments:', 'Options:']);
});

test('examples name reject codes that there are', () => {
  const codes = Object.keys(flagsByCommand).flatMap((path) => /--code (\w+)/.exec(exampleOf(path) ?? '')?.[1] ?? []);
  expect(codes.length).toBeGreaterThan(0);
  expect(codes.filter((code) => !Object.hasOwn(rejectAdvice, code))).toEqual([]);
});

test.each([['-v'], ['-V'], ['--version']])('%s says the version', async (flag) => {
  expect(await shown([flag])).toMatch(/^\d+\.\d+\.\d+\n$/);
});
