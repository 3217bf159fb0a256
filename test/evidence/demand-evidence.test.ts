import { expect, test } from 'vitest';
import { z } from 'zod';
import type { ChatRequest } from '../../src/completion/request.ts';
import { defineExtraction } from '../../src/extraction/define-extraction.ts';
import type { ExtractionOptions } from '../../src/extraction/definition.ts';
import { extract } from '../../src/run/extract.ts';
import { completion } from '../run/record/scripted-run.ts';

const schema = z.object({
  shop: z.string(),
  total: z.number().nullable(),
  kind: z.enum(['food', 'fuel']),
  items: z.array(z.object({ price: z.number() })).optional(),
});

/** Extracts one receipt from a model that gives these answers, one after the other. */
async function ask(answers: readonly object[], options: Partial<ExtractionOptions<typeof schema>> = {}) {
  const requests: ChatRequest[] = [];
  const receipt = defineExtraction({
    name: 'receipt',
    model: 'google/gemini-3.5-flash-lite',
    schema,
    instructions: 'Extract the receipt.',
    prompt: 'Receipt of 2031:\n{{text}}',
    requireEvidence: ['total', 'items[].price'],
    ...options,
  });
  const client = {
    async complete(request: ChatRequest) {
      requests.push(request);
      return completion({ content: JSON.stringify(answers[requests.length - 1]) });
    },
  };
  const records = [{ text: 'BLUE KETTLE\ntea 4.00\ncake 8.50\nTOTAL 12.50' }];
  for await (const outcome of extract(receipt, records as { text: string }[], { client })) return { outcome, requests };
  throw new Error('No outcome');
}

const right = { shop: 'Blue Kettle', total: 12.5, kind: 'food' };

test('an answer whose values stand in the record is taken at once, however they are written there', async () => {
  const { outcome, requests } = await ask([{ ...right, items: [{ price: 4 }, { price: 8.5 }] }]);
  expect([outcome.status, requests.length]).toEqual(['extracted', 1]);
});

test('what stands nowhere is sent back once, by name and value, and the next answer may be right', async () => {
  const { outcome, requests } = await ask([{ ...right, total: 21.5 }, right]);
  expect([outcome.status, requests.length]).toEqual(['extracted', 2]);
  expect(requests[1]?.messages.at(-1)?.content).toContain('/total: 21.5 does not stand in the record');
});

test('asked again in vain it is rejected as not_grounded, with places but no values in the message', async () => {
  const wrong = { ...right, total: 21.5, items: [{ price: 4 }, { price: 7.77 }] };
  const { outcome, requests } = await ask([wrong, wrong, right]);
  expect(requests).toHaveLength(2);
  if (outcome.status !== 'rejected') throw new Error('It was taken');
  expect(outcome.reason.code).toBe('not_grounded');
  expect(outcome.reason.message).toContain('/total, /items/1/price');
  expect(outcome.reason.message).not.toMatch(/21\.5|7\.77/);
  expect(outcome.reason.issues).toHaveLength(2);
});

test('neither the words of the template nor the instructions are evidence', async () => {
  const { outcome } = await ask([
    { ...right, total: 2031 },
    { ...right, total: 2031 },
  ]);
  expect(outcome.status).toBe('rejected');
});

test('null and fields that are not named demand nothing', async () => {
  const { outcome } = await ask([{ shop: 'Red Pot', total: null, kind: 'fuel' }], {
    requireEvidence: ['total'],
  });
  expect(outcome.status).toBe('extracted');
});

test('a name that is no field is refused before anything is sent, with the one that is meant', async () => {
  await expect(ask([right], { requireEvidence: ['totl'] })).rejects.toThrow(
    '"totl" is no field of its schema; did you mean "total"?',
  );
  await expect(ask([right], { requireEvidence: [] })).rejects.toThrow('must be a list of fields');
});

test('of a record with pictures nothing is demanded, as its values may stand there', async () => {
  const prompt = () => [
    { type: 'text' as const, text: 'What does it say?' },
    { type: 'image_url' as const, image_url: { url: 'data:image/png;base64,iVBORw0KGgo=' } },
  ];
  const { outcome } = await ask([{ ...right, total: 77 }], { prompt });
  expect(outcome.status).toBe('extracted');
});
