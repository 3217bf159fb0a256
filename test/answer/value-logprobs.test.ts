import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { judgeAnswer } from '../../src/answer/judge-answer.ts';
import { valueLogprobs, withLogprobs } from '../../src/answer/value-logprobs.ts';
import { readCompletion, type Completion } from '../../src/completion/response.ts';
import { leafSpans } from '../../src/json/leaf-spans.ts';
import { z } from 'zod';

interface Token {
  token: string;
  logprob: number;
  bytes?: number[] | null;
}

/** An answer as vLLM and llama.cpp give it. */
function answer(content: string, tokens: readonly Token[]): Completion {
  const choice = {
    finish_reason: 'stop',
    index: 0,
    message: { role: 'assistant', content },
    logprobs: { content: tokens },
  };
  const completion = readCompletion({ object: 'chat.completion', choices: [choice] });
  if (completion === undefined) throw new Error('not read');
  return completion;
}

const tokensOf = (...given: readonly (readonly [string, number])[]): Token[] =>
  given.map(([token, logprob]) => ({ token, logprob, bytes: [...Buffer.from(token)] }));

test('a value has the mean of the tokens that it is written with, those that reach beyond it included', () => {
  const tokens = tokensOf(['{"total', -0.1], ['":', -0.2], ['12', -1], ['.5', -2], [',"paid":', -9], ['true}', -4]);
  expect(valueLogprobs(answer('{"total":12.5,"paid":true}', tokens))).toEqual({ '/total': -1.5, '/paid': -4 });
});

test('thoughts before the answer and the sign of an end after it belong to no value', () => {
  const tokens = tokensOf(
    ['<think>total 7?', -5],
    ['</think>', -5],
    ['{"total":', 0],
    ['7', -0.25],
    ['}', 0],
    ['<|end|>', -3],
  );
  expect(valueLogprobs(answer('{"total":7}', tokens))).toEqual({ '/total': -0.25 });
});

test('a character may be of several tokens, whose bytes say so', () => {
  const [first = 0, ...rest] = Buffer.from('€');
  const tokens: Token[] = [
    ...tokensOf(['{"price":"', 0]),
    { token: '�', logprob: -1, bytes: [first] },
    { token: '�', logprob: -3, bytes: rest },
    ...tokensOf(['","n":', 0], ['1', -0.5], ['}', 0]),
  ];
  expect(valueLogprobs(answer('{"price":"€","n":1}', tokens))).toEqual({ '/price': -2, '/n': -0.5 });
});

test('a server that sends no bytes is read by its texts', () => {
  const tokens = [
    { token: '{"n":', logprob: 0, bytes: null },
    { token: '1}', logprob: -0.5 },
  ];
  expect(valueLogprobs(answer('{"n":1}', tokens))).toEqual({ '/n': -0.5 });
});

test.each([
  ['tokens that say something else', '{"n":1}', tokensOf(['{"n":', 0], ['2}', 0])],
  ['no tokens', '{"n":1}', []],
  ['a token without its probability', '{"n":1}', [{ token: '{"n":1}' } as Token]],
  ['notation that had to be mended', "{'n':1}", tokensOf(["{'n':1}", 0])],
  ['two objects', '{"n":1} {"n":2}', tokensOf(['{"n":1} {"n":2}', 0])],
])('nothing is said of %s', (_, content, tokens) => {
  expect(valueLogprobs(answer(content, tokens))).toBeUndefined();
});

test('what was read in another place than it was written has none', async () => {
  const completion = answer('{"Total":"7","name":"a"}', tokensOf(['{"Total":"7",', -1], ['"name":"a"}', -2]));
  const schema = z.object({ total: z.number(), name: z.string() });
  const shape = {
    type: 'object',
    properties: { total: { type: 'number' }, name: { type: 'string' } },
    required: ['total', 'name'],
  };
  const verdict = withLogprobs(await judgeAnswer(completion, schema, { schema: shape }), completion);
  expect(verdict).toMatchObject({ status: 'valid', data: { total: 7, name: 'a' }, logprobs: { '/name': -2 } });
  expect(verdict).not.toHaveProperty(['logprobs', '/total']);
});

describe('a member of an enum has the log probability of having been chosen', () => {
  const shape = {
    type: 'object',
    properties: {
      kind: { anyOf: [{ type: 'string', enum: ['food', 'food and drink', 'travel', 'train'] }, { type: 'null' }] },
      rows: { type: 'array', items: { type: 'object', properties: { unit: { $ref: '#/$defs/unit' } } } },
      only: { const: 'receipt' },
    },
    $defs: { unit: { enum: ['kg', 'piece'] } },
  };

  test.each<{ name: string; tokens: Token[]; told: Record<string, number> }>([
    {
      name: 'of the tokens up to the one that tells it from the others',
      tokens: tokensOf(['{"kind":"', -9], ['tr', -0.5], ['avel', -0.25], ['ling', -8], ['"}', -9]),
      told: {},
    },
    {
      name: 'what comes after those is no choice',
      tokens: tokensOf(['{"kind":"', -9], ['t', -0.5], ['ra', -0.25], ['v', -0.125], ['el', -8], ['"}', -9]),
      told: { '/kind': -0.875 },
    },
    {
      name: 'and the end of it, where another begins like it',
      tokens: tokensOf(['{"kind":"', -9], ['food', -0.5], ['"', -0.25], ['}', -9]),
      told: { '/kind': -0.75 },
    },
    {
      name: 'in a list, behind a reference',
      tokens: tokensOf(['{"rows":[{"unit":"', -9], ['p', -0.5], ['iece', -4], ['"}]}', -9]),
      told: { '/rows/0/unit': -0.5 },
    },
    {
      name: 'but not null, nor what has no other',
      tokens: tokensOf(['{"kind":', -9], ['null', -0.5], [',"only":"', -9], ['re', -1], ['ceipt', -2], ['"}', -9]),
      told: { '/kind': -0.5, '/only': -1.5 },
    },
  ])('$name', ({ tokens, told }) => {
    const content = tokens.map(({ token }) => token).join('');
    const found = valueLogprobs(answer(content, tokens), shape);
    expect(found).toEqual(content.includes('ling') ? valueLogprobs(answer(content, tokens)) : told);
  });

  test('on the way that a record takes', async () => {
    const tokens = tokensOf(['{"kind":"', -9], ['t', -0.5], ['ravel', -4], ['"}', -9]);
    const completion = answer('{"kind":"travel"}', tokens);
    const schema = z.object({ kind: z.enum(['food', 'travel']) });
    const own = { type: 'object', properties: { kind: { enum: ['food', 'travel'] } }, required: ['kind'] };
    const verdict = withLogprobs(await judgeAnswer(completion, schema, { schema: own }), completion, own);
    expect(verdict).toMatchObject({ status: 'valid', logprobs: { '/kind': -0.5 } });
  });
});

test('however an answer is cut into tokens, each value has the mean of those that touch it', () => {
  const object = fc.dictionary(
    fc.string({ maxLength: 4 }),
    fc.oneof(fc.string({ unit: 'grapheme', maxLength: 8 }), fc.double(), fc.array(fc.boolean())),
  );
  fc.assert(
    fc.property(object, fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1 }), (given, sizes) => {
      const content = JSON.stringify(given);
      const bytes = Buffer.from(content);
      const tokens: Token[] = [];
      const bounds: [number, number][] = [];
      for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
        const end = Math.min(bytes.length, at + (sizes[turn % sizes.length] ?? 1));
        tokens.push({ token: '?', logprob: -(turn % 7), bytes: [...bytes.subarray(at, end)] });
        bounds.push([at, end]);
        at = end;
      }
      const expected = leafSpans(content).map(({ path, start, end }) => {
        const [from, to] = [Buffer.byteLength(content.slice(0, start)), Buffer.byteLength(content.slice(0, end))];
        const touching = tokens.filter((_, at) => (bounds[at]?.[0] ?? 0) < to && (bounds[at]?.[1] ?? 0) > from);
        return [path, touching.reduce((sum, { logprob }) => sum + logprob, 0) / touching.length] as const;
      });
      const found = valueLogprobs(answer(content, tokens)) ?? {};
      expect(Object.keys(found).length).toBe(new Set(expected.map(([path]) => path)).size);
      for (const [path, mean] of expected) expect(found[path]).toBeCloseTo(mean, 3);
    }),
  );
});
