import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ChatMessage } from '../../../src/completion/request.ts';
import { inlineParts } from '../../../src/run/record/inline-parts.ts';

/** The eight bytes that begin every PNG. */
const png = Buffer.from('89504e470d0a1a0a', 'hex');
let directory = '';
let path = '';

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'gleaner-parts-'));
  path = join(directory, 'receipt.png');
  writeFileSync(path, png);
});
afterAll(() => rmSync(directory, { recursive: true }));

const asUrl = `data:image/png;base64,${png.toString('base64')}`;

test('pictures named by a path are put inside, as text or with details', async () => {
  const parts = [
    { type: 'text', text: path },
    { type: 'image_url', image_url: path },
    { type: 'image_url', image_url: { url: path, detail: 'low' } },
    { type: 'image_url', image_url: 'gs://bucket/receipt.png' },
  ];
  const [message] = await inlineParts([{ role: 'user', content: parts } as ChatMessage], directory);
  expect(message?.content).toEqual([
    { type: 'text', text: path },
    { type: 'image_url', image_url: asUrl },
    { type: 'image_url', image_url: { url: asUrl, detail: 'low' } },
    { type: 'image_url', image_url: 'gs://bucket/receipt.png' },
  ]);
});

test('sound is a file only by its URL: a path could not be told from base64', async () => {
  const sound = (data: string): ChatMessage =>
    ({ role: 'user', content: [{ type: 'input_audio', input_audio: { data, format: 'wav' } }] }) as ChatMessage;
  const [inside, kept] = await inlineParts([sound(pathToFileURL(path).href), sound('UklGRg')], directory);
  expect(inside).toMatchObject({ content: [{ input_audio: { data: asUrl, format: 'wav' } }] });
  expect(kept).toMatchObject({ content: [{ input_audio: { data: 'UklGRg' } }] });
});

test('texts and messages of others are left alone', async () => {
  const messages: ChatMessage[] = [
    { role: 'system', content: 'Extract' },
    { role: 'user', content: path },
    { role: 'assistant', content: 'x' },
  ];
  expect(await inlineParts(messages, directory)).toEqual(messages);
});

test('a file that is not there is told', async () => {
  const missing = { role: 'user', content: [{ type: 'image_url', image_url: join(directory, 'none.png') }] };
  await expect(inlineParts([missing as ChatMessage], directory)).rejects.toMatchObject({ code: 'media-unusable' });
});

test('a record names files below the root only, and messages quote none of it', async () => {
  for (const named of ['/etc/passwd', '../secret.png', 'file:///etc/passwd', 'Anna Probe: passport', 'file://host/a']) {
    const picture = { role: 'user', content: [{ type: 'image_url', image_url: named }] } as ChatMessage;
    const sound = { role: 'user', content: [{ type: 'input_audio', input_audio: { data: 'file://host/Probe' } }] };
    for (const message of [picture, sound as ChatMessage]) {
      await expect(inlineParts([message], directory)).rejects.toMatchObject({
        code: 'media-unusable',
        message: expect.not.stringMatching(/passwd|secret|Anna|Probe|host/) as string,
      });
    }
  }
});
