import { spawn } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { describe, expect, test } from 'vitest';
import { result, runDirectory } from '../export/run-fixture.ts';
import {
  emulatorFor,
  gleaner,
  noteDefinition,
  noteRecords,
  readRun,
  root,
  temporaryDirectory,
  writeFile,
} from './harness.ts';

async function finishedRun(records = 60): Promise<string> {
  const directory = temporaryDirectory();
  const definition = writeFile(directory, 'note.ts', noteDefinition);
  const input = writeFile(directory, 'notes.jsonl', `${noteRecords(records)}not json\n`);
  const out = join(directory, 'run');
  // Records that are asked for twice end late, so that results.jsonl is out of order.
  const script = [0, 1, 2].map((index) => ({ fault: 'reset' as const, contains: `Note <${index}>`, times: 1 }));
  const { flags, env } = await emulatorFor({ script });
  const { code, stderr } = await gleaner(
    ['run', definition, input, '--out', out, ...flags, '--retry-delay-ms', '100', '--max-reject-rate', '1'],
    { env },
  );
  expect(stderr).toContain('finished');
  expect(code).toBe(0);
  return out;
}

describe('gleaner export', () => {
  test('a real run, as CSV to stdout and as JSON lines to a file, in input order', async () => {
    const out = await finishedRun();
    const { results, rejects } = readRun(out);
    const inOrder = results.toSorted((left, right) => left.index - right.index);
    expect(results).not.toEqual(inOrder);

    const csv = await gleaner(['export', out]);
    expect([csv.code, csv.stderr]).toEqual([0, '']);
    expect(parse(csv.stdout, { columns: true })).toEqual(
      inOrder.map(({ id, index, data }) => {
        const { name, total } = data as { name: string; total: number | null };
        return { id, index: String(index), name, total: total === null ? '' : String(total) };
      }),
    );

    const file = join(out, '..', 'results.jsonl');
    const jsonl = await gleaner(['export', out, '--format', 'jsonl', '--output', file]);
    expect([jsonl.code, jsonl.stdout, jsonl.stderr]).toEqual([0, '', `Wrote 60 results to ${file}\n`]);
    expect(readFileSync(file, 'utf8')).toBe(inOrder.map((entry) => `${JSON.stringify(entry)}\n`).join(''));

    const rejected = await gleaner(['export', out, '--rejects', '--format', 'json']);
    expect(JSON.parse(rejected.stdout)).toEqual(rejects);
  });

  test('an unfinished run: what is there, and a notice', async () => {
    const directory = runDirectory({ results: [result(1, { a: 1 }), result(0, { a: 0 })], status: 'running' });
    appendFileSync(join(directory, 'results.jsonl'), '{"id":"torn');
    const { code, stdout, stderr } = await gleaner(['export', directory]);
    expect([code, stdout]).toEqual([0, 'id,index,a\r\nr0,0,0\r\nr1,1,1\r\n']);
    expect(stderr).toBe(`The run in ${directory} has not ended: these are the 2 results that it has so far\n`);
  });

  test('a reader that leaves early is no error', async () => {
    const results = Array.from({ length: 20_000 }, (_, index) => result(index, { text: 'x'.repeat(100) }));
    const directory = runDirectory({ results });
    const child = spawn(
      'sh',
      ['-c', `"$0" bin/gleaner.js export "$1"; echo "code $?" >&2`, process.execPath, directory],
      {
        cwd: root,
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.stdout.once('data', () => child.stdout.destroy());
    await new Promise((resolve) => child.once('close', resolve));
    expect(stderr).toBe('code 0\n');
  });

  test.runIf(existsSync('/dev/full'))('a full disk is an error in one line', async () => {
    const directory = runDirectory({ results: [result(0, { a: 1 })] });
    const child = spawn('sh', ['-c', `"$0" bin/gleaner.js export "$1" > /dev/full`, process.execPath, directory], {
      cwd: root,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    const code = await new Promise((resolve) => child.once('close', resolve));
    expect([code, stderr]).toEqual([2, 'error: Cannot write to standard output: the disk is full (ENOSPC)\n']);
  });

  test('refuses to replace files of the run, and what is no file; leaves nothing half written', async () => {
    const directory = runDirectory({ results: [result(0, { a: 1 })] });
    const before = readFileSync(join(directory, 'results.jsonl'), 'utf8');
    const aside = temporaryDirectory();
    symlinkSync(join(directory, 'results.jsonl'), join(aside, 'link.csv'));
    mkdirSync(join(aside, 'folder'));
    const outputs: [string, string][] = [
      [join(directory, 'results.jsonl'), 'the run itself keeps this file'],
      [join(aside, 'link.csv'), 'the run itself keeps this file'],
      [join(aside, 'folder'), 'no regular file'],
      ['/dev/null', 'no regular file'],
      [join(aside, 'gone', 'x.csv'), 'no such file or directory'],
    ];
    for (const [output, reason] of outputs) {
      const { code, stderr } = await gleaner(['export', directory, '--output', output]);
      expect(code).toBe(2);
      expect(stderr).toContain(reason);
    }
    expect(readFileSync(join(directory, 'results.jsonl'), 'utf8')).toBe(before);
    expect(readdirSync(aside).sort()).toEqual(['folder', 'link.csv']);

    const wide = Object.fromEntries(Array.from({ length: 20_000 }, (_, at) => [`k${at}`, at]));
    const kept = writeFile(aside, 'kept.csv', 'yesterday');
    const refused = await gleaner(['export', runDirectory({ results: [result(0, wide)] }), '--output', kept]);
    expect(refused.code).toBe(2);
    expect(readFileSync(kept, 'utf8')).toBe('yesterday');
    expect(existsSync(`${kept}.tmp`)).toBe(false);
  });

  test('refuses a directory that holds no run', async () => {
    const directory = temporaryDirectory();
    const foreign = await gleaner(['export', directory]);
    expect([foreign.code, foreign.stderr]).toEqual([
      2,
      `error: Cannot read the run directory ${directory}: it holds no run.json; name the directory of a run\n`,
    ]);
    expect((await gleaner(['export', join(directory, 'gone')])).stderr).toContain('no such file or directory');
    expect((await gleaner(['export', directory, '--format', 'xls'])).stderr).toContain('csv, jsonl, json, xlsx');
  });
});

test('gleaner export: two nights of one run have one header, and a file is what its name says', async () => {
  const out = await finishedRun(5);
  const place = temporaryDirectory();
  const parquet = join(place, 'notes.parquet');
  expect(await gleaner(['export', out, '--output', parquet])).toMatchObject({
    code: 0,
    stderr: `Wrote 5 results to ${parquet}\n`,
  });
  expect(readFileSync(parquet).subarray(0, 4).toString()).toBe('PAR1');
  const beside = await gleaner(['export', out, '--with-input', '--columns', 'id,input.text,name', '--include-rejects']);
  expect(parse(beside.stdout)).toHaveLength(7);
  expect((await gleaner(['export', out, '--format', 'parquet'])).stderr).toContain('name a file with --output');
  expect((await gleaner(['export', out, '--output', join(place, 'notes.xls')])).stderr).toContain('end it with .csv');
});

test('gleaner status tells of a run that has ended, and report writes its page again where it is gone', async () => {
  const out = await finishedRun(5);
  const page = readFileSync(join(out, 'report.html'), 'utf8');
  rmSync(join(out, 'report.html'));
  expect(await gleaner(['report', out])).toMatchObject({ code: 0, stderr: `Wrote ${join(out, 'report.html')}\n` });
  expect(readFileSync(join(out, 'report.html'), 'utf8')).toBe(page);
  const { code, stdout } = await gleaner(['status', out, '--follow', '--json']);
  const states = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as object);
  expect([code, states[0]]).toMatchObject([0, { session: { state: 'ended' }, usage: { records: { extracted: 5 } } }]);
});

describe('gleaner report', () => {
  test('says again what the run said at its end', async () => {
    const out = await finishedRun(5);
    const text = await gleaner(['report', out]);
    expect([text.code, text.stderr]).toEqual([0, '']);
    expect(text.stdout).toContain('5 extracted, 1 rejected (bad_record 1)');
    const json = await gleaner(['report', out, '--json']);
    expect(json.stdout).toBe(readFileSync(join(out, 'usage.json'), 'utf8'));
  });

  test('of a run that was killed before its first end it tells what was settled; broken figures are refused', async () => {
    const killed = await gleaner(['report', runDirectory({ status: 'running', results: [result(0, { a: 1 })] })]);
    expect([killed.code, killed.stderr]).toEqual([0, expect.stringContaining('was killed: these figures are of what')]);
    expect(killed.stdout).toContain('1 extracted');
    const directory = runDirectory({ status: 'finished' });
    const none = await gleaner(['report', directory]);
    expect([none.code, none.stderr]).toEqual([2, expect.stringContaining('none has; repeat the run command')]);
    for (const broken of ['{', '{}', '[]', '{"records":1}']) {
      writeFile(directory, 'usage.json', broken);
      const { code, stderr } = await gleaner(['report', directory]);
      expect([code, stderr]).toEqual([2, expect.stringContaining('no usage report')]);
    }
    rmSync(join(directory, 'run.json'));
    expect((await gleaner(['report', directory])).stderr).toContain('holds no run.json');
  });
});
