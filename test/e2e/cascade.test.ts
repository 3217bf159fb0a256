import { existsSync, readFileSync } from 'node:fs';
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

const RECORDS = 30;

/** Waits until the file has at least so many lines; every wait is bounded. */
async function untilLines(path: string, lines: number): Promise<void> {
  for (let tries = 0; tries < 1000; tries += 1) {
    if (existsSync(path) && readFileSync(path, 'utf8').split('\n').length > lines) return;
    await wait(10);
  }
  throw new Error(`${path} did not get ${lines} lines`);
}

test('a kill between the cheap answer and the strong one: neither is paid for twice, and the report says what was saved', async () => {
  const directory = temporaryDirectory();
  const text = noteDefinition.replace("id: 'id',", "id: 'id', cascade: { strong: 'google/gemini-3.5-flash' },");
  const definition = writeFile(directory, 'note.ts', text);
  const input = writeFile(directory, 'notes.jsonl', noteRecords(RECORDS));
  const out = join(directory, 'run');
  const { flags, env } = await emulatorFor({
    latencyMs: 60,
    // What the cheap model says of these stands nowhere in them.
    script: ['<3>', '<8>', '<14>', '<15>', '<22>'].map((contains) => ({
      contains,
      attempt: 1,
      content: '{"name":"Somebody else","total":777}',
    })),
  });
  const command = ['run', definition, input, '--out', out, '--concurrency', '6', ...flags];
  const running = startGleaner(command, { env });
  await untilLines(join(out, 'answered.jsonl'), 2);
  running.process.kill('SIGKILL');
  await running.done;
  const before = readFileSync(join(out, 'attempts.jsonl'), 'utf8');
  expect(before).toContain('"escalated"');

  const continued = await gleaner(command, { env });
  expect(continued.code).toBe(0);
  const run = readRun(out);
  expect(accountFor(run).ids).toHaveLength(RECORDS);
  const answered = run.attempts.filter(({ status }) => status === 200).map(({ id, stage }) => `${id} ${stage}`);
  expect(new Set(answered).size).toBe(answered.length);
  expect(answered.filter((call) => call.endsWith('cheap'))).toHaveLength(RECORDS);
  // A call that the kill cut off was answered otherwise when it was made again: the script speaks of first calls.
  const strong = answered.filter((call) => call.endsWith('strong')).length;
  expect(strong).toBeGreaterThan(0);
  expect(run.results.filter(({ stage }) => stage === 'strong')).toHaveLength(strong);
  expect(run.results.every(({ data }) => JSON.stringify(data).includes('Person'))).toBe(true);
  expect(run.usage.cascade).toMatchObject({
    kept: RECORDS - strong,
    escalated: { ungrounded: strong },
    promise: null,
  });
  expect(run.usage.cascade?.savedUsd).toBeGreaterThan(0);
  expect(continued.stderr).toContain(
    `${RECORDS - strong} kept of the cheap model, ${strong} asked of the strong one (ungrounded ${strong})`,
  );
  expect(readFileSync(join(out, 'report.html'), 'utf8')).toContain(`${RECORDS - strong} kept of the cheap model`);
  expect(existsSync(join(out, 'answered.jsonl'))).toBe(false);
});
