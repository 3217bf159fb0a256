import { describe, expect, it } from 'vitest';
import * as zod4 from 'zod';
import * as zod3 from 'zod3';
import { VERTEX_AI } from '../../src/completion/service.ts';
import { compileRecordTexts } from '../../src/evidence/record-texts.ts';
import { defineExtraction } from '../../src/extraction/define-extraction.ts';
import { compilePrompt } from '../../src/extraction/prompt.ts';
import { prepareExtraction } from '../../src/run/prepare-extraction.ts';
import { completion } from '../run/record/scripted-run.ts';

const schema = zod4.object({
  total: zod4.number(),
  day: zod4.string().transform((text) => new Date(text)),
});
const receipt = {
  name: 'receipt',
  model: 'google/gemini-3.5-flash-lite',
  schema,
  instructions: 'Extract the receipt.',
  prompt: '{{text}}',
};
const good = { record: { text: 'Total 5 on 1 May' }, answer: { total: 5, day: '2026-05-01' } };
const other = { record: { text: 'Total 7 on 2 May' }, answer: { total: 7, day: '2026-05-02' } };
const client = { service: { name: VERTEX_AI, isEmulated: false }, complete: () => Promise.resolve(completion()) };

describe('examples of a definition', () => {
  it('stand between instructions and record, as turns that went well', () => {
    const prompt = compilePrompt(defineExtraction({ ...receipt, examples: [good, other] }));
    expect(prompt.render({ text: 'Total 9' })).toEqual({
      ok: true,
      messages: [
        { role: 'system', content: 'Extract the receipt.' },
        { role: 'user', content: 'Total 5 on 1 May' },
        { role: 'assistant', content: '{"total":5,"day":"2026-05-01"}' },
        { role: 'user', content: 'Total 7 on 2 May' },
        { role: 'assistant', content: '{"total":7,"day":"2026-05-02"}' },
        { role: 'user', content: 'Total 9' },
      ],
    });
  });

  it.each([
    { given: 'two', message: '"examples" must be a list of { record, answer }, got a string' },
    { given: [5], message: '"examples[0]" must be an object with record and answer, got a number' },
    { given: [good, { record: {} }], message: '"examples[1].answer" must be the right answer for it, got nothing' },
    { given: [{ ...good, record: 'x' }], message: '"examples[0].record" must be the fields of a record, got a string' },
    { given: [{ ...good, answers: {} }], message: 'unknown option "examples[0].answers"; did you mean' },
    { given: [{ ...good, answer: { total: 5n, day: 'x' } }], message: '"examples[0].answer" must be JSON' },
    {
      given: [good, { ...good, answer: { total: 'five', day: '2026-05-01' } }],
      message: 'the schema refuses "examples[1].answer": total:',
    },
  ])('refuses $message', ({ given, message }) => {
    const define = () => defineExtraction({ ...receipt, examples: given as [] });
    expect(define).toThrow('Cannot define the extraction "receipt": ');
    expect(define).toThrow(message);
  });

  it('are checked by schemas of every generation', () => {
    const old = zod3.z.object({ total: zod3.z.number() });
    const define = (total: number) => () =>
      defineExtraction({ ...receipt, schema: old, examples: [{ record: { text: 'x' }, answer: { total } }] });
    expect(define(5)).not.toThrow();
    expect(define('5' as unknown as number)).toThrow('total');
  });

  it('are checked before a run where the schema takes its time', async () => {
    const slow = zod4.object({ total: zod4.number().refine((total) => Promise.resolve(total > 0), 'must be above 0') });
    const define = (total: number) =>
      defineExtraction({ ...receipt, schema: slow, examples: [{ record: { text: 'x' }, answer: { total } }] });
    await expect(prepareExtraction(define(-1), { client })).rejects.toThrow('total: must be above 0');
    await expect(prepareExtraction(define(1), { client })).resolves.toMatchObject({ model: receipt.model });
  });

  it('are refused before a run where the prompt does not fit them', () => {
    const definition = defineExtraction({ ...receipt, examples: [{ ...good, record: { txt: 'x' } }] });
    expect(() => compilePrompt(definition)).toThrow(
      'Cannot show examples[0] of the extraction receipt to a model: The record has no "text"',
    );
  });

  it('belong to the fingerprint of every record', async () => {
    const fingerprints = await Promise.all(
      [undefined, [good], [other], [good, other]].map(async (examples) => {
        const definition = defineExtraction({ ...receipt, ...(examples === undefined ? {} : { examples }) });
        const { prompt, fingerprint } = await prepareExtraction(definition, { client });
        const rendered = prompt.render({ text: 'Total 9' });
        return rendered.ok ? fingerprint(rendered.messages) : '';
      }),
    );
    expect(new Set(fingerprints).size).toBe(4);
  });

  it('are no evidence: what a record says stands in its own message', () => {
    const prompt = (record: { text?: unknown }) => `Receipt: ${String(record.text)}`;
    const definition = defineExtraction({ ...receipt, prompt, examples: [good] });
    const rendered = compilePrompt(definition).render({ text: 'Total 9' });
    const { texts } = compileRecordTexts(definition)({ text: 'Total 9' }, rendered.ok ? rendered.messages : []);
    expect(texts.map(({ text }) => text)).toEqual(['Total 9', 'Receipt: Total 9']);
  });
});
