import { cpSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import type { AttemptEntry, RejectEntry } from '../../src/store/entries.ts';
import { contentKey, recover, type RecoveredState } from '../../src/store/recover.ts';
import { fileNames, RunDirectory } from '../../src/store/run-directory.ts';
import { attemptEntry, callEntry, rejectEntry, resultEntry } from './run-files.ts';
import { temporaryDirectory } from './temporary-directory.ts';

// Directories are opened by the thousand here, and asking for the system's lock starts a program each time.
vi.mock('../../src/files/os-lock.ts', () => ({ takeOsLock: () => ({ state: 'unavailable' }) }));

const logs = ['results', 'rejects', 'attempts', 'inflight'] as const;

interface Recovery {
  state: RecoveredState;
  attempts: AttemptEntry[];
  rejects: RejectEntry[];
}

function recovery(directory: RunDirectory): Recovery {
  const attempts: AttemptEntry[] = [];
  const rejects: RejectEntry[] = [];
  const state = recover(directory, {
    onResult: () => undefined,
    onAttempt: (entry) => attempts.push(entry),
    onReject: (entry) => rejects.push(entry),
  });
  return { state, attempts, rejects };
}

/** Opens a run directory, reads it back and leaves it as a killed process does. */
async function recoverAndDie(path: string): Promise<Recovery> {
  const directory = await RunDirectory.open(path);
  const recovered = recovery(directory);
  directory.close({ keepInflight: true });
  return recovered;
}

function content(path: string, log: (typeof logs)[number]): string {
  return readFileSync(join(path, fileNames[log]), 'utf8');
}

function writeLines(path: string, log: (typeof logs)[number], entries: readonly object[]): void {
  writeFileSync(join(path, fileNames[log]), entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
}

function parsed<Entry>(path: string, log: (typeof logs)[number]): Entry[] {
  const whole = content(path, log).split('\n').slice(0, -1);
  return whole.map((line) => JSON.parse(line) as Entry);
}

test('recover finds a new directory empty', async () => {
  const { state, attempts } = await recoverAndDie(temporaryDirectory());
  expect([state.extracted, state.rejected, state.nextCall, attempts]).toEqual([0, 0, 1, []]);
});

test('recover tells what has ended and enters the open call as unsettled', async () => {
  const path = temporaryDirectory();
  const before = await RunDirectory.open(path);
  for (const call of [1, 2, 3]) void before.noteCall(callEntry(call, call - 1));
  before.commit({ attempt: attemptEntry(2, 1, 'failed'), reject: rejectEntry(1) });
  before.commit({ attempt: attemptEntry(1, 0, 'extracted'), result: resultEntry(0) });
  before.close({ keepInflight: true });

  const { state, attempts, rejects } = await recoverAndDie(path);
  expect([state.extracted, state.rejected, state.nextCall]).toEqual([1, 1, 4]);
  expect([0, 1, 2].map((index) => state.endedRows.has(index))).toEqual([true, true, false]);
  expect(['r0', 'r1', 'r2'].map((id) => state.endedIds.has(id))).toEqual([true, true, false]);
  expect(state.endedContents.has(contentKey('r0', 'f0'))).toBe(true);
  expect(state.endedContents.has(contentKey('r0', 'f1'))).toBe(false);
  expect(rejects).toEqual([rejectEntry(1)]);
  expect(attempts.map(({ call, outcome }) => [call, outcome])).toEqual([
    [2, 'failed'],
    [1, 'extracted'],
    [3, 'unsettled'],
  ]);
  expect(parsed<AttemptEntry>(path, 'attempts').at(-1)).toEqual({
    ...callEntry(3, 2),
    status: null,
    outcome: 'unsettled',
    code: 'process_ended',
    tokens: { prompt: 0, cached: 0, completion: 0, reasoning: 0, total: 0 },
  });
});

test('recover counts a row that has no id as ended by its position alone', async () => {
  const path = temporaryDirectory();
  const before = await RunDirectory.open(path);
  const { fingerprint: _, ...bad } = rejectEntry(7);
  before.commit({ reject: { ...bad, id: null, record: 'broken row', error: { code: 'bad_record', message: 'm' } } });
  before.close();
  const { state } = await recoverAndDie(path);
  expect([state.rejected, state.badRows.has(7), state.endedIds.size]).toEqual([1, true, 0]);
});

test('recover refuses a directory whose files somebody has changed', async () => {
  const path = temporaryDirectory();
  writeFileSync(join(path, 'results.jsonl'), 'id,total\n');
  const directory = await RunDirectory.open(path);
  expect(() => recovery(directory)).toThrow(
    `Cannot read ${join(path, 'results.jsonl')}: line 1 is no JSON object; restore the file or start a new run directory`,
  );
  directory.close();
});

test('recover moves a second end of a record out of the way, by position and by id, and says so', async () => {
  const path = temporaryDirectory();
  const ends = [
    resultEntry(0),
    resultEntry(1),
    { ...resultEntry(0), data: { name: 'other' } },
    { ...resultEntry(7), id: 'r1' },
  ];
  writeLines(path, 'results', ends);
  writeLines(path, 'rejects', [rejectEntry(1), rejectEntry(2), rejectEntry(2)]);
  const { state, rejects } = await recoverAndDie(path);
  expect([state.extracted, state.rejected]).toEqual([2, 1]);
  expect(rejects).toEqual([rejectEntry(2)]);
  expect(parsed(path, 'results')).toEqual(ends.slice(0, 2));
  expect(parsed(path, 'rejects')).toEqual([rejectEntry(2)]);
  expect(
    readFileSync(join(path, 'doubled.jsonl'), 'utf8')
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as object),
  ).toEqual([
    ...ends.slice(2).map((line) => ({ file: 'results.jsonl', line })),
    ...[rejectEntry(1), rejectEntry(2)].map((line) => ({ file: 'rejects.jsonl', line })),
  ]);
  expect(state.notices).toEqual([
    '2 lines of results.jsonl end a record a second time; they were moved to doubled.jsonl, and the first of each counts',
    '2 lines of rejects.jsonl end a record a second time; they were moved to doubled.jsonl, and the first of each counts',
  ]);
  const again = await recoverAndDie(path);
  expect([again.state.extracted, again.state.rejected, again.state.notices]).toEqual([2, 1, []]);
});

test('recover goes on writing to a file that it took lines out of', async () => {
  const path = temporaryDirectory();
  writeLines(path, 'results', [resultEntry(0), resultEntry(0)]);
  const directory = await RunDirectory.open(path);
  recovery(directory);
  directory.commit({ result: resultEntry(1) });
  directory.flush();
  directory.checkPlaces();
  directory.close();
  expect(parsed(path, 'results')).toEqual([resultEntry(0), resultEntry(1)]);
});

test('recover counts a call once that stands in the ledger twice, and two calls of one ordinal as two', async () => {
  const path = temporaryDirectory();
  const calls = [attemptEntry(1, 0, 'extracted'), attemptEntry(2, 1, 'failed'), attemptEntry(3, 2, 'failed')];
  const other = { ...attemptEntry(2, 1, 'extracted'), latencyMs: 5 };
  writeLines(path, 'attempts', [...calls, other, ...calls.slice(1)]);
  const { state, attempts } = await recoverAndDie(path);
  expect(attempts).toEqual([...calls, other]);
  expect(state.nextCall).toBe(4);
  expect(parsed(path, 'attempts')).toEqual([...calls, other]);
  expect(state.notices).toHaveLength(1);
});

test('recover does without notes of open calls that a power cut damaged, and says so', async () => {
  const path = temporaryDirectory();
  const zeros = '\0'.repeat(300);
  const notes = [callEntry(1, 0), callEntry(2, 1), callEntry(4, 3)].map((entry) => `${JSON.stringify(entry)}\n`);
  writeFileSync(join(path, 'inflight.jsonl'), `${notes[0]}{"call":2,${zeros}\n"x"\n${zeros}${notes[1]}${notes[2]}`);
  const { state, attempts } = await recoverAndDie(path);
  expect(attempts.map(({ call, outcome }) => [call, outcome])).toEqual([
    [1, 'unsettled'],
    [4, 'unsettled'],
  ]);
  expect(state.nextCall).toBe(5);
  expect(state.notices).toEqual([
    'inflight.jsonl is damaged: calls that were open when the run was interrupted may be missing in the ledger',
  ]);
});

/** A call of one session: how it ended, if the process came to know. */
const callEnd = fc.constantFrom('extracted', 'rejected', 'failed', 'open');
/** Where in the directory's bytes, file by file, the process was cut off. */
const cut = fc.record({ log: fc.constantFrom(...logs), bytes: fc.nat(400) });
const session = fc.record({ ends: fc.array(callEnd, { maxLength: 8 }), cuts: fc.array(cut, { maxLength: 3 }) });

test('recover never ends a record twice nor forgets a noted call, wherever the files are cut', async () => {
  const root = temporaryDirectory();
  let runs = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(session, { minLength: 1, maxLength: 4 }), async (sessions) => {
      runs += 1;
      const path = join(root, `run-${runs}`);
      for (const { ends, cuts } of sessions) {
        const directory = await RunDirectory.open(path);
        const { state } = recovery(directory);
        // As a run does: the records that have not ended are asked for, with one call each.
        let call = state.nextCall;
        let index = 0;
        for (const end of ends) {
          while (state.endedRows.has(index) || state.endedIds.has(`r${index}`)) index += 1;
          void directory.noteCall(callEntry(call, index));
          if (end === 'extracted')
            directory.commit({ result: resultEntry(index), attempt: attemptEntry(call, index, 'extracted') });
          if (end === 'rejected')
            directory.commit({ reject: rejectEntry(index), attempt: attemptEntry(call, index, 'failed') });
          if (end === 'failed') directory.commit({ attempt: attemptEntry(call, index, 'failed') });
          call += 1;
          index += 1;
        }
        directory.close({ keepInflight: true });
        for (const { log, bytes } of cuts) {
          const file = join(path, fileNames[log]);
          truncateSync(file, Math.max(0, statSync(file).size - bytes));
        }

        const noted = new Set(parsed<AttemptEntry>(path, 'inflight').map((entry) => entry.call));
        for (const entry of parsed<AttemptEntry>(path, 'attempts')) noted.add(entry.call);
        const recovered = await recoverAndDie(path);

        const ledger = parsed<AttemptEntry>(path, 'attempts').map((entry) => entry.call);
        expect([...ledger].sort((a, b) => a - b)).toEqual([...noted].sort((a, b) => a - b));
        expect(recovered.attempts.map((entry) => entry.call)).toEqual(ledger);
        for (const number of noted) expect(recovered.state.nextCall).toBeGreaterThan(number);
        const ended = [...parsed<{ id: string }>(path, 'results'), ...parsed<{ id: string }>(path, 'rejects')];
        expect(new Set(ended.map(({ id }) => id)).size).toBe(ended.length);
        expect(recovered.state.extracted + recovered.state.rejected).toBe(ended.length);

        const after = logs.map((log) => content(path, log));
        const again = await recoverAndDie(path);
        expect(logs.map((log) => content(path, log))).toEqual(after);
        expect(again.attempts).toEqual(recovered.attempts);
      }
    }),
    { numRuns: 60 },
  );
});

test('recover copes with a process killed at any byte of its writing', async () => {
  const root = temporaryDirectory();
  const path = join(root, 'whole');
  const directory = await RunDirectory.open(path);
  for (const call of [1, 2, 3]) void directory.noteCall(callEntry(call, call - 1));
  for (const call of [1, 2])
    directory.commit({ result: resultEntry(call - 1), attempt: attemptEntry(call, call - 1, 'extracted') });
  directory.close({ keepInflight: true });

  // Results go out before the ledger, so a kill cuts the one while the other is not written, or the other alone.
  const sizes = { results: content(path, 'results').length + 2, attempts: content(path, 'attempts').length };
  const cuts = [
    ...Array.from({ length: sizes.results }, (_, results) => ({ results, attempts: 0 })),
    ...Array.from({ length: sizes.attempts }, (_, attempts) => ({ results: sizes.results, attempts })),
  ];
  for (const [number, { results, attempts }] of cuts.entries()) {
    if (number % 3 !== 0) continue;
    const copy = join(root, `${number}`);
    cpSync(path, copy, { recursive: true });
    truncateSync(join(copy, 'results.jsonl'), results);
    truncateSync(join(copy, 'attempts.jsonl'), attempts);
    const recovered = await recoverAndDie(copy);
    expect(recovered.attempts.map(({ call }) => call).sort((a, b) => a - b)).toEqual([1, 2, 3]);
    for (const { outcome, id } of recovered.attempts) {
      if (outcome === 'extracted') expect(recovered.state.endedIds.has(id)).toBe(true);
    }
  }
});
