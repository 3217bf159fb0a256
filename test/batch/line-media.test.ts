import { expect, it } from 'vitest';
import { holdsMedia, moveMedia } from '../../src/batch/line-media.ts';
import type { ChatRequest, ContentPart } from '../../src/completion/request.ts';
import { toNativeContents } from '../../src/native/native-contents.ts';

const urlOf = (name: string): string => `gs://b/m/${name}`;

function asking(...content: ContentPart[]): ChatRequest {
  return { model: 'google/gemini-3.5-flash-lite', messages: [{ role: 'user', content }] };
}

it.each<{ name: string; part: ContentPart; type: string; extension: string }>([
  {
    name: 'a picture',
    part: { type: 'image_url', image_url: { url: 'data:image/png;base64,aGVsbG8=' } },
    type: 'image/png',
    extension: 'png',
  },
  {
    name: 'a picture as a plain string',
    part: { type: 'image_url', image_url: 'data:image/jpeg;base64,aGVsbG8=' },
    type: 'image/jpeg',
    extension: 'jpg',
  },
  {
    name: 'a PDF',
    part: { type: 'image_url', image_url: 'data:application/pdf;base64,aGVsbG8=' },
    type: 'application/pdf',
    extension: 'pdf',
  },
  {
    name: 'a film',
    part: { type: 'image_url', image_url: 'data:video/quicktime;base64,aGVsbG8=' },
    type: 'video/quicktime',
    extension: 'mov',
  },
  {
    name: 'bare sound',
    part: { type: 'input_audio', input_audio: { format: 'mp3', data: 'aGVsbG8=' } },
    type: 'audio/mpeg',
    extension: 'mp3',
  },
  {
    name: 'sound of a file',
    part: { type: 'input_audio', input_audio: { format: 'wav', data: 'data:audio/wav;base64,aGVsbG8=' } },
    type: 'audio/wav',
    extension: 'wav',
  },
])('$name is named by its contents, with the type that the native API wants', ({ part, type, extension }) => {
  const { request, media } = moveMedia(asking({ type: 'text', text: 'Read it' }, part), urlOf);
  const name = `2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824.${extension}`;
  expect(media.map(({ name: one, bytes }) => [one, bytes.toString()])).toEqual([[name, 'hello']]);
  expect(toNativeContents(request.messages).contents[0]?.parts).toEqual([
    { text: 'Read it' },
    { fileData: { fileUri: `gs://b/m/${name}`, mimeType: type } },
  ]);
});

it('leaves what is named already, and keeps how closely a picture is looked at', () => {
  const named = asking(
    { type: 'image_url', image_url: 'gs://other/a.png' },
    { type: 'image_url', image_url: { url: 'https://example.com/a.png', detail: 'low' } },
    { type: 'input_audio', input_audio: { format: 'wav', data: 'gs://other/a.wav' } },
  );
  expect(holdsMedia(named)).toBe(false);
  expect(moveMedia(named, urlOf)).toEqual({ request: named, media: [] });
  const { request } = moveMedia(
    asking({ type: 'image_url', image_url: { url: 'data:image/gif;base64,aGVsbG8=', detail: 'high' } }),
    urlOf,
  );
  expect(request.messages[0]?.content).toMatchObject([{ image_url: { detail: 'high' } }]);
});

it.each(['data:image/tiff;base64,aGVsbG8=', 'data:image/png,hello', 'data:;base64,aGVsbG8='])(
  'refuses what has no name there: %s',
  (url) => {
    expect(() => moveMedia(asking({ type: 'image_url', image_url: url }), urlOf)).toThrow(
      /^Cannot put a file of a request into Cloud Storage: it must be base64 of a kind that the service reads/,
    );
  },
);
