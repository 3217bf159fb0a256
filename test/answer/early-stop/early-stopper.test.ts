import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EarlyStopper, type AnswerWatchOptions, type EarlyEnd } from '../../../src/answer/early-stop/early-stopper.ts';

const schema = {
  type: 'object',
  properties: { total: { type: 'number' }, items: { type: 'array' }, text: { type: 'string' } },
  required: ['total'],
};

function watch(text: string, options: { pieceLength?: number } & Partial<AnswerWatchOptions> = {}) {
  const { pieceLength = 50, ...rest } = options;
  const answer = new EarlyStopper({ schema, ...rest });
  let end: EarlyEnd | undefined;
  for (let start = 0; start < text.length && end === undefined; start += pieceLength) {
    end = answer.push({ type: 'text-delta', text: text.slice(start, start + pieceLength) });
  }
  return { end, text: answer.text };
}

test('a good answer is read to its end', () => {
  const text = '{"total": 1, "text": "a"}\n';
  expect(watch(text, { pieceLength: 3 })).toEqual({ end: undefined, text });
});

test('a wrong type ends the answer, with the issue and what to do', () => {
  const { end, text } = watch('{"total": "SECRET", "text": "a"}', { pieceLength: 12 });
  expect(end).toEqual({
    code: 'schema_violation',
    message:
      'The answer was stopped while it arrived: /total: expected number, received string; state the rule in the ' +
      'instructions or in the description of the field, or relax the schema',
    reason: '/total: expected number, received string',
    issues: [{ path: '/total', message: 'expected number, received string' }],
  });
  expect(text).toBe('{"total": "S');
});

test.each([
  ['a number for a text ends the answer at its end', '{"total": 1, "text": 12, ', 'expected string, received number'],
  ['a literal likewise', '{"total": 1, "text": true, ', 'expected string, received boolean'],
  ['a date without its quotation marks is text that may be mended', '{"total": 1, "text": 2031-04-17, ', undefined],
  ['words that begin like a literal, too', '{"total": 1, "text": nova shop, ', undefined],
])('%s', (_, text, message) => {
  for (const pieceLength of [1, 2, 5, 50]) {
    const { end } = watch(text, { pieceLength });
    expect(end?.code === undefined ? undefined : end.issues[0]?.message).toBe(message);
  }
});

describe('loops', () => {
  test.each([
    ['of a sentence', 'The same sentence again. '],
    ['of one character', 'a'],
    ['of a long item', `{"name":"${'x y z '.repeat(100)}","price":12}, `],
  ])('%s', (_, stretch) => {
    const { end, text } = watch(`{"total":1,"text":"${stretch.replaceAll('"', "'").repeat(10_000)}`);
    expect(end).toMatchObject({ code: 'truncated_loop', issues: [] });
    expect(end?.code !== undefined && end.reason).toMatch(
      /^the last \d+ characters repeat a stretch of \d+, \d+ times$/,
    );
    expect(text.length).toBeLessThan(5_000 + 12 * stretch.length);
  });

  test('in an answer that is not followed', () => {
    expect(watch(`Well, ${'I am sorry. '.repeat(1_000)}`).end).toMatchObject({ code: 'truncated_loop' });
  });

  test('of digits in a number', () => {
    expect(watch(`{"total":0.${'142857'.repeat(100)}`, { pieceLength: 1 }).end).toMatchObject({
      code: 'truncated_loop',
      reason: 'a number goes on for 401 characters',
    });
  });

  const items = (count: number, item: (index: number) => unknown) =>
    Array.from({ length: count }, (_, index) => item(index));
  test.each<[string, unknown]>([
    [
      '300 similar line items',
      items(300, (index) => ({ name: 'Coffee, large', quantity: 1, price: 3.5, position: index })),
    ],
    [
      '20 equal line items',
      items(20, () => ({ name: 'Coffee, large, with milk and sugar', quantity: 1, price: 3.5, tax: 0.07 })),
    ],
    ['five equal paragraphs', items(5, () => items(90, (index) => `sentence ${index}`).join(' ')).join('\n')],
    ['a thousand zeros', items(1_000, () => 0)],
    ['base64', Buffer.from(items(9_000, (index) => (index * 7919) % 251) as number[]).toString('base64')],
    ['a table with rulers', items(40, (index) => `${'-'.repeat(80)}\n| ${index} | ${index * 3}`).join('\n')],
  ])('are not %s', (_, value) => {
    const text = JSON.stringify({ total: 1, [typeof value === 'string' ? 'text' : 'items']: value });
    for (const pieceLength of [1, 37, 5_000]) expect(watch(text, { pieceLength }).end).toBeUndefined();
  });
});

describe('white space without end', () => {
  const flood = ' \n\t'.repeat(2_000);

  test.each([
    ['after a complete object', '{"total": 1}'],
    ['after a complete object in a fence', '```json\n{"total": 1}\n```'],
    ['after a complete object in a fence that is open', '```json\n{"total": 1}\n'],
    ['after a complete object in prose', 'Here: {"total": 1}'],
  ])('%s: what is there is judged', (_, text) => {
    expect(watch(text + flood).end).toEqual({ code: undefined });
  });

  test.each([
    ['before anything', ''],
    ['in an open object', '{"total": 1,'],
    ['after prose', 'I will think about it.'],
  ])('%s: a loop', (_, text) => {
    expect(watch(text + flood).end).toMatchObject({
      code: 'truncated_loop',
      reason: expect.stringMatching(/^the last \d+ characters are white space$/),
    });
  });
});

describe('thoughts', () => {
  const think = (options: Partial<AnswerWatchOptions>, count: number) => {
    const answer = new EarlyStopper({ schema, ...options });
    let pieces = 0;
    let end: EarlyEnd | undefined;
    while (pieces < count && end === undefined) {
      end = answer.push({ type: 'thought-delta', text: 'word' });
      pieces += 1;
    }
    return { pieces, end, length: answer.thoughtsLength, text: answer.text };
  };

  test('more than twice the budget and 512 tokens of them end the answer', () => {
    expect(think({ thinkingBudget: 100 }, 10_000)).toMatchObject({
      pieces: 713,
      length: 4 * 713,
      text: '',
      end: { code: 'truncated_thinking', reason: 'about 713 tokens of thoughts, where the budget is 100' },
    });
  });

  test('are counted as the caller counts', () => {
    expect(think({ thinkingBudget: 0, countTokens: () => 100 }, 10_000).pieces).toBe(6);
  });

  test.each([undefined, -1])('are not limited with a budget of %s', (thinkingBudget) => {
    expect(think({ thinkingBudget }, 10_000).end).toBeUndefined();
  });

  test('are no part of the text', () => {
    const answer = new EarlyStopper({ schema });
    answer.push({ type: 'thought-delta', text: 'Hm. ' });
    expect(answer.push({ type: 'text-delta', text: '{"total":"' })).toMatchObject({ code: 'schema_violation' });
    expect(answer.text).toBe('{"total":"');
  });
});

test('calls of tools, finish and usage end nothing', () => {
  const answer = new EarlyStopper({ schema });
  expect(answer.push({ type: 'tool-call-start', position: 0, id: 'a', name: 'look' })).toBeUndefined();
  expect(answer.push({ type: 'tool-call-delta', position: 0, argumentsText: ' '.repeat(9_000) })).toBeUndefined();
  expect(answer.push({ type: 'finish', reason: 'stop' })).toBeUndefined();
});

test('how the text is cut does not matter to what is found', () => {
  const texts = fc.constantFrom(
    '{"total":"a"}',
    '{"text":"a"}',
    `{"total":${'1'.repeat(500)}`,
    `{"total":1 ${' '.repeat(2_000)}`,
  );
  fc.assert(
    fc.property(texts, fc.integer({ min: 1, max: 600 }), (text, pieceLength) => {
      expect(watch(text, { pieceLength }).end?.code).toBe(watch(text, { pieceLength: 1 }).end?.code);
    }),
  );
});
