import { randomBytes } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { emulatedBucket } from './emulated-storage.ts';

function fileOf(content: Buffer): { path: string; bytes: number } {
  const path = join(mkdtempSync(join(tmpdir(), 'gleaner-upload-')), 'file');
  writeFileSync(path, content);
  return { path, bytes: content.length };
}

async function contentOf(parts: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of parts) chunks.push(chunk);
  return Buffer.concat(chunks);
}

it('creates an object once, and says so when it is there', async () => {
  const { bucket } = await emulatedBucket();
  const made = await bucket.create('a/b c.json', 'one');
  expect(made).toMatchObject({ name: 'a/b c.json', size: 3 });
  expect(await bucket.create('a/b c.json', 'two')).toBeUndefined();
  expect(String(await contentOf(bucket.read('a/b c.json')))).toBe('one');
});

it('uploads in pieces and reads back, though every third transfer breaks', async () => {
  const { bucket } = await emulatedBucket({ breakEvery: 3 });
  const content = randomBytes(20 * 1024 * 1024 + 17);
  const stored = await bucket.upload('big', fileOf(content));
  expect(stored.size).toBe(content.length);
  expect((await contentOf(bucket.read('big'))).equals(content)).toBe(true);
  expect((await contentOf(bucket.read('big', { offset: 5_000_000 }))).equals(content.subarray(5_000_000))).toBe(true);
});

it('takes an upload that got through for its own, and refuses another object in its place', async () => {
  const { bucket } = await emulatedBucket();
  const first = await bucket.upload('x', fileOf(Buffer.from('same')));
  expect(await bucket.upload('x', fileOf(Buffer.from('same')))).toEqual(first);
  await expect(bucket.upload('x', fileOf(Buffer.from('else')))).rejects.toThrow(
    'Cannot write gs://bucket/x: something else stands there',
  );
  expect((await bucket.upload('empty', fileOf(Buffer.alloc(0)))).size).toBe(0);
});

it('does not mix two states of an object', async () => {
  const { bucket } = await emulatedBucket();
  const old = await bucket.create('x', 'old');
  expect(await bucket.delete('x')).toBe(true);
  expect(await bucket.delete('x')).toBe(false);
  await bucket.create('x', 'new');
  await expect(contentOf(bucket.read('x', { generation: old?.generation }))).rejects.toThrow('HTTP 404');
  expect(await contentOf(bucket.read('x', { offset: 3 }))).toHaveLength(0);
});

it('lists by prefix, page after page', async () => {
  const { bucket } = await emulatedBucket();
  for (const name of ['p/2', 'p/1', 'q/1']) await bucket.create(name, name);
  const names: string[] = [];
  for await (const { name } of bucket.list('p/')) names.push(name);
  expect(names).toEqual(['p/1', 'p/2']);
  expect(await bucket.stat('p/3')).toBeUndefined();
});

it('replaces what is there', async () => {
  const { bucket } = await emulatedBucket();
  expect((await bucket.replace('x', fileOf(Buffer.from('one')))).size).toBe(3);
  expect((await bucket.replace('x', fileOf(Buffer.from('three')))).size).toBe(5);
  expect(String(await contentOf(bucket.read('x')))).toBe('three');
});

it('notices bytes that are not those that are stored', async () => {
  const { bucket } = await emulatedBucket();
  const stored = await bucket.create('x', 'as it was sent');
  expect(String(await contentOf(bucket.read('x', { crc32c: stored?.crc32c })))).toBe('as it was sent');
  await expect(contentOf(bucket.read('x', { crc32c: 'AAAAAA==' }))).rejects.toThrow(
    'other bytes arrived than are stored',
  );
});
