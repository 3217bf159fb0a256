import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { RejectEntry, ResultEntry } from 'gleaner';
import { expect, test } from 'vitest';
import {
  accountFor,
  emulatorFor,
  gleaner,
  readLines,
  readRun,
  root,
  startGleaner,
  temporaryDirectory,
} from './harness.ts';

const receipts = join(root, 'fixtures/receipts.csv');

/** Waits until the file has at least so many lines; every wait is bounded. */
async function untilLines(path: string, lines: number): Promise<void> {
  for (let tries = 0; tries < 2000; tries += 1) {
    if (existsSync(path) && readFileSync(path, 'utf8').split('\n').length > lines) return;
    await wait(5);
  }
  throw new Error(`${path} did not get ${lines} lines`);
}

function inOrder<Entry extends { index: number }>(path: string): Entry[] {
  return readLines<Entry>(path).sort((left, right) => left.index - right.index);
}

test('three shards, one of them killed and started again, merge into what one process gives', async () => {
  const directory = temporaryDirectory();
  const { emulator, flags, env } = await emulatorFor({ latencyMs: 100 });
  const [plan, out] = [join(directory, 'plan.jsonl'), join(directory, '{shard}')];
  const cut = ['--chunk-rows', '4', '--plan', plan, '--out', out, '--concurrency', '3', ...flags];
  const shard = (index: number): string[] => ['run', 'receipt', receipts, '--shard', `${index}/3`, ...cut];
  const killed = startGleaner(shard(1), { env });
  await untilLines(join(directory, '1-of-3', 'inflight.jsonl'), 5);
  killed.process.kill('SIGKILL');
  await killed.done;
  const early = await gleaner(['merge', join(directory, '1-of-3'), '--out', join(directory, 'early')], { env });
  expect(early.code).toBe(2);
  expect(early.stderr).toContain('shard 1/3 in');
  expect(early.stderr).toContain('repeat its command first');

  for (const index of [0, 1, 2]) expect(await gleaner(shard(index), { env })).toMatchObject({ code: 0 });
  const parts = [0, 1, 2].map((index) => join(directory, `${index}-of-3`));
  const whole = join(directory, 'merged');
  const merged = await gleaner(['merge', ...parts, '--out', whole], { env });
  expect(merged).toMatchObject({ code: 0, stderr: '' });
  expect(merged.stdout).toContain('38 extracted, 0 rejected');

  const run = readRun(whole);
  accountFor(run);
  // What was in flight when the process died is on record, sent or not yet, and nothing else was asked twice.
  const { sent, unsettled } = run.usage.calls;
  expect(unsettled).toBeGreaterThan(0);
  expect(sent).toBe(38 + unsettled);
  expect(emulator.stats().requests).toBeGreaterThanOrEqual(sent - unsettled);
  expect(emulator.stats().requests).toBeLessThanOrEqual(sent);
  expect(readdirSync(directory).filter((name) => name.includes('merging'))).toEqual([]);

  const alone = join(directory, 'alone');
  const single = await gleaner(['run', 'receipt', receipts, '--out', alone, ...flags], { env });
  expect(single.code).toBe(0);
  for (const name of ['results.jsonl', 'rejects.jsonl']) {
    expect(inOrder<ResultEntry & RejectEntry>(join(whole, name))).toEqual(inOrder(join(alone, name)));
  }
  expect(readFileSync(join(whole, 'profile.json'), 'utf8')).toBe(readFileSync(join(alone, 'profile.json'), 'utf8'));

  // All that reads a run reads this one.
  for (const command of [
    ['report', whole],
    ['status', whole],
    ['export', whole, '--with-input'],
    ['inspect', whole, run.results[0]?.id ?? ''],
    ['compare', alone, whole, '--fail-on', 'fields,rejects,records,model'],
    ['eval', whole, join(root, 'fixtures/receipts.gold.csv')],
    ['evidence', whole],
    ['retry', whole, ...flags],
    ['run', 'receipt', receipts, '--out', whole, ...flags],
  ]) {
    const { code, stderr } = await gleaner(command, { env });
    expect(`${command[0]} ${code} ${code === 0 ? '' : stderr}`).toBe(`${command[0]} 0 `);
  }
});

test('a merge that is killed at any moment is made by the next one', async () => {
  const directory = temporaryDirectory();
  const { flags, env } = await emulatorFor({});
  const parts = [0, 1].map((index) => join(directory, `part-${index}`));
  for (const [index, out] of parts.entries()) {
    const shard = ['--shard', `${index}/2`, '--chunk-rows', '2'];
    await gleaner(['run', 'receipt', receipts, ...shard, '--out', out, ...flags], { env });
  }
  const out = join(directory, 'merged');
  const left = `${out}.merging`;
  for (const file of [
    'run.lock',
    'run/results.jsonl',
    'run/run.json',
    'run/usage.json',
    'run/report.html',
    '../merged',
  ]) {
    const merging = startGleaner(['merge', ...parts, '--out', out], { env });
    for (let tries = 0; tries < 2000 && merging.process.exitCode === null; tries += 1) {
      if (existsSync(join(left, file)) || existsSync(out)) break;
      await wait(1);
    }
    merging.process.kill('SIGKILL');
    await merging.done;
    if (existsSync(out)) break;
  }
  const merged = await gleaner(['merge', ...parts, '--out', out], { env });
  expect(merged.code).toBe(0);
  const run = readRun(out);
  accountFor(run);
  expect(run.usage.records).toMatchObject({ read: 38, extracted: 38, remaining: 0 });
  expect(existsSync(left)).toBe(false);
});

test('a task of many that was not asked to be a shard reads everything, and says so', async () => {
  const directory = temporaryDirectory();
  const { flags, env } = await emulatorFor({});
  const task = { ...env, CLOUD_RUN_TASK_INDEX: '1', CLOUD_RUN_TASK_COUNT: '2' };
  const all = await gleaner(['run', 'receipt', receipts, '--out', join(directory, 'all'), ...flags], { env: task });
  expect(all.stderr).toContain(
    'CLOUD_RUN_TASK_INDEX is 1 of 2, but every task reads the whole input: give --shard auto',
  );
  expect(readRun(join(directory, 'all')).usage.records.read).toBe(38);
  const shard = ['--shard', 'auto', '--chunk-rows', '19', '--max-cost', '1', '--out', join(directory, '{shard}')];
  const part = await gleaner(['run', 'receipt', receipts, ...shard, ...flags], { env: task });
  expect(part.stderr).toContain('--max-cost holds for this shard alone: all 2 together may use 2 times as much');
  expect(readRun(join(directory, '1-of-2')).usage.records.read).toBe(19);
});
