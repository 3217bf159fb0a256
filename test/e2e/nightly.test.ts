import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import {
  accountFor,
  emulatorFor,
  gleaner,
  noteDefinition,
  noteRecords,
  readRun,
  startGleaner,
  temporaryDirectory,
  writeFile,
} from './harness.ts';

test('three nights over a changing input, the second interrupted: only new and changed records are paid for', async () => {
  const directory = temporaryDirectory();
  const definition = writeFile(directory, 'note.ts', noteDefinition);
  const { emulator, flags, env } = await emulatorFor({ latencyMs: 40 });
  const command = (night: number, input: string) => [
    'run',
    definition,
    input,
    '--out',
    join(directory, `night-${night}`),
    ...flags,
    '--cache',
    join(directory, 'answers.db'),
    '--concurrency',
    '4',
  ];
  const first = noteRecords(100).trimEnd().split('\n');

  const monday = writeFile(directory, 'monday.jsonl', first.join('\n'));
  expect((await gleaner(command(1, monday), { env })).code).toBe(0);
  expect(emulator.stats().requests).toBe(100);

  // Ten records changed, five left, twenty came, and all stand in another order.
  const changed = first.map((line, index) => (index < 10 ? line.replace('Person', 'Citizen') : line)).slice(0, 95);
  const added = noteRecords(120).trimEnd().split('\n').slice(100);
  const tuesday = writeFile(directory, 'tuesday.jsonl', [...added, ...changed.toReversed()].join('\n'));
  const interrupted = startGleaner(command(2, tuesday), { env });
  while (emulator.stats().requests < 110) await wait(5);
  interrupted.process.kill('SIGTERM');
  expect((await interrupted.done).code).toBe(143);
  expect((await gleaner(command(2, tuesday), { env })).code).toBe(0);
  expect(emulator.stats().requests).toBe(130);
  const second = readRun(join(directory, 'night-2'));
  expect(accountFor(second).ids).toHaveLength(115);
  expect(second.usage.records).toMatchObject({ read: 115, extracted: 115, reused: 85, rejected: 0 });
  expect(second.usage.calls.sent).toBe(30);
  expect(second.results.find(({ id }) => id === 'note-3')?.data).toMatchObject({ name: 'Citizen 3' });
  expect(second.results.find(({ id }) => id === 'note-50')).toMatchObject({
    data: { name: 'Person 50' },
    attempts: 0,
    reused: true,
  });

  const wednesday = await gleaner(command(3, tuesday), { env });
  expect(wednesday.code).toBe(0);
  expect(emulator.stats().requests).toBe(130);
  const third = readRun(join(directory, 'night-3'));
  expect(third.usage).toMatchObject({
    records: { extracted: 115, reused: 115 },
    calls: { sent: 0 },
    tokens: { total: 0 },
    cost: { usd: 0 },
  });
});

test('a damaged cache is set aside and costs calls, never the run', async () => {
  const directory = temporaryDirectory();
  const definition = writeFile(directory, 'note.ts', noteDefinition);
  const input = writeFile(directory, 'notes.jsonl', noteRecords(10));
  const cache = join(directory, 'answers.db');
  const { emulator, flags, env } = await emulatorFor();
  const command = (name: string) => [
    'run',
    definition,
    input,
    '--out',
    join(directory, name),
    ...flags,
    '--cache',
    cache,
  ];
  await gleaner(command('a'), { env });
  const bytes = readFileSync(cache);
  // Its header still says that it is ours.
  bytes.fill(0x55, 100, Math.min(bytes.length, 4096));
  writeFileSync(cache, bytes);
  const { code, stderr } = await gleaner(command('b'), { env });
  expect(code).toBe(0);
  expect(stderr).toContain('answers.db');
  expect(readdirSync(directory).some((name) => name.startsWith('answers.db.corrupt-'))).toBe(true);
  expect(emulator.stats().requests).toBe(20);
  await gleaner(command('c'), { env });
  expect(emulator.stats().requests).toBe(20);
});

test('--accept-changes asks only for the records that changed', async () => {
  const directory = temporaryDirectory();
  const definition = writeFile(directory, 'note.ts', noteDefinition);
  const input = writeFile(directory, 'notes.jsonl', noteRecords(50));
  const out = join(directory, 'run');
  const { emulator, flags, env } = await emulatorFor({
    script: [{ content: 'no', contains: 'Note <5>', times: Number.POSITIVE_INFINITY }],
  });
  const command = ['run', definition, input, '--out', out, ...flags];
  expect((await gleaner(command, { env })).code).toBe(1);
  const sent = emulator.stats().requests;
  expect(readRun(out).rejects.map(({ id }) => id)).toEqual(['note-5']);

  const lines = noteRecords(52).trimEnd().split('\n');
  lines[7] = lines[7]?.replace('Person 7', 'Person Seven') ?? '';
  writeFileSync(input, lines.toReversed().join('\n'));
  const refused = await gleaner(command, { env });
  expect(refused.code).toBe(2);
  const changes = '3 of 52 records (2 new, 1 changed), for about $';
  expect(refused.stderr).toContain(`accept the changes to ask only for what changed: that is ${changes}`);
  expect(refused.stderr).toContain('--accept-changes');
  const accepted = await gleaner([...command, '--accept-changes'], { env });
  expect(accepted.code).toBe(1);
  expect(accepted.stderr).toContain(`what is to be asked for is ${changes}`);
  // The changed record and the two new ones; the reject is as it was, so it is not asked for again.
  expect(emulator.stats().requests).toBe(sent + 3);
  const run = readRun(out);
  expect(accountFor(run).ids).toHaveLength(52);
  expect(run.usage.records).toMatchObject({ extracted: 51, rejected: 1, reused: 48 });
  expect(run.results.find(({ id }) => id === 'note-7')).toMatchObject({ index: 44, data: { name: 'Person Seven' } });
  expect(run.results.find(({ id }) => id === 'note-8')).toMatchObject({ index: 43, data: { name: 'Person 8' } });

  // The definition changes in a way that leaves every record's question as it was for nobody: all are asked again.
  writeFile(directory, 'note.ts', noteDefinition.replace('Extract the note.', 'Read the note.'));
  const reread = await gleaner([...command, '--accept-changes'], { env });
  expect(reread.code).toBe(1);
  expect(readRun(out).usage.records).toMatchObject({ extracted: 51, rejected: 1, reused: 0 });
  expect(existsSync(join(out, 'superseded-2.results.jsonl'))).toBe(true);
  // And back again: what was answered before the change is still there.
  writeFile(directory, 'note.ts', noteDefinition);
  const before = emulator.stats().requests;
  await gleaner([...command, '--accept-changes'], { env });
  expect(emulator.stats().requests).toBe(before);
});
