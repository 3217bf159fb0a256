import { expect, test } from 'vitest';
import { readChoices } from '../../src/completion/read-choices.ts';
import { readCompletion, type Completion } from '../../src/completion/response.ts';

function bodyOf(...contents: string[]) {
  return {
    object: 'chat.completion',
    model: 'google/gemini-test',
    choices: contents.map((content, index) => ({
      index,
      finish_reason: 'stop',
      message: { role: 'assistant', content },
    })),
    usage: { prompt_tokens: 10, completion_tokens: 6, total_tokens: 16 },
  };
}

function read(...given: Parameters<typeof readCompletion>): Completion {
  const completion = readCompletion(...given);
  if (completion === undefined) throw new Error('That is no completion');
  return completion;
}

test('each choice is an answer, and the first tells what all of them cost', () => {
  const completion = read(bodyOf('a', '<t>hm</t>b', 'c'), { thoughtTagMarker: 't' });
  const choices = readChoices(completion, { thoughtTagMarker: 't' });
  expect(choices.map(({ content, thoughts, usage }) => [content, thoughts, usage?.total])).toEqual([
    ['a', undefined, 16],
    ['b', 'hm', undefined],
    ['c', undefined, undefined],
  ]);
});

test('one choice is the answer itself', () => {
  const completion = read(bodyOf('a'));
  expect(readChoices(completion)).toEqual([completion]);
});
