import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  createWriteStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { constants, gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { openRecords } from '../../src/records/open-records.ts';
import { recordFormatOf } from '../../src/records/record-format.ts';
import type { RecordSource, SourceRow } from '../../src/records/record.ts';
import { GleanerError } from '../../src/gleaner-error.ts';
import { readRows, summarize } from './read-rows.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'records-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

async function collect(source: RecordSource): Promise<SourceRow[]> {
  const rows: SourceRow[] = [];
  for await (const row of source) rows.push(row);
  return rows;
}

/** The rows before the input breaks off, and the message it breaks off with. */
async function collectUntilError(path: string): Promise<{ rows: SourceRow[]; message: string }> {
  const rows: SourceRow[] = [];
  try {
    for await (const row of await openRecords(path)) rows.push(row);
  } catch (error) {
    if (!(error instanceof GleanerError)) throw error;
    return { rows, message: error.message.replace(folder, '') };
  }
  return { rows, message: '' };
}

function isOpen(path: string): boolean {
  return readdirSync('/proc/self/fd').some((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`) === path;
    } catch {
      return false;
    }
  });
}

function fields(rows: SourceRow[]): unknown[] {
  return rows.map((row) => (row.kind === 'record' ? row.fields : row.message));
}

const manyRows = Array.from({ length: 50_000 }, (_, n) => `{"n":${n},"text":"some text that fills the line"}\n`).join(
  '',
);

describe('recordFormatOf', () => {
  test.each([
    ['a.csv', { format: 'csv', gzip: false }],
    ['dir.tsv/a.TSV', { format: 'tsv', gzip: false }],
    ['a.jsonl', { format: 'jsonl', gzip: false }],
    ['a.b.ndjson.gz', { format: 'jsonl', gzip: true }],
    ['A.CSV.GZ', { format: 'csv', gzip: true }],
    ['a.json', undefined],
    ['csv', undefined],
    ['a.gz', undefined],
    ['-', undefined],
  ])('%s', (path, expected) => expect(recordFormatOf(path)).toEqual(expected));
});

describe('openRecords', () => {
  test('reads each format, plain and compressed, with and without a byte order mark', async () => {
    const inputs = {
      csv: 'id,t\n1,ä\n',
      tsv: 'id\tt\n1\tä\n',
      jsonl: '{"id":"1","t":"ä"}\n',
      ndjson: '{"id":"1","t":"ä"}',
    };
    for (const [extension, content] of Object.entries(inputs)) {
      for (const mark of ['', '\ufeff']) {
        for (const suffix of ['', '.gz']) {
          const bytes = Buffer.from(mark + content);
          const source = await openRecords(file(`a.${extension}${suffix}`, suffix ? gzipSync(bytes) : bytes));
          expect(source.columns).toEqual(extension.endsWith('sv') ? ['id', 't'] : undefined);
          expect((await collect(source)).map((row) => row.kind === 'record' && row.fields)).toEqual([
            { id: '1', t: 'ä' },
          ]);
        }
      }
    }
  });

  test('reads standard input, compressed or not, as strings or bytes', async () => {
    expect(summarize(await readRows('csv', ['a;b\n1', ';2\n']))).toEqual(['0 2 {"a":"1","b":"2"}']);
    const gzip = gzipSync('{"a":1}\n');
    expect(summarize(await readRows('jsonl', [gzip.subarray(0, 1), gzip.subarray(1)]))).toEqual(['0 1 {"a":1}']);
    const source = await openRecords('-', { format: 'jsonl', stdin: Readable.from(['{"a":"ä', '"}']) });
    expect(summarize(await collect(source))).toEqual(['0 1 {"a":"ä"}']);
  });

  test.each(['\t', '\\t', 'tab', 'TAB'])('takes %j for a tab', async (delimiter) => {
    expect(summarize(await readRows('csv', ['a,b\tc\n1\t2'], { delimiter }))).toEqual(['0 2 {"a,b":"1","c":"2"}']);
  });

  test('has no rows in an empty JSONL file', async () => {
    expect(await collect(await openRecords(file('empty.jsonl', '')))).toEqual([]);
  });

  test('reads from a name without an extension when the format is given', async () => {
    const plain = await openRecords(file('plain', 'a\n1'), { format: 'csv' });
    expect(summarize(await collect(plain))).toEqual(['0 2 {"a":"1"}']);
    const compressed = await openRecords(file('compressed', gzipSync('a\n1')), { format: 'csv' });
    expect(summarize(await collect(compressed))).toEqual(['0 2 {"a":"1"}']);
  });

  const foreign: { name: string; content: string | Buffer; message: string }[] = [
    { name: 'empty.csv', content: '', message: 'it is empty' },
    { name: 'empty.csv.gz', content: '', message: 'it is empty' },
    { name: 'mark.csv', content: '\ufeff', message: 'it is empty' },
    { name: 'plain.csv.gz', content: 'a\n1', message: 'it is not gzip data; rename it without .gz' },
    { name: 'zipped.csv', content: gzipSync('a\n1'), message: 'it is compressed with gzip; rename it to end in .gz' },
    { name: 'twice.csv.gz', content: gzipSync(gzipSync('a\n1')), message: 'it is compressed with gzip twice' },
    {
      name: 'utf16le.csv',
      content: Buffer.from('\ufeffa,b\n1,2', 'utf16le'),
      message: 'it is UTF-16 text; convert it first, for example with "iconv',
    },
    { name: 'utf16be.jsonl', content: Buffer.from('\ufeff{"a":1}', 'utf16le').swap16(), message: 'it is UTF-16 text' },
    { name: 'unmarked.csv', content: Buffer.from('a,b\n1,2', 'utf16le'), message: 'it is UTF-16 text' },
    {
      name: 'unmarked.jsonl.gz',
      content: gzipSync(Buffer.from('{"a":1}', 'utf16le').swap16()),
      message: 'it is UTF-16 text',
    },
    {
      name: 'book.csv',
      content: Buffer.from('PK\x03\x04\x14\x00'),
      message: 'an Excel workbook (.xlsx); export it as CSV',
    },
    { name: 'data.csv', content: 'PAR1\x15', message: 'it is a Parquet file; export it as CSV' },
    { name: 'binary.csv', content: Buffer.from([1, 2, 3, 4, 5, 0, 0, 9]), message: 'it is not text' },
    { name: 'page.csv', content: '\n<!DOCTYPE html><html>', message: 'it is an HTML or XML document' },
    { name: 'lines.csv', content: '{"a":1}\n', message: 'it is JSON rather than CSV' },
    {
      name: 'array.jsonl',
      content: '[\n  {"a":1}\n]',
      message: `it is one JSON array; write one object a line, for example with "jq -c '.[]'"`,
    },
    { name: 'one-line.jsonl', content: '[{"a":1}]', message: 'it is one JSON array' },
    { name: 'pretty.jsonl', content: '{\n  "a": 1\n}', message: 'it is JSON spread over several lines' },
    { name: 'latin1.csv', content: Buffer.from('größe,b\n1,2', 'latin1'), message: 'line 1 is not valid UTF-8' },
  ];
  test.each(foreign)('refuses $name', async ({ name, content, message }) => {
    const path = file(name, content);
    const opening = openRecords(path);
    await expect(opening).rejects.toThrow(GleanerError);
    await expect(opening).rejects.toThrow(message);
    expect(isOpen(path)).toBe(false);
  });

  test('refuses what is no readable file', async () => {
    await expect(openRecords(join(folder, 'absent.csv'))).rejects.toThrow('there is no such file');
    mkdirSync(join(folder, 'folder.csv'));
    await expect(openRecords(join(folder, 'folder.csv'))).rejects.toThrow('it is a directory; give a file');
    await expect(openRecords(join(file('a.txt', ''), 'b.csv'))).rejects.toThrow(GleanerError);
    await expect(openRecords(file('a.txt', ''))).rejects.toThrow('its extension does not tell the format');
    await expect(openRecords('-', { stdin: Readable.from([]) })).rejects.toThrow('its format is not known');
  });

  test.skipIf(process.getuid?.() === 0)('refuses a file without permission', async () => {
    const path = file('secret.csv', 'a');
    chmodSync(path, 0);
    await expect(openRecords(path)).rejects.toThrow('permission to read it is missing');
  });

  test.each(['', ',,', '"', '\n', '€'])('refuses the delimiter %j', async (delimiter) => {
    await expect(openRecords(file('d.csv', 'a'), { delimiter })).rejects.toThrow('give one ASCII character');
  });

  test('refuses a delimiter for JSON lines', async () => {
    await expect(openRecords(file('d.jsonl', ''), { delimiter: ',' })).rejects.toThrow('it is for CSV and TSV');
  });

  test('reads a gzip file cut off anywhere as far as it goes, then says so', async () => {
    const lines = Array.from({ length: 40 }, (_, n) => `{"n":${n},"x":"${Math.sin(n)}"}\n`).join('');
    const whole = gzipSync(lines);
    for (let length = 2; length < whole.length; length += 3) {
      const cut = whole.subarray(0, length);
      const left = gunzipSync(cut, { finishFlush: constants.Z_SYNC_FLUSH }).toString();
      const complete = left.split('\n').length - 1;
      const { rows, message } = await collectUntilError(file('cut.jsonl.gz', cut));
      expect(rows).toHaveLength(complete);
      const where = complete === 0 ? '' : ` after record ${complete}`;
      expect(message).toBe(`Cannot read /cut.jsonl.gz: the gzip data is truncated${where}`);
    }
  });

  test('reads a large gzip file that is cut off or corrupt as far as it goes', async () => {
    const whole = gzipSync(manyRows);
    const cut = await collectUntilError(file('cut.jsonl.gz', whole.subarray(0, whole.length - 9)));
    expect(cut.rows).toHaveLength(50_000);
    expect(cut.message).toBe('Cannot read /cut.jsonl.gz: the gzip data is truncated after record 50000');
    const damaged = Buffer.from(whole);
    const middle = Math.floor(whole.length / 2);
    damaged.fill(0xff, middle, middle + 100);
    const corrupt = await collectUntilError(file('bad.jsonl.gz', damaged));
    expect(corrupt.rows.length).toBeGreaterThan(10_000);
    expect(corrupt.rows.slice(0, 10_000).every((row) => row.kind === 'record')).toBe(true);
    expect(corrupt.message).toBe(
      `Cannot read /bad.jsonl.gz: the gzip data is corrupt after record ${corrupt.rows.length}`,
    );
  });

  test('ignores zero padding after compressed data', async () => {
    const path = file('padded.jsonl.gz', Buffer.concat([gzipSync(manyRows), Buffer.alloc(100_000)]));
    expect(await collect(await openRecords(path))).toHaveLength(50_000);
  });

  test('reads gzip files that were joined', async () => {
    const joined = Buffer.concat([gzipSync('a\n1\n'), gzipSync('2\n')]);
    expect(summarize(await collect(await openRecords(file('joined.csv.gz', joined))))).toEqual([
      '0 2 {"a":"1"}',
      '1 3 {"a":"2"}',
    ]);
  });

  test.skipIf(!existsSync('/proc/self/fd')).each(['many.jsonl', 'many.jsonl.gz'])(
    'closes %s when the loop is left early, and at the end',
    async (name) => {
      const path = file(name, name.endsWith('.gz') ? gzipSync(manyRows) : manyRows);
      for await (const row of await openRecords(path)) {
        expect(isOpen(path)).toBe(true);
        if (row.index === 3) break;
      }
      expect(isOpen(path)).toBe(false);
      const failing = (async () => {
        for await (const row of await openRecords(path)) throw new Error(`stop at ${row.index}`);
      })();
      await expect(failing).rejects.toThrow('stop at 0');
      expect(isOpen(path)).toBe(false);
      expect(await collect(await openRecords(path))).toHaveLength(50_000);
      expect(isOpen(path)).toBe(false);
    },
  );

  test('rejects with the reason of its signal, between rows and while it waits', async () => {
    const path = file('abort.jsonl', manyRows);
    const controller = new AbortController();
    const reason = new Error('enough');
    const reading = (async () => {
      for await (const row of await openRecords(path, { signal: controller.signal })) {
        if (row.index === 5) controller.abort(reason);
        expect(row.index).toBeLessThan(6);
      }
    })();
    await expect(reading).rejects.toBe(reason);
    expect(isOpen(path)).toBe(false);

    const waiting = new AbortController();
    const stdin = new PassThrough();
    stdin.write(manyRows.slice(0, 4000));
    const source = await openRecords('-', { format: 'jsonl', stdin, signal: waiting.signal });
    const rest = collect(source);
    setImmediate(() => waiting.abort('not an error'));
    await expect(rest).rejects.toBe('not an error');
    expect(stdin.destroyed).toBe(true);
    await expect(openRecords(path, { signal: waiting.signal })).rejects.toBe('not an error');
  });

  test('reads no further than its rows are asked for', async () => {
    let made = 0;
    function* lines(): Generator<Buffer> {
      for (; made < 10_000; made += 1) yield Buffer.from(`{"n":${made},"filler":"${'x'.repeat(500)}"}\n`);
    }
    const stdin = Readable.from(lines(), { highWaterMark: 1 });
    const rows = (await openRecords('-', { format: 'jsonl', stdin }))[Symbol.asyncIterator]();
    for (let n = 0; n < 20; n += 1) await rows.next();
    expect(made).toBeLessThan(30);
    await rows.return?.();
    expect(stdin.destroyed).toBe(true);
  });

  test('serves several consumers at once, each row to one of them', async () => {
    const rows = (await openRecords(file('shared.jsonl', manyRows)))[Symbol.asyncIterator]();
    const seen: number[] = [];
    const consume = async (): Promise<void> => {
      for (let result = await rows.next(); !result.done; result = await rows.next()) seen.push(result.value.index);
    };
    await Promise.all([consume(), consume(), consume(), consume()]);
    expect(seen).toEqual(Array.from({ length: 50_000 }, (_, n) => n));
    expect(await rows.next()).toEqual({ done: true, value: undefined });
  });

  const shared = fileURLToPath(new URL('../../../shared/data/', import.meta.url));
  test.skipIf(!existsSync(shared))(
    'finds the same receipts in CSV and in JSON lines (needs the shared data)',
    async () => {
      const csv = fields(await collect(await openRecords(join(shared, 'receipts.csv'))));
      const jsonl = fields(await collect(await openRecords(join(shared, 'receipts.jsonl'))));
      expect(csv).toHaveLength(313);
      expect(csv).toEqual(jsonl);
    },
  );
});

describe.skipIf(process.platform === 'win32')('openRecords of a pipe', () => {
  test('waits for its writer without holding anything up, and goes by its contents', async () => {
    for (const content of [Buffer.from('{"a":1}\n'), gzipSync('{"a":1}\n')]) {
      const path = join(folder, `pipe-${content.length}.jsonl`);
      execFileSync('sh', ['-c', 'mkfifo "$0"', path]);
      const opening = openRecords(path);
      const writer = createWriteStream(path);
      writer.end(content);
      expect((await collect(await opening)).map(({ kind }) => kind)).toEqual(['record']);
    }
  });

  test('is left as soon as the signal aborts, with nothing left open', async () => {
    const path = join(folder, 'silent.jsonl');
    execFileSync('sh', ['-c', 'mkfifo "$0"', path]);
    const aborting = new AbortController();
    const opening = openRecords(path, { signal: aborting.signal });
    await vi.waitUntil(() => isOpen(path));
    aborting.abort(new Error('enough'));
    await expect(opening).rejects.toThrow('enough');
    expect(isOpen(path)).toBe(false);
  });
});

test.each([
  ['gs://bucket/a.csv', 'only a run reads from Cloud Storage'],
  ['bq://project.set.table', 'only a run reads from BigQuery'],
  ['s3://bucket/a.csv', 'export it to one of them'],
  ['https://host/a.csv', 'export it to one of them'],
])('an address is no path: %s', async (address, advice) => {
  await expect(openRecords(address)).rejects.toThrow(`Cannot read ${address} here: `);
  await expect(openRecords(address)).rejects.toThrow(advice);
});
