import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  accountFor,
  emulatorFor,
  gleaner,
  noteDefinition,
  noteRecords,
  readRun,
  root,
  temporaryDirectory,
  writeFile,
} from './harness.ts';

const sharedData = join(root, '../shared/data');
const hasSharedData = existsSync(join(sharedData, 'receipts.csv'));

describe('gleaner run', () => {
  test('extracts a file and leaves results, ledger, usage and manifest', async () => {
    const directory = temporaryDirectory();
    const definition = writeFile(directory, 'note.ts', noteDefinition);
    const input = writeFile(directory, 'notes.jsonl', noteRecords(20));
    const out = join(directory, 'run');
    const { code, stdout, stderr } = await gleaner(['run', definition, input, '--out', out, '--emulator']);

    expect(stderr).toContain('20 extracted, 0 rejected');
    expect(stdout).toBe('');
    expect(code).toBe(0);
    const run = readRun(out);
    accountFor(run);
    expect(run.results).toHaveLength(20);
    expect(run.results.find(({ id }) => id === 'note-7')).toMatchObject({
      index: 7,
      data: { name: 'Person 7', total: 7.5 },
      attempts: 1,
    });
    expect(run.attempts[0]).toMatchObject({ attempt: 1, kind: 'first', status: 200, outcome: 'extracted' });
    expect(run.usage).toMatchObject({
      status: 'finished',
      records: { read: 20, extracted: 20, rejected: 0, reused: 0, remaining: 0 },
      calls: { sent: 20, billed: 20, unsettled: 0, byStatus: { 200: 20 } },
    });
    expect(JSON.parse(readFileSync(join(out, 'run.json'), 'utf8'))).toMatchObject({
      status: 'finished',
      identity: { extraction: 'note' },
    });
    expect(existsSync(join(out, 'inflight.jsonl'))).toBe(false);
    expect(existsSync(join(out, 'run.lock'))).toBe(false);
  });

  test('leaves a finished run as it is when the command is repeated, and exits as before', async () => {
    const directory = temporaryDirectory();
    const definition = writeFile(directory, 'note.ts', noteDefinition);
    const input = writeFile(directory, 'notes.jsonl', `${noteRecords(5)}not json\n`);
    const out = join(directory, 'run');
    const { emulator, flags, env } = await emulatorFor();
    const first = await gleaner(['run', definition, input, '--out', out, ...flags], { env });
    const files = ['results.jsonl', 'rejects.jsonl', 'attempts.jsonl', 'usage.json', 'run.json'].map((name) =>
      join(out, name),
    );
    const before = files.map((file) => readFileSync(file, 'utf8'));
    const second = await gleaner(['run', definition, input, '--out', out, ...flags], { env });
    const tokenless = [...flags, '--auth', 'env:TOKEN_THAT_IS_NOT_SET'];
    const third = await gleaner(['run', definition, input, '--out', out, ...tokenless], { env });
    const other = await gleaner(['run', definition, input, '--out', join(directory, 'other'), ...tokenless], { env });

    expect(first.code).toBe(1);
    expect(second.code).toBe(1);
    expect(third.code).toBe(1);
    expect(other.code).toBe(2);
    expect(other.stderr).toContain('variable TOKEN_THAT_IS_NOT_SET: it is not set or empty');
    expect(second.stderr).toContain('5 extracted, 1 rejected (bad_record 1)');
    expect(files.map((file) => readFileSync(file, 'utf8'))).toEqual(before);
    expect(emulator.stats().requests).toBe(5);
  });

  test('goes on from --limit when the limit is raised', async () => {
    const directory = temporaryDirectory();
    const definition = writeFile(directory, 'note.ts', noteDefinition);
    const input = writeFile(directory, 'notes.jsonl', noteRecords(10));
    const out = join(directory, 'run');
    const { emulator, flags, env } = await emulatorFor();
    const few = await gleaner(['run', definition, input, '--out', out, ...flags, '--limit', '3'], { env });
    expect(few.code).toBe(0);
    expect(readRun(out).usage.records).toMatchObject({ read: 3, extracted: 3, remaining: 0 });
    const all = await gleaner(['run', definition, input, '--out', out, ...flags], { env });
    expect(all.code).toBe(0);
    expect(readRun(out).usage.records).toMatchObject({ read: 10, extracted: 10 });
    expect(emulator.stats().requests).toBe(10);
  });

  test('rejects what cannot be read and goes on', async () => {
    const directory = temporaryDirectory();
    const definition = writeFile(directory, 'note.ts', noteDefinition);
    const lines = [
      '{"id":"a","text":"Name: Ann"}',
      '{"id":"b","text":',
      '[1,2]',
      '{"text":"no id"}',
      '{"id":"a","text":"Name: Second Ann"}',
      '{"id":"c"}',
      '',
      '{"id":"d","text":"Name: Dan"}',
    ];
    const input = writeFile(directory, 'notes.jsonl', lines.join('\n'));
    const out = join(directory, 'run');
    const { code } = await gleaner(['run', definition, input, '--out', out, '--emulator', '--max-reject-rate', '0.8']);

    expect(code).toBe(0);
    const run = readRun(out);
    accountFor(run);
    expect(run.results.map(({ id }) => id).sort()).toEqual(['a', 'd']);
    expect(run.rejects.map(({ id, error }) => [id, error.code, error.line])).toEqual([
      [null, 'bad_record', 2],
      [null, 'bad_record', 3],
      [null, 'bad_record', 4],
      ['a', 'bad_record', 5],
      ['c', 'bad_record', 6],
    ]);
    expect(run.usage.records).toMatchObject({ read: 7, extracted: 2, rejected: 5 });
  });

  test('exits 1 above --max-reject-rate and 0 within it', async () => {
    const directory = temporaryDirectory();
    const definition = writeFile(directory, 'note.ts', noteDefinition);
    const input = writeFile(directory, 'notes.jsonl', `${noteRecords(9)}broken\n`);
    const above = await gleaner([
      'run',
      definition,
      input,
      '--out',
      join(directory, 'a'),
      '--emulator',
      '--max-reject-rate',
      '0.09',
    ]);
    const within = await gleaner([
      'run',
      definition,
      input,
      '--out',
      join(directory, 'b'),
      '--emulator',
      '--max-reject-rate',
      '0.1',
    ]);
    expect([above.code, within.code]).toEqual([1, 0]);
  });

  test('reads standard input', async () => {
    const directory = temporaryDirectory();
    const definition = writeFile(directory, 'note.ts', noteDefinition);
    const out = join(directory, 'run');
    const args = ['run', definition, '-', '--out', out, '--emulator', '--format', 'jsonl'];
    const first = await gleaner(args, { stdin: noteRecords(3) });
    expect([first.code, readRun(out).results.length]).toEqual([0, 3]);
    const again = await gleaner(args, { stdin: noteRecords(3) });
    expect([again.code, readRun(out).attempts.length]).toEqual([0, 3]);
    const changed = await gleaner(args, { stdin: noteRecords(3).replace('Person 1', 'Person One') });
    expect(changed.code).toBe(2);
    expect(changed.stderr).toContain('line 2');
    expect(readRun(out).usage.status).toBe('finished');
  });

  test('takes an empty input for a finished run, which is a success only where that was said', async () => {
    const directory = temporaryDirectory();
    const definition = writeFile(directory, 'note.ts', noteDefinition);
    const input = writeFile(directory, 'notes.csv', 'id,text\n');
    const command = ['run', definition, input, '--out', join(directory, 'run'), '--emulator'];
    const { code, stderr } = await gleaner(command);
    expect(stderr).toContain('0 extracted, 0 rejected');
    expect(stderr).toContain('exit 1: the input held 0 records, --min-records wants 1');
    expect(code).toBe(1);
    expect((await gleaner([...command, '--min-records', '0'])).code).toBe(0);
  });

  test.skipIf(!hasSharedData)(
    'accounts for every one of the shared receipts, from CSV and from JSON lines',
    async () => {
      const directory = temporaryDirectory();
      const datas: unknown[] = [];
      for (const file of ['receipts.csv', 'receipts.jsonl']) {
        const { emulator, flags, env } = await emulatorFor();
        const out = join(directory, file);
        const { code } = await gleaner(
          ['run', 'receipt', join(sharedData, file), '--out', out, ...flags, '--max-reject-rate', '0.04'],
          { env },
        );
        expect(code).toBe(0);
        const run = readRun(out);
        expect(accountFor(run).ids).toHaveLength(313);
        expect(run.results.length).toBeGreaterThanOrEqual(300);
        const { requests, tokens, byStatus } = emulator.stats();
        const { calls: billed, ...counted } = tokens;
        expect(run.usage.calls).toMatchObject({ sent: requests, billed, byStatus });
        expect(run.usage.tokens).toMatchObject(counted);
        datas.push(run.results.sort((left, right) => left.index - right.index).map(({ id, data }) => ({ id, data })));
      }
      expect(datas[0]).toEqual(datas[1]);
    },
  );

  test('notes no content of records in ledger, usage, manifest and logs', async () => {
    const directory = temporaryDirectory();
    const definition = writeFile(directory, 'note.ts', noteDefinition);
    const canary = 'canary7f3a9';
    const lines = Array.from({ length: 8 }, (_, index) => JSON.stringify({ id: `r${index}`, text: `Name: ${canary}` }));
    const input = writeFile(directory, 'notes.jsonl', `${lines.join('\n')}\n{"id":"x","text":"${canary}`);
    const out = join(directory, 'run');
    const { flags } = await emulatorFor({ faults: { rate: 0.5 } });
    const token = 'secret-token-canary-51c2';
    const { stdout, stderr } = await gleaner(
      ['run', definition, input, '--out', out, ...flags, '--retry-delay-ms', '1', '--json-logs', '--debug'],
      {
        env: { TEST_TOKEN: token },
      },
    );
    const written = ['attempts.jsonl', 'usage.json', 'run.json'].map((name) => readFileSync(join(out, name), 'utf8'));
    for (const text of [stdout, stderr, ...written]) expect(text).not.toContain(canary);
    const everything = [
      ...written,
      stdout,
      stderr,
      readFileSync(join(out, 'results.jsonl'), 'utf8'),
      readFileSync(join(out, 'rejects.jsonl'), 'utf8'),
    ];
    for (const text of everything) expect(text).not.toContain(token);
    expect(statSync(join(out, 'results.jsonl')).size).toBeGreaterThan(0);
  });
});
