import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { sourcesOf } from '../../src/eval/sources-of.ts';
import { defineExtraction } from '../../src/extraction/define-extraction.ts';
import { run } from '../../src/run/run.ts';
import { completion } from '../run/record/scripted-run.ts';
import { temporaryDirectory } from '../store/temporary-directory.ts';

const note = defineExtraction({
  name: 'note',
  model: 'google/gemini-3.5-flash-lite',
  schema: z.object({ word: z.string() }),
  instructions: 'Say the word.',
  prompt: '{{text}}',
  id: 'id',
});

test('sourcesOf() reads the records as the run did, and none of an input that is another by now', async () => {
  const directory = temporaryDirectory();
  const [input, out] = [join(directory, 'notes.txt'), join(directory, 'run')];
  writeFileSync(input, Buffer.from('id;text\n1;Äpfel\n2;Öl\n', 'latin1'));
  const client = { complete: () => Promise.resolve(completion({ content: '{"word":"x"}' })) };
  await run(note, { input, out, client, format: 'csv', delimiter: ';', encoding: 'windows-1252' });
  expect(await sourcesOf(out, new Set(['2']))).toEqual(new Map([['2', { id: '2', text: 'Öl' }]]));

  writeFileSync(input, Buffer.from('id;text\n1;Äpfel\n2;Essig\n', 'latin1'));
  expect(await sourcesOf(out, new Set(['2']))).toEqual(new Map());
});
