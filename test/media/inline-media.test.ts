import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { inlineMedia, mediaUrl } from '../../src/media/inline-media.ts';
import { GleanerError } from '../../src/gleaner-error.ts';

const directory = mkdtempSync(join(tmpdir(), 'gleaner-media-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function file(name: string, content: string | Buffer): string {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
}

function bytes(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}

test.each([
  { name: 'a.bin', content: bytes('\x89PNG\r\n\x1a\n...'), type: 'image/png' },
  { name: 'a.png', content: bytes('\xff\xd8\xff\xe0...'), type: 'image/jpeg' },
  { name: 'b', content: bytes('GIF89a'), type: 'image/gif' },
  { name: 'c', content: bytes('RIFF\x10\0\0\0WEBPVP8 '), type: 'image/webp' },
  { name: 'd', content: bytes('RIFF\x10\0\0\0WAVEfmt '), type: 'audio/wav' },
  { name: 'e', content: bytes('\0\0\0\x18ftypheic\0'), type: 'image/heic' },
  { name: 'f', content: bytes('\0\0\0\x18ftypisom\0'), type: 'video/mp4' },
  { name: 'g', content: bytes('%PDF-1.7\n'), type: 'application/pdf' },
  { name: 'h', content: bytes('ID3\x04'), type: 'audio/mp3' },
  { name: 'i.MP3', content: bytes('\xff\xfb\x90'), type: 'audio/mp3' },
  { name: 'j.webm', content: bytes('\x1a\x45\xdf\xa3'), type: 'video/webm' },
])('inlineMedia knows $name as $type', async ({ name, content, type }) => {
  expect(await inlineMedia(file(name, content))).toBe(`data:${type};base64,${content.toString('base64')}`);
});

test('inlineMedia holds pictures to 7 MiB and documents to 50 MiB', async () => {
  const picture = file('large.png', bytes('\x89PNG\r\n\x1a\n'));
  truncateSync(picture, 7 * 1024 * 1024);
  expect((await inlineMedia(picture)).length).toBeGreaterThan(9_000_000);
  truncateSync(picture, 7 * 1024 * 1024 + 1);
  await expect(inlineMedia(picture)).rejects.toThrow(/at most 7 MiB fit into a request; put it into Cloud Storage/);
  const document = file('large.pdf', '%PDF-1.7\n');
  truncateSync(document, 8 * 1024 * 1024);
  expect(await inlineMedia(document)).toMatch(/^data:application\/pdf;/);
  truncateSync(document, 50 * 1024 * 1024 + 1);
  await expect(inlineMedia(document)).rejects.toThrow(/at most 50 MiB/);
});

test.each([
  { path: () => join(directory, 'missing.png'), says: /Cannot read .*missing\.png.*no such file/ },
  { path: () => directory, says: /it is no file/ },
  { path: () => '/dev/zero', says: /it is no file/ },
  { path: () => file('empty.png', ''), says: /the file is empty/ },
  { path: () => file('notes.txt', 'Hello'), says: /its first bytes are not those of a picture/ },
  { path: () => file('secrets.png', 'TOKEN=1'), says: /its first bytes are not those of a picture/ },
])('inlineMedia refuses: $says', async ({ path, says }) => {
  await expect(inlineMedia(path())).rejects.toThrow(GleanerError);
  await expect(inlineMedia(path())).rejects.toThrow(says);
});

test('mediaUrl leaves URLs alone, reads files and refuses other schemes', async () => {
  for (const url of ['gs://bucket/a.jpg', 'https://example.org/a.jpg', 'data:image/png;base64,AAAA']) {
    expect(await mediaUrl(url)).toBe(url);
  }
  expect(await mediaUrl(file('k.gif', 'GIF89a'))).toMatch(/^data:image\/gif;base64,/);
  await expect(mediaUrl('http://example.org/a.jpg')).rejects.toThrow(/but not http:/);
  await expect(mediaUrl('file:///etc/hosts')).rejects.toThrow(/but not file:/);
});

test('below a root, no link and no path leads out, and no message quotes the path', async () => {
  const root = join(directory, 'below');
  mkdirSync(join(root, 'pictures'), { recursive: true });
  const inside = file('below/pictures/a.gif', 'GIF89a');
  const outside = file('outside.gif', 'GIF89a');
  symlinkSync(outside, join(root, 'out.gif'));
  symlinkSync(inside, join(root, 'in.gif'));
  symlinkSync(directory, join(root, 'up'));
  symlinkSync(root, join(directory, 'root-link'));

  for (const path of ['pictures/a.gif', './pictures/../pictures/a.gif', 'in.gif', inside]) {
    expect(await inlineMedia(path, { root })).toMatch(/^data:image\/gif;/);
  }
  expect(await inlineMedia('in.gif', { root: join(directory, 'root-link') })).toMatch(/^data:image\/gif;/);
  for (const path of ['../outside.gif', outside, 'out.gif', 'up/outside.gif', '', '.', '..', '/etc/passwd']) {
    await expect(inlineMedia(path, { root })).rejects.toMatchObject({
      code: 'media-unusable',
      message: expect.stringContaining('it lies outside the directory') as string,
    });
  }
  await expect(inlineMedia('Anna Probe.jpg', { root })).rejects.toThrow(
    /^Cannot read the file that the record names: .*no such file/,
  );
});
