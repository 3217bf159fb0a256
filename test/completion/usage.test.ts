import { expect, test } from 'vitest';
import { readUsage } from '../../src/completion/usage.ts';

test.each([-1, 1.5, 1e12 + 1, 2 ** 52, 2 ** 60, Number.MAX_VALUE, '7', null])(
  'readUsage takes a count of %j as absent',
  (count) => {
    expect(readUsage({ prompt_tokens: count, completion_tokens: 5, total_tokens: count })).toEqual({
      prompt: 0,
      cached: 0,
      completion: 5,
      reasoning: 0,
      total: 5,
    });
  },
);

test.each([
  {
    name: 'thinking beside completion, as Vertex AI counts',
    usage: {
      prompt_tokens: 27,
      completion_tokens: 45,
      total_tokens: 576,
      completion_tokens_details: { reasoning_tokens: 504 },
    },
    read: { prompt: 27, completion: 45, reasoning: 504, total: 576 },
  },
  {
    name: 'thinking within completion, as OpenAI and gateways count',
    usage: {
      prompt_tokens: 100,
      completion_tokens: 1000,
      total_tokens: 1100,
      completion_tokens_details: { reasoning_tokens: 900 },
    },
    read: { prompt: 100, completion: 100, reasoning: 900, total: 1100 },
  },
  {
    name: 'thinking that only the total tells of',
    usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 40 },
    read: { prompt: 10, completion: 5, reasoning: 25, total: 40 },
  },
  {
    name: 'thinking that took the whole cap',
    usage: { prompt_tokens: 10, total_tokens: 110, completion_tokens_details: { reasoning_tokens: 100 } },
    read: { prompt: 10, completion: 0, reasoning: 100, total: 110 },
  },
  {
    name: 'more thinking than the completion it is said to be part of',
    usage: {
      prompt_tokens: 10,
      completion_tokens: 5,
      total_tokens: 15,
      completion_tokens_details: { reasoning_tokens: 9 },
    },
    read: { prompt: 10, completion: 0, reasoning: 5, total: 15 },
  },
  {
    name: 'a total below its parts',
    usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 0 },
    read: { prompt: 10, completion: 5, reasoning: 0, total: 15 },
  },
])('readUsage reads $name, and the parts make the total', ({ usage, read }) => {
  expect(readUsage(usage)).toEqual({ cached: 0, ...read });
  expect(read.prompt + read.completion + read.reasoning).toBe(read.total);
});
