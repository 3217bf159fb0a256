import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { UnendedRows } from '../../src/fleet/parts/unended-rows.ts';
import { ShardSource } from '../../src/fleet/shards/shard-source.ts';
import { createStorageInput } from '../../src/cloud-storage/storage-input.ts';
import { inputSourceOf, type InputSource } from '../../src/records/input-source.ts';
import { credentials, emulatedBucket } from '../cloud-storage/emulated-storage.ts';
import { temporaryDirectory } from '../store/temporary-directory.ts';
import { describeInputSource, ids } from './input-source-conformance.ts';
import { onTestFinished } from 'vitest';

const csv = `id;text\n${ids.map((id) => `${id};"one\ntwo"\n`).join('')}`;
const jsonLines = ids.map((id) => `${JSON.stringify({ id, text: 'x'.repeat(40) })}\n`).join('');

function file(name: string, content: string | Buffer): string {
  const path = join(temporaryDirectory(), name);
  writeFileSync(path, content);
  return path;
}

async function* pulled(): AsyncGenerator<object> {
  for (const id of ids) yield await Promise.resolve({ id });
}

const shardOf = (path: string): InputSource =>
  new ShardSource({
    path,
    shard: { index: 0, count: 1 },
    out: temporaryDirectory(),
    chunkRows: 7,
    reading: {},
    ids: { rule: null },
  });

describeInputSource('a CSV file', () => inputSourceOf(file('in.csv', csv), { delimiter: ';' }));
describeInputSource('a file of JSON lines', () => inputSourceOf(file('in.jsonl', jsonLines), {}));
describeInputSource('a zipped file', () => inputSourceOf(file('in.jsonl.gz', gzipSync(jsonLines)), {}));
describeInputSource('standard input', () =>
  inputSourceOf('-', { format: 'jsonl', stdin: Readable.from([...jsonLines].map((letter) => Buffer.from(letter))) }),
);
describeInputSource('a list of a program', () =>
  inputSourceOf(
    ids.map((id) => ({ id })),
    {},
  ),
);
describeInputSource('a generator of a program', () => inputSourceOf(pulled(), {}));
describeInputSource(
  'a part without what has ended, of which nothing has',
  () => new UnendedRows(shardOf(file('in.jsonl', jsonLines)), new Set()),
);
describeInputSource('the only shard of a file', () => shardOf(file('in.jsonl', jsonLines)));
describeInputSource('an object of Cloud Storage', async () => {
  const { emulator, bucket } = await emulatedBucket();
  await bucket.create('in.jsonl', jsonLines);
  const input = createStorageInput('gs://bucket/in.jsonl', { credentials, emulator: emulator.origin, reading: {} });
  onTestFinished(() => input.close());
  return input;
});
