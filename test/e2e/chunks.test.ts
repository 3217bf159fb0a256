import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import {
  accountFor,
  emulatorFor,
  gleaner,
  noteDefinition,
  readRun,
  startGleaner,
  temporaryDirectory,
  writeFile,
} from './harness.ts';

const RECORDS = 12;
const CHUNKS = 4;

/** Waits until the file has at least so many lines; every wait is bounded. */
async function untilLines(path: string, lines: number): Promise<void> {
  for (let tries = 0; tries < 1000; tries += 1) {
    if (existsSync(path) && readFileSync(path, 'utf8').split('\n').length > lines) return;
    await wait(10);
  }
  throw new Error(`${path} did not get ${lines} lines`);
}

/** A note whose name stands in its first part and whose total in its last. */
function longNote(index: number): string {
  const filler = Array.from({ length: 6 }, (_, at) => `Nothing of note on line ${at} of this long note ${index}.`);
  return [`Name: Person ${index}`, ...filler, `Total: ${index}.50`].join('\n');
}

test('a kill in the middle of long records: no part that was answered is paid for again', async () => {
  const directory = temporaryDirectory();
  const text = noteDefinition
    .replace('name: z.string(),', 'name: z.string().nullable(),')
    .replace("id: 'id',", "id: 'id', chunk: { chars: 100, at: 'line' },");
  const definition = writeFile(directory, 'note.ts', text);
  const records = Array.from({ length: RECORDS }, (_, index) =>
    JSON.stringify({ id: `n${index}`, text: longNote(index) }),
  );
  const input = writeFile(directory, 'notes.jsonl', `${records.join('\n')}\n`);
  const out = join(directory, 'run');
  const { flags, env } = await emulatorFor({ latencyMs: 40 });
  const command = ['run', definition, input, '--out', out, '--concurrency', '5', ...flags];
  const running = startGleaner(command, { env });
  await untilLines(join(out, 'answered.jsonl'), 8);
  running.process.kill('SIGKILL');
  await running.done;

  const continued = await gleaner(command, { env });
  expect(continued.code).toBe(0);
  const run = readRun(out);
  expect(accountFor(run).ids).toHaveLength(RECORDS);
  const answered = run.attempts.filter(({ status }) => status === 200).map(({ id, chunk }) => `${id} part ${chunk}`);
  expect(new Set(answered).size).toBe(answered.length);
  expect(answered).toHaveLength(RECORDS * CHUNKS);
  expect(run.usage.calls.sent).toBe(RECORDS * CHUNKS + run.usage.calls.unsettled);
  for (const { index, data, attempts } of run.results) {
    expect(data).toEqual({ name: `Person ${index}`, total: index + 0.5 });
    expect(attempts).toBe(CHUNKS);
  }
  expect(existsSync(join(out, 'answered.jsonl'))).toBe(false);
});
