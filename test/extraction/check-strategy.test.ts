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
  { options: { chunk: 8000 }, message: '"chunk" must be an object such as { chars: 8000, overlap: 400 }' },
  { options: { chunk: {} }, message: '"chunk.chars" must be a whole number of at least 100, got nothing' },
  {
    options: { chunk: { chars: 1000, overlap: 600 } },
    message: '"chunk.overlap" must be a whole number from 0 to 500',
  },
  { options: { chunk: { chars: 1000, at: 'page' } }, message: '"chunk.at" must be one of paragraph, line, sentence' },
  { options: { chunk: { chars: 1000, merge: 'vote' } }, message: '"chunk.merge" must be' },
  {
    options: { chunk: { chars: 1000, passes: 2 }, request: { temperature: 0 } },
    message: 'a further pass at temperature 0',
  },
  {
    options: { chunk: { chars: 1000, field: 'txt' } },
    message: '"chunk.field" is "txt", a column that its prompt does not use; did you mean "text"?',
  },
  {
    options: { chunk: { chars: 1000, field: 'text' }, prompt: 'Say something.' },
    message: '"chunk.field" is "text", a column that its prompt does not use; it uses none',
  },
  { options: { cascade: 'google/strong' }, message: '"cascade" must be an object such as' },
  { options: { cascade: {} }, message: '"cascade.strong" must name publisher and model' },
  { options: { cascade: { strong: 'a/b', when: ['odd'] } }, message: '"cascade.when" must be a list of invalid' },
  { options: { cascade: { strong: 'a/b', when: ['disagree'] } }, message: 'one reading cannot disagree with itself' },
  { options: { cascade: { strong: 'a/b', agree: 1 } }, message: '"cascade.agree" must be above 0 and below 1, got 1' },
  { options: { cascade: { strong: 'a/b', delta: 0.1 } }, message: '"cascade.delta" says how a promise is kept' },
  {
    options: {
      cascade: { strong: 'a/b', calibration: { model: { score: 'evidence', steps: [{ from: 0, right: 1 }] } } },
    },
    message: '"cascade.calibration" makes the score of a promise',
  },
  {
    options: { cascade: { strong: 'a/b', agree: 0.9, calibration: 'runs/first/calibration.json' } },
    message: '"cascade.calibration" must be what gleaner eval wrote as calibration.json, got a string',
  },
  {
    options: {
      cascade: { strong: 'a/b', agree: 0.9, calibration: { model: { features: [{ name: 'x' }], intercept: 0 } } },
    },
    message: '"cascade.calibration" must be what gleaner eval wrote',
  },
  { options: { cascade: { strong: 'a/b', keep: 1 } }, message: '"cascade.keep" says how a promise is kept' },
  { options: { cascade: { strong: 'a/b', agree: 0.9, drift: 0.1 } }, message: 'give "cascade.keep"' },
  { options: { cascade: { strong: 'a/b', agree: 0.9, keep: '1' } }, message: '"cascade.keep" must be the threshold' },
  {
    options: { cascade: { strong: 'a/b', agree: 0.9, keep: 1, drift: 5 } },
    message: '"cascade.drift" must be above 0 and below 1, got 5',
  },
  {
    options: { cascade: { strong: 'a/b', agree: 0.9, keep: 1, calibrate: 100 } },
    message: '"cascade.calibrate" finds a threshold, and "cascade.keep" is one',
  },
  {
    options: { cascade: { strong: 'a/b', agree: 0.9, calibrate: 0 } },
    message: '"cascade.calibrate" must be a whole number of at least 1, got 0',
  },
  {
    options: { cascade: { strong: 'a/b', agree: 0.9, keep: 99 } },
    message: '"cascade.keep" must be the threshold of an earlier run, from 0 to 1, got 99',
  },
  { options: { cascade: { strong: 'a/b', agree: 0.9, keep: -0.1 } }, message: 'from 0 to 1, got -0.1' },
  {
    options: { cascade: { strong: 'a/b', agree: 0.9, keep: -1 }, samples: 3 },
    message: 'above -1 and at most 1, got -1',
  },
  { options: { requireEvidence: [] }, message: "such as ['total', 'items[].price'], got an empty list" },
  { options: { request: { logprobs: 5 } }, message: '"request.logprobs" must be true or false, got 5' },
  { options: { cascade: { strong: { model: 'x' } } }, message: '"cascade.strong.model" must name publisher' },
])('refuses $message', ({ options, message }) => {
  expect(define(options)).toThrow('Cannot define the extraction "receipt": ');
  expect(define(options)).toThrow(message);
});

test('takes what goes together', () => {
  for (const options of [
    { samples: 3 },
    { chunk: { chars: 1000 }, samples: 3, cascade: { strong: 'a/b', agree: 0.9 } },
    { cascade: { strong: 'a/b', agree: 0.9, keep: -0.5 }, samples: 3 },
    { cascade: { strong: 'a/b', agree: 0.9, keep: 0, drift: 0.1 } },
    { chunk: { chars: 1000, field: 'text' }, prompt: '{{title}} {{ text? }}' },
    { chunk: { chars: 1000, field: 'any' }, prompt: () => 'text' },
    { samples: { count: 5, apart: true }, request: { temperature: 0.7 } },
    { cascade: { strong: 'a/b', agree: 0.95, delta: 0.05, calibrate: 200, fields: ['total'] }, samples: 3 },
    { chunk: { chars: 8000, at: 'sentence', overlap: 400, context: 200, passes: 2, merge: 'ask', field: 'text' } },
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

test('the fit of a calibration decides answers; what was measured of it does not', () => {
  const model = { score: 'evidence', steps: [{ from: 0, right: 0.5 }] };
  const of = (calibration: object) =>
    strategyIdentity({ cascade: { strong: 'a/b', agree: 0.9, calibration: calibration as { model: typeof model } } });
  expect(of({ model, auroc: 0.7 })).toEqual(of({ model, auroc: 0.8 }));
  expect(of({ model })).not.toEqual(of({ model: { ...model, score: 'agreement' } }));
});
