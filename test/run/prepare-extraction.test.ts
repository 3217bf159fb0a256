import { expect, test } from 'vitest';
import { z } from 'zod';
import { defineExtraction } from '../../src/extraction/define-extraction.ts';
import type { CascadeOption } from '../../src/extraction/definition.ts';
import { prepareExtraction } from '../../src/run/prepare-extraction.ts';

const prepare = (cascade: CascadeOption, model?: string) =>
  prepareExtraction(
    defineExtraction({
      name: 'receipt',
      schema: z.object({ total: z.number() }),
      instructions: 'Extract.',
      prompt: '{{text}}',
      cascade,
    }),
    { client: {}, ...(model === undefined ? {} : { model }) },
  );

test('the model that a cascade names for the cheap answers is the model of the extraction, where that names none', async () => {
  const cascade = { model: 'google/gemini-2.5-flash', strong: 'google/gemini-3.5-flash' };
  expect((await prepare(cascade)).model).toBe('google/gemini-2.5-flash');
  expect((await prepare(cascade, 'google/gemini-3.5-flash-lite')).model).toBe('google/gemini-3.5-flash-lite');
  await expect(prepare({ strong: 'google/gemini-3.5-flash' })).rejects.toThrow('no model is named');
});
