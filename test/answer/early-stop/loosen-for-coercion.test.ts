import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { loosenForCoercion } from '../../../src/answer/early-stop/loosen-for-coercion.ts';
import { StreamCheck } from '../../../src/answer/early-stop/stream-check.ts';
import { streamSchema } from '../../../src/answer/early-stop/stream-schema.ts';
import { judgeText } from '../../../src/answer/judge-answer.ts';
import { deriveSchema } from '../../../src/schema/derive.ts';

const receipt = z.strictObject({
  company: z.string().max(20),
  total: z.number().max(1000),
  paid: z.boolean().optional(),
  kind: z.enum(['food', 'travel']).optional(),
  date: z.iso.date().optional(),
  tags: z
    .array(z.enum(['a', 'b']))
    .max(2)
    .optional(),
  shop: z.object({ id: z.int() }).nullish(),
});
const loosened = loosenForCoercion(streamSchema(receipt));

function firstFinding(text: string): unknown {
  const check = new StreamCheck(loosened);
  for (const character of text) {
    const finding = check.push(character);
    if (finding !== undefined) return finding;
  }
  return undefined;
}

describe('a stream is not left', () => {
  const good = '"company":"A"';
  test.each([
    `{${good},"total":"12.50"}`,
    `{${good},"total":"234.50","paid":"True"}`,
    `{${good},"total":3,"kind":"FOOD","tags":"a"}`,
    `{${good},"total":3,"tags":["A","b"],"date":"2025/3/9"}`,
    `{${good},"total":[3],"shop":"{\\"id\\":1}"}`,
    `{${good},"total":{"value":3},"shop":""}`,
    `{"Company":"A","Total":3}`,
    `{"receipt":{${good},"total":3}}`,
    `{"name":"save","arguments":{${good},"total":3}}`,
    `[{${good},"total":3}]`,
  ])('for what coercion takes: %s', async (text) => {
    const shape = { schema: (await deriveSchema(receipt)).schema };
    expect(await judgeText(text, receipt, shape)).toMatchObject({
      status: 'valid',
      coerced: expect.anything() as unknown,
    });
    expect(firstFinding(text)).toBeUndefined();
  });
});

test.each([
  ['a number for a text', '{"company":12,'],
  ['a text that is too long', `{"company":"${'x'.repeat(30)}`],
  ['a number that is too large', '{"company":"A","total":5000,'],
  ['a list that is too long', '{"company":"A","tags":["a","b","a"'],
])('a stream is left for %s, which nothing makes fit', (_name, text) => {
  expect(firstFinding(text)).toBeDefined();
});
