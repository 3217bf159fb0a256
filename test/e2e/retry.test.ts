import { existsSync } from 'node:fs';
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

const FOREVER = Number.POSITIVE_INFINITY;

/** A run of 30 records with rejects of two kinds and a bad record. */
async function runWithRejects() {
  const directory = temporaryDirectory();
  writeFile(directory, 'note.ts', noteDefinition);
  writeFile(directory, 'notes.jsonl', `${noteRecords(30)}broken\n`);
  const { emulator, flags, env } = await emulatorFor({
    latencyMs: 20,
    script: [
      { fault: 'content-filter', contains: 'Note <3>', times: 1 },
      { fault: 'length', contains: 'Note <4>', times: 1 },
      { fault: 'length', contains: 'Note <5>', times: FOREVER },
    ],
  });
  const options = { env, cwd: directory };
  const run = await gleaner(['run', 'note.ts', 'notes.jsonl', '--out', 'run', ...flags], options);
  expect(run.code).toBe(1);
  const out = join(directory, 'run');
  return { emulator, directory, out, flags, options };
}

test('gleaner retry asks again for the rejects and merges what comes of it', async () => {
  const { emulator, out, flags, options } = await runWithRejects();
  const before = readRun(out);
  expect(before.usage.rejectsByCode).toEqual({ bad_record: 1, content_filter: 1, truncated_answer: 2 });

  const misspelled = await gleaner(['retry', 'run', '--code', 'truncated_anwser', ...flags], options);
  expect(misspelled).toMatchObject({ code: 2, stderr: expect.stringContaining('did you mean truncated_answer?') });
  const some = await gleaner(['retry', 'run', '--code', 'truncated_answer', ...flags], options);
  expect(some.code).toBe(1);
  expect(some.stderr).toContain('  retried     1 of 2 rejects extracted now, 1 rejected again\n');
  const unasked = await gleaner(['retry', 'run', '--code', 'bad_record'], options);
  expect(unasked.code).toBe(2);
  expect(unasked.stderr).toContain(
    'nothing was asked for them. Mend the rows in the input, and run again with the changes accepted; that is gleaner run with --accept-changes',
  );
  expect(emulator.stats().requests).toBe(32);
  const between = readRun(out);
  expect(accountFor(between).ids).toHaveLength(31);
  expect(between.usage.rejectsByCode).toEqual({ bad_record: 1, content_filter: 1, truncated_answer: 1 });

  const all = await gleaner(['retry', 'run', ...flags, '--max-reject-rate', '0.1'], options);
  expect(all.code).toBe(0);
  const after = readRun(out);
  expect(accountFor(after).ids).toHaveLength(31);
  expect(after.rejects.map(({ id }) => id).sort()).toEqual(['note-5', null].sort());
  expect(after.results.find(({ id }) => id === 'note-3')).toMatchObject({ index: 3, data: { name: 'Person 3' } });
  expect(existsSync(join(out, 'retrying.jsonl'))).toBe(false);

  // To the command that made the run, it is finished as ever.
  const again = await gleaner(['run', 'note.ts', 'notes.jsonl', '--out', 'run', ...flags], options);
  expect(again.code).toBe(1);
  expect(emulator.stats().requests).toBe(34);

  // To find that there is nothing to do takes no credentials, and the run knows where it asked.
  const bare = { cwd: options.cwd };
  const idle = await gleaner(['retry', 'run', '--code', 'content_filter'], bare);
  expect([idle.code, idle.stderr]).toEqual([
    1,
    expect.stringMatching(
      /^There is nothing to try again: no reject has the code content_filter, there are [^\n]*\n(exit code 1|.*reject)?[^\n]*\n?$/,
    ),
  ]);
});

test('a retry that is killed loses no reject', async () => {
  const { out, flags, options } = await runWithRejects();
  const killed = startGleaner(['retry', 'run', ...flags, '--concurrency', '1'], options);
  for (let tries = 0; tries < 500 && !existsSync(join(out, 'retrying.jsonl')); tries += 1) await wait(5);
  killed.process.kill('SIGKILL');
  await killed.done;
  const { code } = await gleaner(['run', 'note.ts', 'notes.jsonl', '--out', 'run', ...flags], options);
  expect(code).toBe(1);
  expect(accountFor(readRun(out)).ids).toHaveLength(31);
  const retried = await gleaner(['retry', 'run', ...flags], options);
  expect(retried.code).toBe(1);
  expect(accountFor(readRun(out)).ids).toHaveLength(31);
});

test('gleaner retry refuses what is no run, and a definition of another shape', async () => {
  const { directory, flags, options } = await runWithRejects();
  const none = await gleaner(['retry', 'nowhere', ...flags], options);
  expect([none.code, existsSync(join(directory, 'nowhere'))]).toEqual([2, false]);
  expect(none.stderr).toContain('Cannot read the run directory nowhere');
  writeFile(directory, 'note.ts', noteDefinition.replace('name: z.string()', 'name: z.string(), more: z.string()'));
  const other = await gleaner(['retry', 'run', ...flags], options);
  expect(other.code).toBe(2);
  expect(other.stderr).toContain('the schema of the definition changed');
});

test('gleaner retry asks for rejects that --accept-changes carried over', async () => {
  const { emulator, directory, flags, options } = await runWithRejects();
  writeFile(directory, 'notes.jsonl', noteRecords(31));
  const accepted = await gleaner(
    ['run', 'note.ts', 'notes.jsonl', '--out', 'run', ...flags, '--accept-changes'],
    options,
  );
  expect(accepted.code).toBe(1);
  const before = emulator.stats().requests;
  await gleaner(['retry', 'run', ...flags], options);
  expect(emulator.stats().requests).toBe(before + 3);
  expect(readRun(join(directory, 'run')).rejects.map(({ id }) => id)).toEqual(['note-5']);
});

test('gleaner retry leaves an unfinished run unfinished', async () => {
  const directory = temporaryDirectory();
  writeFile(directory, 'note.ts', noteDefinition);
  writeFile(directory, 'notes.jsonl', noteRecords(200));
  const { flags, env } = await emulatorFor({ script: [{ fault: 'content-filter', contains: 'Note <3>', times: 1 }] });
  const options = { env, cwd: directory };
  const run = ['run', 'note.ts', 'notes.jsonl', '--out', 'run', ...flags];
  expect((await gleaner([...run, '--max-total-tokens', '5000'], options)).code).toBe(4);
  expect((await gleaner(['retry', 'run', ...flags], options)).code).toBe(3);
  const { usage } = readRun(join(directory, 'run'));
  expect(usage).toMatchObject({ status: 'stopped', records: { rejected: 0, remaining: null } });
  expect((await gleaner(run, options)).code).toBe(0);
  expect(readRun(join(directory, 'run')).usage.records).toMatchObject({ extracted: 200, remaining: 0 });
});
