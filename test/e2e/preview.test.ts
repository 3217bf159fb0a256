import { join } from 'node:path';
import { expect, test } from 'vitest';
import { emulatorFor, gleaner, noteDefinition, noteRecords, temporaryDirectory, writeFile } from './harness.ts';

test('a preview sends nothing; with --send its answers are kept, and the run does not pay for them again', async () => {
  const directory = temporaryDirectory();
  const definition = writeFile(directory, 'note.ts', noteDefinition);
  const input = writeFile(directory, 'notes.jsonl', noteRecords(20));
  const cache = join(directory, 'answers.db');
  const { emulator, flags, env } = await emulatorFor();
  const shown = await gleaner(['preview', definition, input, '--line', '3', ...flags, '--json'], { env });
  expect([shown.code, JSON.parse(shown.stdout)]).toEqual([
    0,
    expect.objectContaining({ line: 3, promptTokens: expect.any(Number) }),
  ]);
  expect(emulator.stats().requests).toBe(0);

  const sample = ['--sample', '4', '--send', '--cache', cache];
  const sent = await gleaner(['preview', definition, input, ...flags, ...sample], { env });
  expect(sent.stdout).toContain('--- sent: 4 extracted, 0 rejected');
  expect(emulator.stats().requests).toBe(4);
  const run = await gleaner(['run', definition, input, '--out', join(directory, 'run'), ...flags, '--cache', cache], {
    env,
  });
  expect([run.code, emulator.stats().requests]).toEqual([0, 20]);
});
