import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { Bucket } from '../../src/cloud-storage/bucket.ts';
import { GoogleRest } from '../../src/cloud-storage/google-rest.ts';
import { credentials } from './emulated-storage.ts';

// Doubles of Cloud Storage by other makers, where they are in the PATH: fake-gcs-server (a Go module) and gcp-storage-emulator (PyPI). They
// judge the requests; where they are not right themselves, that is said as an expectation, so that a mended version shows.

interface Double {
  program: string;
  arguments(port: number): string[];
  /** What it takes for nothing where Cloud Storage refuses. */
  passesOver: readonly ('preconditions' | 'pinned deletion' | 'pinned reading' | 'checksums' | 'pieces')[];
}

const doubles: Double[] = [
  {
    program: 'fake-gcs-server',
    arguments: (port) => [
      '-backend=memory',
      '-scheme=http',
      '-host=127.0.0.1',
      `-port=${port}`,
      `-public-host=127.0.0.1:${port}`,
      `-external-url=http://127.0.0.1:${port}`,
    ],
    passesOver: ['pinned deletion', 'checksums', 'pieces'],
  },
  {
    program: 'gcp-storage-emulator',
    arguments: (port) => ['start', '--host', '127.0.0.1', '--port', `${port}`, '--in-memory'],
    passesOver: ['preconditions', 'pinned deletion', 'pinned reading', 'checksums', 'pieces'],
  },
];

for (const double of doubles) {
  // Skipped where the program is not installed.
  const isThere = spawnSync(double.program, ['-h'], { stdio: 'ignore' }).error === undefined;
  const name = `${double.program}${isThere ? '' : ' (not in the PATH)'}`;

  it.skipIf(!isThere)(`${name} takes all that is asked of Cloud Storage`, async () => {
    const { bucket } = await start(double);
    expect(await bucket.create('a/b c.json', 'one')).toMatchObject({ name: 'a/b c.json', size: 3, crc32c: 'KpSy6Q==' });
    expect(String(await contentOf(bucket.read('a/b c.json', { crc32c: 'KpSy6Q==' })))).toBe('one');
    expect(String(await contentOf(bucket.read('a/b c.json', { offset: 1 })))).toBe('ne');
    expect(await contentOf(bucket.read('a/b c.json', { offset: 3 }))).toHaveLength(0);
    expect(await bucket.stat('none')).toBeUndefined();
    const content = randomBytes(20 * 1024 * 1024 + 17);
    const stored = await bucket.upload('big', fileOf(content));
    expect((await contentOf(bucket.read('big', { crc32c: stored.crc32c }))).equals(content)).toBe(true);
    expect(await bucket.upload('empty', fileOf(Buffer.alloc(0)))).toMatchObject({ size: 0 });
    expect(await bucket.replace('a/b c.json', fileOf(Buffer.from('else')))).toMatchObject({ size: 4 });
    for (const one of ['p/2', 'p/1', 'q/1', 'p/ü']) await bucket.create(one, one);
    const listed: string[] = [];
    for await (const { name: found } of bucket.list('p/')) listed.push(found);
    expect(listed).toEqual(['p/1', 'p/2', 'p/ü']);
    expect(await bucket.delete('big')).toBe(true);
    expect(await bucket.delete('big')).toBe(false);
  });

  it.skipIf(!isThere)(`${name} passes over ${double.passesOver.join(', ')}`, async () => {
    const { bucket, origin } = await start(double);
    const found: string[] = [];
    const old = await bucket.create('x', 'one');
    if ((await bucket.create('x', 'two')) !== undefined) found.push('preconditions');
    if (await bucket.delete('x', { generation: '12345' })) found.push('pinned deletion');
    await bucket.delete('x');
    await bucket.create('x', 'new');
    const reading = contentOf(bucket.read('x', { generation: old?.generation }));
    if ((await reading.catch(() => undefined)) !== undefined) found.push('pinned reading');
    const insert = `${origin}/upload/storage/v1/b/bucket/o`;
    const summed = await fetch(`${insert}?uploadType=media&name=sum`, {
      method: 'POST',
      headers: { 'x-goog-hash': 'crc32c=AAAAAA==', 'content-type': 'text/plain' },
      body: 'x',
    });
    if (summed.ok) found.push('checksums');
    const session = await fetch(`${insert}?uploadType=resumable&name=pieces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    });
    // Not a multiple of 256 KiB.
    const piece = await fetch(session.headers.get('location') ?? '', {
      method: 'PUT',
      headers: { 'content-range': 'bytes 0-99/1000' },
      body: 'x'.repeat(100),
    });
    if (piece.status !== 400) found.push('pieces');
    expect(found).toEqual(double.passesOver);
  });
}

async function start(double: Double): Promise<{ bucket: Bucket; origin: string }> {
  const port = await freePort();
  const server = spawn(double.program, double.arguments(port), { stdio: 'ignore' });
  const origin = `http://127.0.0.1:${port}`;
  const rest = new GoogleRest({ credentials, origin, backoff: { baseMs: 1 } });
  onTestFinished(async () => {
    await rest.close();
    server.kill();
  });
  for (let tries = 0; ; tries += 1) {
    const made = await fetch(`${origin}/storage/v1/b?project=p`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"name":"bucket"}',
    }).catch(() => undefined);
    if (made?.ok === true) break;
    if (tries > 100) throw new Error(`${double.program} does not answer`);
    await wait(100);
  }
  return { bucket: new Bucket(rest, 'bucket'), origin };
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

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
