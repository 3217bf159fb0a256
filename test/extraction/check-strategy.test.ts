import { expect, test } from 'vitest';
import { z } from 'zod';
import { defineExtraction } from '../../src/extraction/define-extraction.ts';
import type { ExtractionOptions } from '../../src/extraction/definition.ts';
import { strategyIdentity } from '../../src/extraction/strategy-identity.ts';

const schema = z.object({ total: z.number() });
const define = (options: object) => () =>
  defineExtraction({
    name: 'receipt',
    schema,
    instructions: 'Extract the receipt.',
    prompt: '{{text}}',
    ...(options as Partial<ExtractionOptions<typeof schema>>),
  });

test.each<{ options: object; message: string }>([
  { options: { samples: 1 }, message: '"samples" must be a whole number from 2 to 8, got 1' },
  { options: { samples: '3' }, message: '"samples" must be a whole number from 2 to 8, got a string' },
  { options: { samples: { count: 9 } }, message: '"samples" must be a whole number from 2 to 8, got 9' },
  { options: { samples: { count: 3, apart: 'yes' } }, message: '"samples.apart" must be true or false, got a string' },
  { options: { samples: { cuont: 3 } }, message: 'unknown option "samples.cuont"' },
  { options: { samples: 3, request: { temperature: 0 } }, message: 'samples at temperature 0 are the same answer' },
  { options: { samples: 3, request: { modalities: ['image'] } }, message: 'pictures are not read with several calls' },
  { options: { samples: 3, variants: [{ model: 'a/b' }] }, message: 'both say how often a record is read; keep one' },
  { options: { variants: [] }, message: '"variants" must be a list of 1 to 7 further readings, got 0 of them' },
  { options: { variants: [{}] }, message: '"variants[0]" is no other reading' },
  { options: { variants: [{ model: 'gemini' }] }, message: '"variants[0].model" must name publisher and model' },
  { options: { variants: [{ instructions: ' ' }] }, message: '"variants[0].instructions" must be text' },
  { options: { variants: [{ request: { temperature: 9 } }] }, message: 'temperature' },
])('refuses $message', ({ options, message }) => {
  expect(define(options)).toThrow('Cannot define the extraction "receipt": ');
  expect(define(options)).toThrow(message);
});

test('takes what goes together', () => {
  for (const options of [
    { samples: 3 },
    { samples: { count: 5, apart: true }, request: { temperature: 0.7 } },
    { variants: [{ model: 'google/other' }, { instructions: 'Backwards.' }, { request: { temperature: 1 } }] },
  ]) {
    expect(define(options)).not.toThrow();
  }
});

test('how often a record is read decides its answers; in how many calls does not', () => {
  expect(strategyIdentity({})).toBeUndefined();
  expect(strategyIdentity({ samples: 3 })).toEqual(strategyIdentity({ samples: { count: 3, apart: true } }));
  expect(strategyIdentity({ samples: 3 })).not.toEqual(strategyIdentity({ samples: 4 }));
});
