import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  accountFor,
  emulatorFor,
  gleaner,
  noteDefinition,
  noteRecords,
  readRun,
  temporaryDirectory,
  writeFile,
} from './harness.ts';

const FOREVER = Number.POSITIVE_INFINITY;

test('streamed answers give the same results and the same tokens as whole ones', async () => {
  const directory = temporaryDirectory();
  const definition = writeFile(directory, 'note.ts', noteDefinition);
  const input = writeFile(directory, 'notes.jsonl', noteRecords(20));
  const { emulator, flags, env } = await emulatorFor();
  const whole = await gleaner(['run', definition, input, '--out', join(directory, 'whole'), ...flags], { env });
  emulator.reset();
  const streamed = await gleaner(
    ['run', definition, input, '--out', join(directory, 'streamed'), ...flags, '--stream'],
    { env },
  );
  expect([whole.code, streamed.code]).toEqual([0, 0]);
  const byIndex = (name: string) =>
    readRun(join(directory, name)).results.sort((left, right) => left.index - right.index);
  expect(byIndex('streamed')).toEqual(byIndex('whole'));
  const { usage } = readRun(join(directory, 'streamed'));
  expect(usage.tokens.total).toBe(emulator.stats().tokens.total);
  expect(emulator.requests().every(({ body }) => JSON.stringify(body).includes('"stream":true'))).toBe(true);
});

test('an answer that cannot become valid is left on its way: re-asked or rejected, its tokens marked as estimated', async () => {
  const directory = temporaryDirectory();
  const definition = writeFile(directory, 'note.ts', noteDefinition);
  const input = writeFile(directory, 'notes.jsonl', noteRecords(10));
  const out = join(directory, 'run');
  const wrong = `{"name": 17, "total": 1, "more": "${'so it goes on and on, '.repeat(400)}"}`;
  const { emulator, flags, env } = await emulatorFor({
    eventDelayMs: 5,
    script: [
      { fault: 'length-loop', contains: 'Note <3>', times: FOREVER },
      { content: wrong, contains: 'Note <5>', times: 1 },
      { content: `{"name": "Flood", "total": 1}${' '.repeat(20_000)}`, contains: 'Note <7>', times: 1 },
    ],
  });
  const { code } = await gleaner(
    ['run', definition, input, '--out', out, ...flags, '--stream', '--max-reject-rate', '0.1'],
    { env },
  );
  expect(code).toBe(0);
  const run = readRun(out);
  expect(accountFor(run).ids).toHaveLength(10);
  expect(run.rejects.map(({ id, error }) => [id, error.code])).toEqual([['note-3', 'truncated_loop']]);
  expect(run.results.find(({ id }) => id === 'note-7')?.data).toEqual({ name: 'Flood', total: 1 });

  const left = run.attempts.filter(({ isEstimated }) => isEstimated === true);
  expect(left.map(({ id, outcome, code: reason }) => [id, outcome, reason]).sort()).toEqual([
    ['note-3', 'invalid', 'truncated_loop'],
    ['note-5', 'invalid', 'schema_violation'],
    ['note-7', 'extracted', undefined],
  ]);
  const violation = left.find(({ id }) => id === 'note-5');
  // Left at the first wrong character, not after the thousands that would have followed.
  expect(violation?.tokens.completion).toBeLessThan(100);
  expect(run.attempts.filter(({ id }) => id === 'note-5').map(({ kind }) => kind)).toEqual(['first', 're-ask']);
  const known = run.attempts
    .filter(({ isEstimated }) => isEstimated !== true)
    .reduce((sum, { tokens }) => sum + tokens.total, 0);
  expect(known).toBe(emulator.stats().tokens.total);
});

test('faults of the service are met with streams as with whole answers', { timeout: 90_000 }, async () => {
  const directory = temporaryDirectory();
  const definition = writeFile(directory, 'note.ts', noteDefinition);
  const input = writeFile(directory, 'notes.jsonl', noteRecords(150));
  const out = join(directory, 'run');
  const { emulator, flags, env } = await emulatorFor({ faults: { rate: 0.2 }, dripMs: 1, keepRequests: 0 });
  const { stderr } = await gleaner(
    [
      'run',
      definition,
      input,
      '--out',
      out,
      ...flags,
      '--stream',
      '--retry-delay-ms',
      '2',
      '--timeout-ms',
      '3000',
      '--max-reject-rate',
      '0.2',
    ],
    { env },
  );
  expect(stderr).toContain('finished');
  const run = readRun(out);
  expect(accountFor(run).ids).toHaveLength(150);
  expect(run.usage.calls.sent).toBe(emulator.stats().requests);
});
