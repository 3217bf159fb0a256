import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import type { ChatRequest } from '../../src/completion/request.ts';
import { defineExtraction } from '../../src/extraction/define-extraction.ts';
import { run } from '../../src/run/run.ts';
import { completion } from '../run/record/scripted-run.ts';
import { temporaryDirectory } from '../store/temporary-directory.ts';

test('where evidence is demanded later on, only what does not stand in its record is asked for anew', async () => {
  const definition = {
    name: 'receipt',
    model: 'google/gemini-3.5-flash-lite',
    schema: z.object({ total: z.number() }),
    instructions: 'Extract the receipt.',
    prompt: '{{text}}',
    id: 'id',
  };
  const asked: string[] = [];
  const client = (
    answers: Readonly<Record<string, number>>,
  ): { complete(request: ChatRequest): ReturnType<typeof answer> } => {
    const answer = async (request: ChatRequest) => {
      const text = String(request.messages.at(-1)?.content);
      asked.push(text);
      return completion({ content: JSON.stringify({ total: answers[text] ?? 0 }) });
    };
    return { complete: answer };
  };
  const input = [
    { id: 'a', text: 'TOTAL 5.00' },
    { id: 'b', text: 'TOTAL 6.00' },
  ];
  const out = join(temporaryDirectory(), 'run');
  const before = await run(defineExtraction(definition), {
    input,
    out,
    client: client({ 'TOTAL 5.00': 5, 'TOTAL 6.00': 66 }),
  });
  expect([before.records.extracted, asked.length]).toEqual([2, 2]);

  asked.length = 0;
  const strict = defineExtraction({ ...definition, requireEvidence: ['total'] });
  const right = client({ 'TOTAL 6.00': 6 });
  await expect(run(strict, { input, out, client: right })).rejects.toThrow('the requireEvidence is ["total"] now');
  const after = await run(strict, { input, out, client: right, acceptChanges: true });
  expect([after.records.extracted, after.records.reused, asked]).toEqual([2, 1, ['TOTAL 6.00']]);
});
