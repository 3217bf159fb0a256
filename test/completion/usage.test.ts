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
