import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { defineExtraction } from '../../src/extraction/define-extraction.ts';
import { previewRecords, type PreviewOptions } from '../../src/preview/preview-records.ts';

const note = defineExtraction({
  name: 'note',
  model: 'google/gemini-3.5-flash-lite',
  schema: z.object({ person: z.string() }),
  instructions: 'Find the person.',
  prompt: 'Note: {{text}}',
  id: 'id',
  request: { maxTokens: 100 },
});

const client = { service: { name: 'aiplatform.googleapis.com', isEmulated: false } };

function previews(text: string, options: Partial<PreviewOptions> = {}) {
  const input = join(mkdtempSync(join(tmpdir(), 'preview-')), 'notes.csv');
  writeFileSync(input, text);
  return previewRecords(note, { input, client, ...options });
}

test('a preview is the request that a run would send, with its size and the worst case', async () => {
  const [preview] = await previews('id,text\na,Anna was here\nb,Ben\n');
  expect(preview).toMatchObject({
    id: 'a',
    line: 2,
    request: {
      model: 'google/gemini-3.5-flash-lite',
      max_tokens: 100,
      messages: [
        { role: 'system', content: 'Find the person.' },
        { role: 'user', content: 'Note: Anna was here' },
      ],
    },
  });
  const { promptTokens = 0, atMost } = preview ?? {};
  expect(promptTokens).toBeGreaterThan(10);
  expect(atMost?.tokens).toBeGreaterThan(promptTokens + 100);
  expect(atMost?.usd).toBeGreaterThan(0);
});

test('a price of one own counts, and an unknown one is unknown', async () => {
  const [unknown] = await previews('id,text\na,b\n', { model: 'acme/own' });
  expect(unknown?.atMost?.usd).toBeNull();
  const prices = [{ model: 'acme/own', usdPer1MTokens: { input: 0, output: 10_000 } }];
  const [priced] = await previews('id,text\na,b\n', { model: 'acme/own', prices });
  expect(priced?.atMost?.usd).toBe(1);
});

test('a record that cannot be asked for says why, and one that is not there is refused', async () => {
  const text = 'id,text\n,nobody\nb,Ben,too many\n';
  expect(await previews(text, { choice: { kind: 'sample', size: 5 } })).toEqual([
    expect.objectContaining({ id: null, line: 2, problem: 'No id in column "id": it is empty' }),
    expect.objectContaining({ id: null, line: 3, problem: expect.stringContaining('3') }),
  ]);
  await expect(previews(text, { choice: { kind: 'id', id: 'c' } })).rejects.toThrow('no record has that id');
  await expect(previews('id,txt\na,b\n')).rejects.toThrow('did you mean {{txt}}?');
});
