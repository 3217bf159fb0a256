import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Bucket } from '../../src/cloud-storage/bucket.ts';
import { GoogleRest } from '../../src/cloud-storage/google-rest.ts';
import { startEmulator, type Emulator } from '../../src/emulator/index.ts';
import { BucketPartStore } from '../../src/fleet/parts/bucket-part-store.ts';
import { FilePartStore } from '../../src/fleet/parts/file-part-store.ts';
import { partName } from '../../src/fleet/parts/part-names.ts';
import { describePartStore } from './part-store-conformance.ts';

let directory: string;
let emulator: Emulator;
const toClose: { close(): Promise<void> }[] = [];

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'gleaner-parts-test-'));
  // Transfers break, and what an answer said is lost now and then.
  emulator = await startEmulator({ batch: { breakEvery: 5 } });
});
afterEach(async () => {
  for (const one of toClose.splice(0)) await one.close();
  await emulator.close();
});

async function openBucketStore(): Promise<BucketPartStore> {
  const credentials = { headers: () => Promise.resolve({ authorization: 'Bearer any' }), refresh: () => undefined };
  const rest = new GoogleRest({ credentials, origin: emulator.origin, backoff: { baseMs: 1 } });
  const store = new BucketPartStore({
    bucket: new Bucket(rest, 'bucket'),
    prefix: 'runs/one',
    scratch: directory,
    saveEveryMs: 60_000,
  });
  toClose.push(store, rest);
  return store;
}

describePartStore('a store of parts in a directory', async () => new FilePartStore(directory));
describePartStore('a store of parts in a bucket', openBucketStore);

test('a bucket refuses a second writer of a part', async () => {
  const [one, other] = [await openBucketStore(), await openBucketStore()];
  const first = await one.openPart(partName(1, 1));
  writeFileSync(join(first.directory, 'results.jsonl'), '{"id":"a"}\n');
  await first.save();
  const second = await other.openPart(partName(1, 1));
  writeFileSync(join(second.directory, 'results.jsonl'), '{"id":"b"}\n');
  await expect(second.save()).rejects.toThrow('something else stands there; another process writes this part');
});
