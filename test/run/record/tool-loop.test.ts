import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { ToolCall } from '../../../src/completion/tool-call.ts';
import { defineTool, type ToolResult } from '../../../src/extraction/define-tool.ts';
import { extractRecord } from '../../../src/run/record/extract-record.ts';
import { wireTools } from '../../../src/extraction/wire-tools.ts';
import { answerToolCalls } from '../../../src/run/record/tool-loop.ts';
import { completion, receipt, scriptRun } from './scripted-run.ts';

const priceOf = defineTool({
  name: 'price_of',
  description: 'The price of an article',
  parameters: z.object({ article: z.string(), quantity: z.int().optional() }),
  handler: ({ article }, { record }) => ({ article, price: 3, seen: Object.keys(record) }),
});

function returning(result: unknown): ReturnType<typeof defineTool> {
  return defineTool({
    name: 'give',
    description: 'Gives something',
    parameters: z.object({}),
    handler: () => result as ToolResult,
  });
}

function call(name: string, given: object | string, id = 'c1'): ToolCall {
  const text = typeof given === 'string' ? given : JSON.stringify(given);
  return { id, name, arguments: text, extraContent: undefined };
}

function calling(...toolCalls: ToolCall[]): ReturnType<typeof completion> {
  return completion({ content: undefined, finishReason: 'tool_calls', toolCalls });
}

const context = { record: { text: 'x' }, signal: new AbortController().signal };

/** What the model is told in answer to one call. */
async function answerTo(toolCall: ToolCall, tool = priceOf): Promise<unknown> {
  const [, answer] = await answerToolCalls(calling(toolCall), [tool], context);
  return JSON.parse(String(answer?.content));
}

test('a call is answered with what the handler gives, which sees the record', async () => {
  const messages = await answerToolCalls(calling(call('price_of', { article: 'pen' })), [priceOf], context);
  expect(messages).toEqual([
    {
      role: 'assistant',
      content: null,
      tool_calls: [{ id: 'c1', type: 'function', function: { name: 'price_of', arguments: '{"article":"pen"}' } }],
    },
    { role: 'tool', tool_call_id: 'c1', content: '{"article":"pen","price":3,"seen":["text"]}' },
  ]);
});

test('several calls of a turn are answered in their order, and thought signatures go back with it', async () => {
  const signature = { google: { thought_signature: 'sig' } };
  const turn = calling({ ...call('price_of', { article: 'a' }, '1'), extraContent: signature }, call('nope', {}, '2'));
  const [back, first, second] = await answerToolCalls(turn, [priceOf], context);
  expect(back).toMatchObject({ tool_calls: [{ id: '1', extra_content: signature }, { id: '2' }] });
  expect([first, second]).toMatchObject([{ tool_call_id: '1' }, { tool_call_id: '2' }]);
});

describe('a call that cannot be made is answered with what is wrong, so that the model can mend it', () => {
  test.each([
    ['an unknown function', call('cost_of', {}), { error: 'There is no function cost_of; there are price_of' }],
    ['broken arguments', call('price_of', '{"article"'), { error: 'The arguments are not valid JSON' }],
    ['no arguments', call('price_of', ''), { error: 'The arguments do not fit the function' }],
    [
      'arguments that do not fit',
      call('price_of', { article: 7 }),
      { issues: [{ path: 'article', message: expect.stringContaining('expected string') }] },
    ],
    [
      'digits that would be rounded',
      call('price_of', '{"article":"a","quantity":12345678901234567890}'),
      { error: expect.stringContaining('more digits than can be kept'), path: '/quantity' },
    ],
    [
      'a name with two values',
      call('price_of', '{"article":"a","article":"b"}'),
      { error: expect.stringContaining('stands twice'), path: '/article' },
    ],
  ])('%s', async (_name, toolCall, answer) => {
    expect(await answerTo(toolCall)).toMatchObject(answer);
  });
});

describe('what a handler gives', () => {
  test.each([
    ['nothing', undefined, null],
    ['text', 'x', 'x'],
    ['a date', { at: new Date(0) }, { at: '1970-01-01T00:00:00.000Z' }],
  ])('%s is written as JSON', async (_name, result, json) => {
    expect(await answerTo(call('give', {}), returning(result))).toEqual(json);
  });

  test.each([
    ['NaN', { price: Number.NaN }, 'NaN at /price'],
    ['a set', { tags: new Set() }, 'a Set at /tags'],
    ['a bigint', 1n, 'gave back what JSON cannot hold: a bigint'],
  ])('%s is told: the model would be told something else', async (_name, result, message) => {
    await expect(answerTo(call('give', {}), returning(result))).rejects.toThrow(message);
  });

  test('may be files beside it', async () => {
    const file = { mime_type: 'image/png', file_uri: 'gs://bucket/a.png' };
    const tool = returning({ content: 'see the file', files: [file] });
    const [, answer] = await answerToolCalls(calling(call('give', {})), [tool], context);
    expect(answer).toMatchObject({
      content: '"see the file"',
      extra_content: { google: { parts: [{ file_data: file }] } },
    });
  });
});

test('the tools of a request carry their names, descriptions and parameters', async () => {
  expect((await wireTools([priceOf])).map(({ wire }) => wire)).toMatchObject([
    {
      type: 'function',
      function: {
        name: 'price_of',
        description: 'The price of an article',
        parameters: { type: 'object', required: ['article'] },
      },
    },
  ]);
});

describe('a record with tools', () => {
  const asks = calling(call('price_of', { article: 'pen' }));

  test('goes on with the conversation until the answer comes; the calls of it are not wasted', async () => {
    const run = scriptRun({ tools: [priceOf], turns: [asks, asks, completion()] });
    await extractRecord(receipt, run.context);
    expect(run.settled.map(({ kind, outcome }) => [kind, outcome])).toEqual([
      ['first', 'tool_calls'],
      ['tool', 'tool_calls'],
      ['tool', 'extracted'],
    ]);
    expect(run.requests.map(({ messages }) => messages.length)).toEqual([2, 4, 6]);
  });

  test('keeps the rounds of tools in a re-ask, and the re-ask out of what follows', async () => {
    const turns = [asks, completion({ content: '{}' }), completion({ content: '[]' }), completion()];
    const run = scriptRun({ tools: [priceOf], turns, maxReasks: 2 });
    await extractRecord(receipt, run.context);
    expect(run.requests.map(({ messages }) => messages.length)).toEqual([2, 4, 6, 6]);
    expect(run.settled.map(({ kind }) => kind)).toEqual(['first', 'tool', 're-ask', 're-ask']);
  });

  test('is rejected when the model does not stop calling', async () => {
    const run = scriptRun({ tools: [priceOf], turns: [asks, asks, asks], maxToolRounds: 2 });
    await extractRecord(receipt, run.context);
    expect(run.outcomes).toMatchObject([
      {
        status: 'rejected',
        attempts: 3,
        reason: { code: 'too_many_tool_rounds', message: expect.stringContaining('after 2 rounds') },
      },
    ]);
    expect(run.settled.at(-1)).toMatchObject({ outcome: 'invalid', code: 'too_many_tool_rounds' });
  });

  test('is rejected when a handler fails, with what it said', async () => {
    const failing = defineTool({
      name: 'fail',
      description: 'Fails',
      parameters: z.object({}),
      handler: () => Promise.reject(new Error('the catalogue is closed')),
    });
    const run = scriptRun({ tools: [failing], turns: [calling(call('fail', {}))] });
    await extractRecord(receipt, run.context);
    expect(run.outcomes).toMatchObject([
      { reason: { code: 'tool_error', message: 'The handler of the tool fail failed: the catalogue is closed' } },
    ]);
  });

  test('whose model calls what nobody has offered is judged by its text', async () => {
    const run = scriptRun({ turns: [completion({ toolCalls: [call('price_of', {})] })] });
    await extractRecord(receipt, run.context);
    expect(run.outcomes).toMatchObject([{ status: 'extracted' }]);
  });
});

test('an argument that would be dropped beside one that is missing is sent back, a remark beside all of them is not', async () => {
  expect(await answerTo(call('price_of', { article: 'pen', amount: 3 }))).toEqual({
    error: 'There is no argument amount, and quantity is missing',
    path: 'amount',
  });
  expect(await answerTo(call('price_of', { article: 'pen', quantity: 3, why: 'asked' }))).toMatchObject({ price: 3 });
});
