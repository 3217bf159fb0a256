import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { AttemptEntry } from 'gleaner';
import { expect, test } from 'vitest';
import {
  accountFor,
  emulatorFor,
  gleaner,
  noteDefinition,
  noteRecords,
  readLines,
  readRun,
  startGleaner,
  temporaryDirectory,
  writeFile,
} from './harness.ts';

const RECORDS = 300;

async function prepare(latencyMs: number) {
  const directory = temporaryDirectory();
  const definition = writeFile(directory, 'note.ts', noteDefinition);
  const input = writeFile(directory, 'notes.jsonl', noteRecords(RECORDS));
  const out = join(directory, 'run');
  const { emulator, flags, env } = await emulatorFor({ latencyMs });
  return { emulator, out, env, command: ['run', definition, input, '--out', out, ...flags] };
}

/** Waits until the file has at least so many lines; every wait is bounded. */
async function untilLines(path: string, lines: number): Promise<void> {
  for (let tries = 0; tries < 1000; tries += 1) {
    if (existsSync(path) && readFileSync(path, 'utf8').split('\n').length > lines) return;
    await wait(10);
  }
  throw new Error(`${path} did not get ${lines} lines`);
}

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 143],
] as const)(
  '%s: calls in flight finish, everything is written, exit %i, the same command continues',
  async (signal, exitCode) => {
    const { emulator, out, env, command } = await prepare(30);
    const running = startGleaner(command, { env });
    await untilLines(join(out, 'results.jsonl'), 40);
    running.process.kill(signal);
    const stopped = await running.done;

    expect(stopped.code).toBe(exitCode);
    expect(stopped.stderr).toContain('the same command continues');
    expect(stopped.stderr).toContain(`${signal}: no new records are taken`);
    expect(stopped.stderr).toContain(`${signal} received`);
    const first = readRun(out);
    accountFor(first);
    expect(first.usage.status).toBe('interrupted');
    expect(first.usage.calls.unsettled).toBe(0);
    expect(first.usage.records.extracted).toBe(emulator.stats().requests);
    expect(first.usage.records.extracted + (first.usage.records.remaining ?? 0)).toBe(RECORDS);
    expect(existsSync(join(out, 'run.lock'))).toBe(false);

    const continued = await gleaner(command, { env });
    expect(continued.code).toBe(0);
    const run = readRun(out);
    expect(accountFor(run).ids).toHaveLength(RECORDS);
    expect(run.results.slice(0, first.results.length)).toEqual(first.results);
    expect(emulator.stats().requests).toBe(RECORDS);
    const { calls: billed, ...counted } = emulator.stats().tokens;
    expect(run.usage.tokens).toMatchObject(counted);
    expect(run.usage.calls).toMatchObject({ sent: RECORDS, billed });
  },
);

test('a second signal gives up the calls in flight and counts them as unsettled', async () => {
  const { out, env, command } = await prepare(15_000);
  const running = startGleaner(command, { env });
  await untilLines(join(out, 'inflight.jsonl'), 16);
  running.process.kill('SIGINT');
  await wait(200);
  running.process.kill('SIGINT');
  const { code } = await running.done;
  expect(code).toBe(130);
  const { usage, attempts } = readRun(out);
  expect(usage).toMatchObject({
    status: 'interrupted',
    calls: { sent: 16, unsettled: 16 },
    records: { remaining: RECORDS },
  });
  expect(attempts.every(({ outcome }) => outcome === 'unsettled')).toBe(true);
});

test(
  'kill -9, again and again: nothing is lost or doubled, and every call is accounted for',
  { timeout: 60_000 },
  async () => {
    const { emulator, out, env, command } = await prepare(8);
    let kills = 0;
    for (let lines = 30; lines < RECORDS - 30; lines += 60) {
      const running = startGleaner(command, { env });
      await untilLines(join(out, 'results.jsonl'), lines);
      running.process.kill('SIGKILL');
      const { signal } = await running.done;
      if (signal === 'SIGKILL') kills += 1;
      // What a kill in the middle of a write leaves behind.
      appendFileSync(join(out, 'results.jsonl'), '{"id":"torn","ind');
      appendFileSync(join(out, 'attempts.jsonl'), '{"call":');
    }
    const { code } = await gleaner(command, { env });
    expect(code).toBe(0);
    expect(kills).toBe(4);
    const run = readRun(out);
    expect(accountFor(run).ids).toHaveLength(RECORDS);
    expect(run.results.map(({ id }) => id)).not.toContain('torn');
    const { requests, tokens } = emulator.stats();
    const { sent, unsettled } = run.usage.calls;
    // A call that was noted but had not left yet when the process died is counted too.
    expect(sent).toBeGreaterThanOrEqual(requests);
    expect(unsettled).toBeLessThanOrEqual(kills * 16);
    expect(requests - RECORDS).toBeLessThanOrEqual(kills * 16);
    expect(run.usage.tokens.total).toBeLessThanOrEqual(tokens.total);
    expect(new Set(run.attempts.map(({ call }) => call)).size).toBe(sent);
  },
);

test('a second process on the run directory is refused with the holder named', async () => {
  // Slow enough that the first one is still at work when a busy machine has started the second.
  const { out, env, command } = await prepare(2000);
  const running = startGleaner(command, { env });
  await untilLines(join(out, 'results.jsonl'), 5);
  const second = await gleaner(command, { env });
  expect(second.code).toBe(2);
  expect(second.stderr).toContain(`process ${running.process.pid} on host`);
  running.process.kill('SIGTERM');
  expect((await running.done).code).toBe(143);
});

test('a damaged run directory is refused, naming the line', async () => {
  const { out, env, command } = await prepare(0);
  await gleaner(command, { env });
  const path = join(out, 'results.jsonl');
  const lines = readFileSync(path, 'utf8').split('\n');
  lines[4] = lines[4]?.slice(0, 20) ?? '';
  writeFileSync(path, lines.join('\n'));
  const { code, stderr } = await gleaner(command, { env });
  expect(stderr).toContain('results.jsonl');
  expect(stderr).toContain('line 5');
  expect(code).toBe(2);
  expect(readLines(join(out, 'attempts.jsonl'))).toHaveLength(RECORDS);
});

test('a kill in the very end, after the reports: what it tore is counted by the next confirmation', async () => {
  const { out, env, command } = await prepare(0);
  await gleaner(command, { env });
  const attempts = join(out, 'attempts.jsonl');
  const lines = readFileSync(attempts, 'utf8').trimEnd().split('\n');
  const { call, id, index, attempt, kind, at } = JSON.parse(lines.at(-1) ?? '') as AttemptEntry;
  // The last ledger line is torn, and the notes of calls in flight were not removed yet.
  writeFileSync(
    attempts,
    lines
      .slice(0, -1)
      .map((line) => `${line}\n`)
      .join('') + '{"call":',
  );
  writeFileSync(join(out, 'inflight.jsonl'), `${JSON.stringify({ call, id, index, attempt, kind, at })}\n`);
  expect((await gleaner(command, { env })).code).toBe(0);
  const run = readRun(out);
  accountFor(run);
  expect(run.usage).toMatchObject({ status: 'finished', calls: { sent: RECORDS, billed: RECORDS - 1, unsettled: 1 } });
});
