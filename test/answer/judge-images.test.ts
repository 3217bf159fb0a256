import { expect, test } from 'vitest';
import { z } from 'zod';
import type { Media } from '../../src/completion/media.ts';
import { judgeImages } from '../../src/answer/judge-images.ts';
import { completion } from '../run/record/scripted-run.ts';

const schema = z.object({
  images: z.array(z.object({ path: z.string(), mimeType: z.string(), bytes: z.number().min(2) })).length(1),
  text: z.string().nullable(),
});

function picture(size: number, mimeType: string | undefined = 'image/png'): Media {
  return { kind: 'image', mimeType, bytes: () => new Uint8Array(size) } as unknown as Media;
}

function sink(): { index: number; saved: [string, number][]; save(path: string, bytes: Uint8Array): void } {
  const saved: [string, number][] = [];
  return { index: 41, saved, save: (path, bytes) => saved.push([path, bytes.length]) };
}

test('pictures are saved under the number of their row, and the schema sees where', async () => {
  const record = sink();
  const verdict = await judgeImages(completion({ content: 'A cat', media: [picture(4)] }), schema, record);
  expect(verdict).toMatchObject({
    status: 'valid',
    json: { images: [{ path: 'images/000041-1.png', mimeType: 'image/png', bytes: 4 }], text: 'A cat' },
  });
  expect(record.saved).toEqual([['images/000041-1.png', 4]]);
});

test('pictures of an answer that the schema refuses are not saved', async () => {
  const record = sink();
  const verdict = await judgeImages(completion({ media: [picture(4), picture(5)] }), schema, record);
  expect(verdict).toMatchObject({ status: 'invalid', code: 'schema_violation' });
  expect(record.saved).toEqual([]);
});

test('no type from outside becomes a part of a path', async () => {
  const record = sink();
  const odd = completion({ media: [picture(4, 'image/../../x')] });
  await judgeImages(odd, z.object({ images: z.array(z.unknown()), text: z.unknown() }), record);
  expect(record.saved).toEqual([['images/000041-1.bin', 4]]);
});

test('an answer without pictures says so, but a refusal or a cut-off says more', async () => {
  const judge = (given: object): ReturnType<typeof judgeImages> => judgeImages(completion(given), schema, sink());
  expect(await judge({ content: 'I have painted it' })).toMatchObject({
    code: 'empty_answer',
    reason: 'the answer holds no picture',
  });
  expect(await judge({ refusal: 'no' })).toMatchObject({ code: 'refusal' });
  expect(await judge({ content: undefined, finishReason: 'SAFETY' })).toMatchObject({ code: 'content_filter' });
});
