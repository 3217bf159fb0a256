import { Writable } from 'node:stream';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createReporter } from '../../../src/cli/terminal/create-reporter.ts';
import { progressOf } from './progress.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function sink(): { stream: Writable; lines: () => string[] } {
  let text = '';
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString();
      done();
    },
  });
  return { stream, lines: () => text.trimEnd().split('\n') };
}

const start = { extraction: 'receipt', input: 'a.csv', out: 'runs/a', target: 'the service', endedBefore: 1059 };

test('Without a terminal there is a line every ten seconds, which knows the total if that is counted by then', async () => {
  const { stream, lines } = sink();
  const reporter = await createReporter(stream, { isJson: false, runId: 'r-1' });
  const counted = vi.fn<() => Promise<number>>(async () => 5000);
  reporter.start(start);
  reporter.follow(progressOf({ extracted: 1059, rejected: 1 }), counted);
  await vi.advanceTimersByTimeAsync(5000);
  expect(counted).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(15_000);
  reporter.close();
  expect(lines()).toEqual([
    'Extracting receipt from a.csv into runs/a, with the service',
    'Continuing: 1,059 records ended before',
    '1,060 of 5,000 records, 0.0/s, 1 rejected, 0 tokens, 16 calls at a time',
    '1,060 of 5,000 records, 0.0/s, 1 rejected, 0 tokens, 16 calls at a time',
  ]);
  expect(counted).toHaveBeenCalledOnce();
});

test('JSON lines tell what remains', async () => {
  const { stream, lines } = sink();
  const reporter = await createReporter(stream, { isJson: true, runId: 'r-1' });
  reporter.start(start);
  reporter.follow(progressOf({ extracted: 1059, rejected: 1 }), async () => 5000);
  await vi.advanceTimersByTimeAsync(20_000);
  reporter.close();
  const [first, ...rest] = lines().map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(first).toMatchObject({ event: 'run-start', endedBefore: 1059 });
  expect(rest.map(({ event, total, remaining }) => [event, total, remaining])).toEqual([
    ['run-progress', 5000, 3940],
    ['run-progress', 5000, 3940],
  ]);
});

test('An input that cannot be counted has no total, and that is no error', async () => {
  const { stream, lines } = sink();
  const reporter = await createReporter(stream, { isJson: false, runId: 'r-1' });
  reporter.follow(progressOf({}), () => Promise.reject(new Error('gone')));
  await vi.advanceTimersByTimeAsync(20_000);
  reporter.close();
  expect(lines().at(-1)).toBe('0 records, 0.0/s, 0 rejected, 0 tokens, 16 calls at a time');
});

test('Every line of a log for programs has a level, a message and the id of the command', async () => {
  const { stream, lines } = sink();
  const reporter = await createReporter(stream, { isJson: true, runId: 'r-1' });
  reporter.start(start);
  reporter.follow(progressOf({}), async () => 5);
  reporter.onEvent({ type: 'notice', message: 'The cache is not used' });
  reporter.notice('SIGINT: no new records are taken');
  await vi.advanceTimersByTimeAsync(10_000);
  reporter.end(
    { status: 'stopped', exitCode: 3, reason: 'gone', records: { extracted: 1, rejected: 2 } } as never,
    () => '',
  );
  reporter.end(
    { status: 'finished', exitCode: 0, reason: null, records: { extracted: 3, rejected: 0 } } as never,
    () => '',
  );
  const parsed = lines().map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(parsed.map(({ event, level, message }) => [event, level, message])).toEqual([
    ['run-start', 'info', 'Extracting receipt from a.csv into runs/a, with the service'],
    ['notice', 'warning', 'The cache is not used'],
    ['notice', 'warning', 'SIGINT: no new records are taken'],
    ['run-progress', 'info', '0 of 5 records, 0.0/s, 0 rejected, 0 tokens, 16 calls at a time'],
    ['run-end', 'error', 'stopped: 1 extracted, 2 rejected; gone'],
    ['run-end', 'info', 'finished: 3 extracted, 0 rejected'],
  ]);
  expect(parsed.every(({ runId }) => runId === 'r-1')).toBe(true);
});
