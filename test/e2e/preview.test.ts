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
  expect(sent.stdout).toMatch(/[12] of [12] values stand in the record/);
  expect(emulator.stats().requests).toBe(4);
  const run = await gleaner(['run', definition, input, '--out', join(directory, 'run'), ...flags, '--cache', cache], {
    env,
  });
  expect([run.code, emulator.stats().requests]).toEqual([0, 20]);
});

test('what --wire prints is what the service gets, byte for byte, but for the credentials', async () => {
  const directory = temporaryDirectory();
  const definition = writeFile(directory, 'note.ts', noteDefinition);
  const input = writeFile(directory, 'notes.jsonl', noteRecords(3));
  const { emulator, flags, env } = await emulatorFor();
  const options = [...flags, '--line', '2', '--request-type', 'priority'];
  const { stdout } = await gleaner(['preview', definition, input, ...options, '--wire', '--json'], { env });
  const { wire } = JSON.parse(stdout) as {
    wire: { method: string; url: string; headers: Record<string, string>; body: string };
  };
  expect(emulator.stats().requests).toBe(0);
  expect(JSON.stringify(wire)).not.toContain('any-token');

  await gleaner(['preview', definition, input, ...options, '--send'], { env });
  const [seen] = emulator.requests();
  expect(seen?.body).toEqual(JSON.parse(wire.body));
  expect(wire.url).toMatch(/\/chat\/completions$/);
  expect(seen?.headers['content-length']).toBe(String(Buffer.byteLength(wire.body)));
  const sentHeaders = Object.fromEntries(
    Object.entries(wire.headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
  expect(seen?.headers).toMatchObject(sentHeaders);

  const text = await gleaner(['preview', definition, input, ...options, '--wire'], { env });
  expect(text.stdout).toContain(`POST ${wire.url}\n`);
  expect(text.stdout.trimEnd().endsWith(wire.body)).toBe(true);
});

test('a record without an id of its own goes by its number in the input, sent alone, too', async () => {
  const directory = temporaryDirectory();
  const definition = writeFile(directory, 'note.ts', noteDefinition.replace("  id: 'id',\n", ''));
  const input = writeFile(directory, 'notes.jsonl', noteRecords(5));
  const { flags, env } = await emulatorFor();
  const sent = await gleaner(['preview', definition, input, ...flags, '--line', '4', '--send'], { env });
  expect(sent.stdout).toContain('\n4: {');
});
