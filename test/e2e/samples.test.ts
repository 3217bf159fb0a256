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

const SAMPLES = 3;
const RECORDS = 20;

/** Waits until the file has at least so many lines; every wait is bounded. */
async function untilLines(path: string, lines: number): Promise<void> {
  for (let tries = 0; tries < 1000; tries += 1) {
    if (existsSync(path) && readFileSync(path, 'utf8').split('\n').length > lines) return;
    await wait(10);
  }
  throw new Error(`${path} did not get ${lines} lines`);
}

function prepare(samples: string) {
  const directory = temporaryDirectory();
  const text = noteDefinition
    .replace('temperature: 0,', 'temperature: 0.7,')
    .replace("id: 'id',", `id: 'id', ${samples}`);
  const definition = writeFile(directory, 'note.ts', text);
  const input = writeFile(directory, 'notes.jsonl', noteRecords(RECORDS));
  return { definition, input, out: join(directory, 'run') };
}

test('a kill in the middle of records that are read several times: no reading that was answered is paid for again', async () => {
  const { definition, input, out } = prepare(`samples: { count: ${SAMPLES}, apart: true },`);
  const { emulator, flags, env } = await emulatorFor({
    latencyMs: 40,
    // The second reading of one record finds another value.
    script: [{ contains: '<7>', attempt: 2, content: '{"name":"Person 7","total":75}' }],
  });
  const command = ['run', definition, input, '--out', out, '--concurrency', '6', ...flags];
  const running = startGleaner(command, { env });
  await untilLines(join(out, 'answered.jsonl'), 9);
  running.process.kill('SIGKILL');
  await running.done;

  const continued = await gleaner(command, { env });
  expect(continued.stderr).toContain('finished');
  expect(continued.code).toBe(0);
  const run = readRun(out);
  expect(accountFor(run).ids).toHaveLength(RECORDS);
  const answered = new Map<string, number>();
  for (const { id, status } of run.attempts) if (status === 200) answered.set(id, (answered.get(id) ?? 0) + 1);
  expect([...answered.values()]).toEqual(Array.from({ length: RECORDS }, () => SAMPLES));
  expect(run.usage.calls.sent).toBe(RECORDS * SAMPLES + run.usage.calls.unsettled);
  expect(run.usage.calls.unsettled).toBeLessThanOrEqual(6);
  expect(emulator.stats().requests).toBeLessThanOrEqual(run.usage.calls.sent);
  expect(run.results.every(({ attempts }) => attempts === SAMPLES)).toBe(true);
  expect(existsSync(join(out, 'answered.jsonl'))).toBe(false);
  const [, torn] = run.results
    .map(({ confidence }) => confidence)
    .sort((a, b) => Number(b?.['/total']) - Number(a?.['/total']))
    .slice(-2);
  expect(torn).toEqual({ '/name': 1, '/total': 0.6667 });
});

test('a service that gives several answers to one call is asked once a record', async () => {
  const { definition, input, out } = prepare(`samples: ${SAMPLES},`);
  const { emulator, flags, env } = await emulatorFor();
  const { code } = await gleaner(['run', definition, input, '--out', out, ...flags], { env });
  expect(code).toBe(0);
  const { results, attempts } = readRun(out);
  expect(emulator.stats().requests).toBe(RECORDS);
  expect(attempts.every(({ samples }) => samples === SAMPLES)).toBe(true);
  expect(results.every(({ confidence }) => confidence?.['/total'] === 1)).toBe(true);
});
