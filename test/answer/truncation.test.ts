import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findRepetition } from '../../src/answer/early-stop/repetition.ts';
import { diagnoseTruncation } from '../../src/answer/truncation.ts';

function usage(reasoning: number, completion: number) {
  return { prompt: 100, cached: 0, completion, reasoning, total: 100 + completion + reasoning };
}

const rows = Array.from({ length: 60 }, (_, index) => `{"item":"No. ${index}","price":${index * 7.31}}`).join(',');

const cases: {
  name: string;
  text: string;
  usage: ReturnType<typeof usage> | undefined;
  maxTokens?: number;
  code: string;
  evidence: string;
}[] = [
  {
    name: 'thinking ate the cap and a few tokens came',
    text: '{"company":"A',
    usage: usage(478, 18),
    maxTokens: 500,
    code: 'truncated_thinking',
    evidence: '478 of 500 tokens went into thinking',
  },
  {
    name: 'thinking without a known cap',
    text: '',
    usage: usage(478, 0),
    code: 'truncated_thinking',
    evidence: '478 of 478 tokens went into thinking',
  },
  {
    name: 'no text and no usage',
    text: '',
    usage: undefined,
    code: 'truncated_thinking',
    evidence: 'the token limit was reached before any text was written',
  },
  {
    name: 'a long answer',
    text: `{"items":[${rows}`,
    usage: usage(0, 500),
    maxTokens: 500,
    code: 'truncated_answer',
    evidence: '500 of 500 tokens went into the answer',
  },
  {
    name: 'a long answer after some thinking',
    text: `{"items":[${rows}`,
    usage: usage(100, 400),
    maxTokens: 500,
    code: 'truncated_answer',
    evidence: '400 of 500 tokens went into the answer and 100 into thinking',
  },
  {
    name: 'an answer without usage',
    text: '{"a":"b',
    usage: undefined,
    code: 'truncated_answer',
    evidence: 'the token limit was reached after 7 characters',
  },
  {
    name: 'a loop of rows',
    text: `{"items":[${'{"a":"x"},'.repeat(100)}{"a"`,
    usage: usage(0, 500),
    code: 'truncated_loop',
    evidence: 'the last 1004 characters repeat a stretch of 10, 100 times',
  },
  {
    name: 'a loop is a loop even after much thinking',
    text: `{"items":[${'{"a":"x"},'.repeat(100)}`,
    usage: usage(600, 400),
    maxTokens: 1_000,
    code: 'truncated_loop',
    evidence: 'the last 1000 characters repeat a stretch of 10, 100 times',
  },
  {
    name: 'a number without end that has no period',
    text: `{"total": 3.${'1415926535897932384626433832795028841971693993751'.repeat(2)}`,
    usage: usage(0, 100),
    code: 'truncated_loop',
    evidence: 'the text ends inside a number of 100 characters',
  },
  {
    name: 'irregular white space without end',
    text: `{"total": 3${'\n \n  \n\t '.repeat(50)}`,
    usage: usage(0, 100),
    code: 'truncated_loop',
    evidence: 'the last 400 characters are white space',
  },
  {
    name: 'white space and nothing else',
    text: ' \n'.repeat(150),
    usage: usage(0, 100),
    code: 'truncated_loop',
    evidence: 'the last 300 characters are white space',
  },
  {
    name: 'long digits in a string are data',
    text: `{"barcode":"${'3141592653589793'.repeat(5)}`,
    usage: usage(0, 100),
    code: 'truncated_answer',
    evidence: '100 of 100 tokens went into the answer',
  },
  {
    name: 'thoughts in the text that do not end',
    text: '<think>The total may be {"total": 5',
    usage: usage(0, 100),
    code: 'truncated_thinking',
    evidence: 'all of the 35 characters are thoughts',
  },
];

describe('diagnoseTruncation()', () => {
  test.each(cases)('$name', ({ text, usage, maxTokens, code, evidence }) => {
    expect(diagnoseTruncation(text, usage, { maxTokens })).toEqual({ code, evidence });
  });
});

test('findRepetition() finds a repeated stretch of any kind behind any text, and no farther than it goes', () => {
  fc.assert(
    fc.property(
      fc.string(),
      fc.string({ minLength: 1, maxLength: 900 }),
      fc.integer({ min: 5, max: 300 }),
      (head, stretch, times) => {
        fc.pre(stretch.length * times >= 200);
        const text = `${head}\u0000${stretch.repeat(times)}`;
        const found = findRepetition(text);
        expect(found?.length).toBeGreaterThanOrEqual(stretch.length * times);
        expect(stretch.length % (found?.period ?? 0)).toBe(0);
        const { length, period } = found ?? { length: 0, period: 0 };
        expect(text.slice(text.length - length + period)).toBe(text.slice(text.length - length, text.length - period));
      },
    ),
  );
});

test('findRepetition() lets a few equal rows pass', () => {
  expect(findRepetition(`[${'{"name":"","price":null},'.repeat(7)}`)).toBeUndefined();
  expect(
    findRepetition(
      `[${`{"name":"${'A long name. '.repeat(2)}","address":null,"city":null,"country":null},`.repeat(3)}`,
    ),
  ).toBeUndefined();
  expect(findRepetition(`${'x'.repeat(1_000)} and then something else`)).toBeUndefined();
});
