import { expect, test } from 'vitest';
import { checkRequest } from '../../src/completion/check-request.ts';
import type { AssistantMessage, ChatMessage, ChatRequest, GoogleOptions } from '../../src/completion/request.ts';

function request(model: string, settings: Partial<ChatRequest> = {}): ChatRequest {
  return { model: `google/${model}`, messages: [{ role: 'user', content: 'Hello' }], ...settings };
}

function thinking(
  config: NonNullable<GoogleOptions['thinking_config']>,
  more: GoogleOptions = {},
): Partial<ChatRequest> {
  return { extra_body: { google: { thinking_config: config, ...more } } };
}

const budget = 'extra_body.google.thinking_config.thinking_budget';
const level = 'extra_body.google.thinking_config.thinking_level';

const refused: { name: string; request: ChatRequest; parameter: string }[] = [
  { name: 'two answers', request: request('gemini-3.8-flash', { n: 2 }), parameter: 'n' },
  { name: 'nine answers', request: request('gemini-3.1-pro-preview', { n: 9 }), parameter: 'n' },
  {
    name: 'a frequency penalty',
    request: request('gemini-3.8-flash', { frequency_penalty: 1 }),
    parameter: 'frequency_penalty',
  },
  {
    name: 'a presence penalty',
    request: request('gemini-3.8-flash-001', { presence_penalty: 1 }),
    parameter: 'presence_penalty',
  },
  {
    name: 'MINIMAL thinking',
    request: request('gemini-3.8-flash', thinking({ thinking_level: 'MINIMAL' })),
    parameter: level,
  },
  {
    name: 'minimal effort',
    request: request('gemini-3.8-flash', { reasoning_effort: 'minimal' }),
    parameter: 'reasoning_effort',
  },
  {
    name: 'a level the model lacks',
    request: request('gemini-4-argon', thinking({ thinking_level: 'xhigh' })),
    parameter: level,
  },
  {
    name: 'a budget for a model of levels',
    request: request('gemini-4-argon', thinking({ thinking_budget: 100 })),
    parameter: budget,
  },
  {
    name: 'too large a budget',
    request: request('gemini-2.5-flash', thinking({ thinking_budget: 24_577 })),
    parameter: budget,
  },
  {
    name: 'too small a budget',
    request: request('gemini-2.5-pro', thinking({ thinking_budget: 127 })),
    parameter: budget,
  },
  {
    name: 'thinking off where it cannot be',
    request: request('gemini-2.5-pro', thinking({ thinking_budget: 0 })),
    parameter: budget,
  },
  {
    name: 'effort beside a thinking config, for any model of Google',
    request: request('gemini-9-unheard-of', { reasoning_effort: 'low', ...thinking({ thinking_budget: 1 }) }),
    parameter: 'reasoning_effort',
  },
  {
    name: 'a conversation that ends with the model',
    request: request('gemini-3.8-flash', {
      messages: [
        { role: 'user', content: 'a' },
        { role: 'assistant', content: '{' },
      ],
    }),
    parameter: 'messages',
  },
];

test.each(refused)('checkRequest refuses $name', ({ request, parameter }) => {
  expect(checkRequest(request)).toMatchObject([{ severity: 'error', parameter, message: expect.any(String) }]);
});

test.each([
  request('gemini-3.8-flash', { n: 1, reasoning_effort: 'low', max_tokens: 10 }),
  request('gemini-3.8-flash', thinking({ thinking_level: 'HIGH' })),
  request('gemini-3.8-flash', { reasoning_effort: 'none' }),
  request('gemini-3.8-flash-cyber', { n: 2 }),
  request('gemini-3.1-pro-preview', { n: 8 }),
  request('gemini-3.5-flash', { frequency_penalty: 1, reasoning_effort: 'minimal' }),
  request('gemini-4-hydrogen', thinking({ thinking_level: 'xhigh' })),
  ...[-1, 0, 1, 24_576].map((tokens) => request('gemini-2.5-flash', thinking({ thinking_budget: tokens }))),
  ...[-1, 128, 32_768].map((tokens) => request('gemini-2.5-pro', thinking({ thinking_budget: tokens }))),
  request('gemini-9-unheard-of', { n: 99, presence_penalty: 1, ...thinking({ thinking_budget: 10 ** 6 }) }),
  request('gemini-3.5-flash', thinking({ include_thoughts: true }, { thought_tag_marker: 'think' })),
  { model: 'meta/llama-4-scout', messages: [], n: 99, reasoning_effort: 'minimal', ...thinking({}) } as ChatRequest,
  { messages: [{ role: 'assistant', content: 'x' }], n: 99 } as ChatRequest,
])('checkRequest has nothing against %j', (request) => {
  expect(checkRequest(request)).toEqual([]);
});

test('checkRequest warns of what has no effect or a bad one', () => {
  const severities = (request: ChatRequest) =>
    checkRequest(request).map(({ severity, parameter }) => [severity, parameter]);
  expect(severities(request('gemini-3.8-flash', { temperature: 0, top_p: 1 }))).toEqual([
    ['warning', 'temperature'],
    ['warning', 'top_p'],
  ]);
  expect(severities(request('gemini-2.5-flash', thinking({ include_thoughts: true })))).toEqual([
    ['warning', 'extra_body.google.thinking_config.include_thoughts'],
  ]);
});

function calling(signature: string | undefined, content?: string): AssistantMessage {
  return {
    role: 'assistant',
    ...(content === undefined ? {} : { content }),
    tool_calls: [
      {
        id: 'a',
        type: 'function',
        function: { name: 'get_tide', arguments: '{}' },
        ...(signature === undefined ? {} : { extra_content: { google: { thought_signature: signature } } }),
      },
    ],
  };
}

const question: ChatMessage = { role: 'user', content: 'How high is the tide?' };
const result: ChatMessage = { role: 'tool', tool_call_id: 'a', content: '{"metres":2}' };

test('checkRequest wants the signature of a call of the present turn, of models that demand it', () => {
  const problems = (model: string, messages: ChatMessage[]) => checkRequest(request(model, { messages }));
  expect(problems('gemini-3.1-pro-preview', [question, calling(undefined), result])).toMatchObject([
    { severity: 'error', parameter: 'messages[1].tool_calls[0]' },
  ]);
  expect(problems('gemini-3.1-pro-preview', [question, calling('c2ln'), result])).toEqual([]);
  expect(problems('gemini-3.1-pro-preview', [question, calling(undefined), result, question])).toEqual([]);
  expect(problems('gemini-2.5-flash', [question, calling(undefined), result])).toEqual([]);
});

test('checkRequest refuses text beside tool calls where the model does', () => {
  const problems = (model: string, content: string) =>
    checkRequest(request(model, { messages: [question, calling('c2ln', content), result] }));
  expect(problems('gemini-3.6-flash', 'Let me see.')).toMatchObject([{ parameter: 'messages[1].content' }]);
  expect(problems('gemini-3.6-flash', '')).toEqual([]);
  expect(problems('gemini-3.5-flash', 'Let me see.')).toEqual([]);
});

test('log probabilities are asked of a model of Google in vain, and of others are not judged', () => {
  expect(checkRequest(request('gemini-3.5-flash', { logprobs: true }))).toMatchObject([
    { severity: 'warning', parameter: 'logprobs' },
  ]);
  expect(checkRequest({ ...request('any', { logprobs: true }), model: 'meta/llama' })).toEqual([]);
});
