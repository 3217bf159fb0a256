import { gzipSync } from 'node:zlib';
import { expect, it, onTestFinished } from 'vitest';
import {
  createStorageInput,
  type StorageInput,
  type StorageInputOptions,
} from '../../src/cloud-storage/storage-input.ts';
import type { Emulator } from '../../src/emulator/index.ts';
import type { SourceRow } from '../../src/records/record.ts';
import { credentials, emulatedBucket } from './emulated-storage.ts';

function inputOf(emulator: Emulator, address: string, reading: StorageInputOptions['reading'] = {}): StorageInput {
  const input = createStorageInput(address, {
    credentials,
    emulator: emulator.origin,
    reading,
    backoff: { baseMs: 1 },
  });
  onTestFinished(() => input.close());
  return input;
}

async function rowsOf(input: StorageInput): Promise<SourceRow[]> {
  const rows: SourceRow[] = [];
  for await (const row of await input.open()) rows.push(row);
  return rows;
}

it('reads all objects that a pattern names as one input, in the order of their names, plain and in gzip members', async () => {
  const { emulator, bucket } = await emulatedBucket();
  await bucket.create('in/b.jsonl', '{"n":3}\nnonsense\n');
  // Two members, as tools that append to a file leave it.
  await bucket.create('in/a.jsonl.gz', Buffer.concat([gzipSync('{"n":1}\n'), gzipSync('{"n":2}\n')]));
  await bucket.create('in/', '');
  await bucket.create('in/empty.jsonl', '');
  await bucket.create('in/notes.txt', 'not ours');
  const rows = await rowsOf(inputOf(emulator, 'gs://bucket/in/*.jsonl*'));
  expect(rows.map((row) => [row.index, row.line, row.kind === 'record' ? row.fields['n'] : row.message])).toEqual([
    [0, 1, 1],
    [1, 2, 2],
    [2, 1, 3],
    [3, 2, expect.stringContaining(', in gs://bucket/in/b.jsonl')],
  ]);
});

it('reads on where a connection broke, and in the encoding that is told', async () => {
  const { emulator, bucket } = await emulatedBucket({ breakEvery: 2 });
  const lines = Array.from({ length: 40_000 }, (_, at) => `${at};gr\u00fc\u00df`);
  const put = await bucket.create('x.csv', Buffer.from(`id;text\n${lines.join('\n')}`, 'latin1'));
  expect(put?.size).toBeGreaterThan(300_000);
  const rows = await rowsOf(inputOf(emulator, 'gs://bucket/x.csv', { encoding: 'windows-1252', delimiter: ';' }));
  expect(rows).toHaveLength(40_000);
  expect(rows.at(-1)).toMatchObject({ index: 39_999, fields: { id: '39999', text: 'grüß' } });
});

it('has another identity when an object is written anew, even with the same content', async () => {
  const { emulator, bucket } = await emulatedBucket();
  await bucket.create('in/a.csv', 'id\n1\n');
  const one = await inputOf(emulator, 'gs://bucket/in/a.csv').identity();
  expect(one).toMatchObject({ name: 'in/a.csv', generation: expect.any(String), crc32c: expect.any(String), bytes: 5 });
  await bucket.create('in/b.csv', 'id\n2\n');
  const both = await inputOf(emulator, 'gs://bucket/in/*.csv').identity();
  expect(both).toMatchObject({ objects: 2, bytes: 10 });
  expect(await inputOf(emulator, 'gs://bucket/in/*.csv').identity()).toEqual(both);
  await bucket.delete('in/a.csv');
  await bucket.create('in/a.csv', 'id\n1\n');
  expect(await inputOf(emulator, 'gs://bucket/in/*.csv').identity()).not.toEqual(both);
  expect(await inputOf(emulator, 'gs://bucket/in/a.csv').identity()).not.toEqual(one);
});

it('does not mix two states: an object that is replaced meanwhile ends the reading', async () => {
  const { emulator, bucket } = await emulatedBucket();
  await bucket.create('in/a.jsonl', '{"n":1}\n');
  await bucket.create('in/b.jsonl', '{"n":2}\n');
  const input = inputOf(emulator, 'gs://bucket/in/*.jsonl');
  await input.identity();
  await bucket.delete('in/b.jsonl');
  await bucket.create('in/b.jsonl', '{"n":9}\n');
  await expect(rowsOf(input)).rejects.toMatchObject({
    code: 'input-unreadable',
    message:
      'Cannot read gs://bucket/in/b.jsonl: it was replaced or deleted after the run had begun; begin another run',
  });
});

it.each([
  { address: 'gs://bucket/none.csv', message: 'Cannot read gs://bucket/none.csv: there is no such object' },
  { address: 'gs://bucket/none-*.csv', message: 'Cannot read gs://bucket/none-*.csv: no object has such a name' },
  {
    address: 'gs://bucket/mixed/*',
    message: 'Cannot read gs://bucket/mixed/b.jsonl with the others: it is jsonl, and the first is csv',
  },
  {
    address: 'gs://bucket/columns/*',
    message:
      'Cannot read gs://bucket/columns/b.csv with the others: its columns are not those of the first, from column 2 on',
  },
  { address: 'gs://bucket/more/*', message: 'from column 2 on' },
])('refuses $address', async ({ address, message }) => {
  const { emulator, bucket } = await emulatedBucket();
  await bucket.create('mixed/a.csv', 'id\n1\n');
  await bucket.create('mixed/b.jsonl', '{}\n');
  await bucket.create('columns/a.csv', 'id,text\n1,2\n');
  await bucket.create('columns/b.csv', 'id,other\n1,2\n');
  await bucket.create('more/a.csv', 'id\n1\n');
  await bucket.create('more/b.csv', 'id,text\n1,2\n');
  const error = await rowsOf(inputOf(emulator, address)).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'input-unreadable', message: expect.stringContaining(message) });
});

it.each(['gs://bucket', 'gs://bucket/in/', 'gs://B/x'])('refuses %s, which names no object', async (address) => {
  expect(() => createStorageInput(address, { credentials })).toThrow('in Cloud Storage');
});

it('stops reading when it is told to', async () => {
  const { emulator, bucket } = await emulatedBucket();
  await bucket.create('x.jsonl', '{"n":1}\n'.repeat(100_000));
  const stopping = new AbortController();
  const source = await inputOf(emulator, 'gs://bucket/x.jsonl').open(stopping.signal);
  const reading = (async () => {
    for await (const row of source) if (row.index === 10) stopping.abort(new Error('enough'));
  })();
  await expect(reading).rejects.toThrow('enough');
});
