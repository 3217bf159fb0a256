import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { RunFollower, type RunState } from '../../src/status/run-follower.ts';
import { reckonRest } from '../../src/status/run-rest.ts';
import { readRunTotal } from '../../src/status/run-total.ts';
import { statusLineOf, statusText } from '../../src/status/status-text.ts';
import { result, runDirectory } from '../export/run-fixture.ts';

const csv = `id,text\n${Array.from({ length: 200 }, (_, row) => `r${row},"Town ${row}\nTotal ${row}"\n`).join('')}`;

/** A run that is told to be at work, 20 of its records ended in ten seconds. */
function atWork(directory: string): { state: RunState; now: number } {
  const state = new RunFollower(directory).read();
  const pace = { records: 20, since: '2026-01-01T00:00:00.000Z' };
  const now = Date.parse(pace.since) + 10_000;
  return { state: { ...state, session: { ...state.session, state: 'at work' }, pace }, now };
}

const twenty = Array.from({ length: 20 }, (_, index) => result(index, { a: 1 }));

test('the total of a run at work is counted in its input, and the rest takes as long as its pace says', async () => {
  const { state, now } = atWork(runDirectory({ results: twenty, status: 'running', input: csv }));
  const total = await readRunTotal(state);
  expect(total).toEqual({ records: 200, how: 'counted' });
  expect(reckonRest(state, total, now)).toEqual({ remaining: 180, etaSeconds: 90 });
  expect(statusText(state, 'runs/1', { total, now })).toContain(
    "  total     200, 180 to go, about 1 min 30 s at this session's pace",
  );
  expect(statusLineOf(state, total, now)).toContain('20 extracted  0 rejected  of 200  about 1 min 30 s left');
});

test('of a large input the first part is read, and that is said', async () => {
  const { state, now } = atWork(runDirectory({ results: twenty, status: 'running', input: csv }));
  const total = await readRunTotal(state, { countedBytes: 1000 });
  expect(total?.how).toBe('estimated');
  expect(Math.abs((total?.records ?? 0) - 200)).toBeLessThan(40);
  expect(statusText(state, 'runs/1', { total, now })).toMatch(
    /total {5}about \d+ by the first part of the input, \d+ to go/,
  );
  const limited = { ...state.manifest.settings, limit: 5 };
  const few = { ...state, manifest: { ...state.manifest, settings: limited } };
  expect(await readRunTotal(few, { countedBytes: 1000 })).toEqual({ records: 5, how: 'counted' });
});

test('a total is not known where the input is gone, another one, packed and large, or was read from a pipe', async () => {
  const directory = runDirectory({ results: twenty, status: 'running', input: csv });
  const { state, now } = atWork(directory);
  const withInput = (input: string) => ({
    ...state,
    manifest: { ...state.manifest, settings: { ...state.manifest.settings, input } },
  });
  for (const input of ['-', join(directory, 'gone.csv'), directory])
    expect(await readRunTotal(withInput(input))).toBeNull();
  expect(statusText(state, 'runs/1', { total: null, now })).toContain('total     not known');
  expect(reckonRest(state, null, now)).toEqual({ remaining: null, etaSeconds: null });
  appendFileSync(join(directory, 'input.csv'), 'r200,one more\n');
  expect(await readRunTotal(state)).toBeNull();
});

test('of a run that has ended its reports say the total, and nothing is awaited', async () => {
  const directory = runDirectory({ results: twenty, status: 'stopped', input: csv });
  const read = new RunFollower(directory).read();
  const usage = { ...read.usage, records: { ...read.usage.records, remaining: 7 } };
  const total = await readRunTotal({ ...read, usage });
  expect(total).toEqual({ records: 27, how: 'counted' });
  expect(reckonRest({ ...read, usage }, total)).toEqual({ remaining: 7, etaSeconds: null });
});

test('while batch jobs are open nobody says when', async () => {
  const directory = runDirectory({ results: twenty, status: 'running', input: csv });
  const events = [
    { event: 'planned', shard: 1 },
    { event: 'created', shard: 1, job: 'a' },
    { event: 'created', shard: 2, job: 'b' },
    { event: 'ended', shard: 1 },
  ];
  writeFileSync(join(directory, 'batches.jsonl'), events.map((event) => `${JSON.stringify(event)}\n`).join(''));
  const { state, now } = atWork(directory);
  expect(state.batch).toEqual({ jobs: 2, open: 1 });
  const total = await readRunTotal(state);
  expect(reckonRest(state, total, now)).toEqual({ remaining: 180, etaSeconds: null });
  expect(statusText(state, 'runs/1', { total, now })).toContain(
    'batch     2 jobs, 1 open, whose end nobody knows before',
  );
});

test('calls whose end nobody knows may have been billed: tokens and cost are at least what is known', () => {
  const { state, now } = atWork(runDirectory({ results: twenty, status: 'running', input: csv }));
  const { usage } = state;
  const told = (calls: Partial<typeof usage.calls>, isLowerBound: boolean): string =>
    statusText(
      { ...state, usage: { ...usage, calls: { ...usage.calls, ...calls }, cost: { ...usage.cost, isLowerBound } } },
      'runs/1',
      { now },
    );
  expect(told({ sent: 16, unsettled: 16 }, true)).toMatch(
    /calls {5}16 ended \(16 with an end that nobody knows\), .*\n {2}tokens {4}at least /,
  );
  expect(told({ sent: 16, unsettled: 0 }, false)).not.toMatch(/nobody knows|at least/);
});
