import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseAnswer } from '../../src/answer/parse-answer.ts';

const readable: { name: string; text: string; value: unknown; repaired?: string }[] = [
  { name: 'plain JSON', text: '{"a":1}', value: { a: 1 } },
  { name: 'white space around', text: '\n {"a":1} \r\n', value: { a: 1 } },
  { name: 'a byte order mark and NULs', text: '\uFEFF{"a":1}\0\0', value: { a: 1 } },
  { name: 'null', text: 'null', value: null },
  { name: 'a fence', text: '```json\n{"a":1}\n```', value: { a: 1 }, repaired: 'fence' },
  { name: 'a fence without a language', text: '```\n{"a":1}\n```\n', value: { a: 1 }, repaired: 'fence' },
  { name: 'a fence that never closes', text: '```json\n{"a":1}', value: { a: 1 }, repaired: 'fence' },
  { name: 'a fence within a string', text: '```json\n{"a":"```"}\n```', value: { a: '```' }, repaired: 'fence' },
  { name: 'prose before a fence', text: 'Sure!\n```json\n{"a":1}\n```\nBye', value: { a: 1 }, repaired: 'prose' },
  { name: 'prose around', text: 'The answer is {"a":{"b":"}"}}.', value: { a: { b: '}' } }, repaired: 'prose' },
  { name: 'an escaped quote', text: 'It is {"a":"\\"}"} ok', value: { a: '"}' }, repaired: 'prose' },
  { name: 'stray braces and quotes in prose', text: 'For {x}, 6" wide: {"a":1}', value: { a: 1 }, repaired: 'prose' },
  {
    name: 'a number of the answer in prose',
    text: '{"a":12.5}\nHere **a** is 12.50.',
    value: { a: 12.5 },
    repaired: 'prose',
  },
  { name: 'a year in prose', text: 'As of date: 2031-04-17, {"date":7}', value: { date: 7 }, repaired: 'prose' },
  {
    name: 'another number by another name',
    text: '{"a":1}\nThe rest is 5, tax: 7.',
    value: { a: 1 },
    repaired: 'prose',
  },
  { name: 'a citation in prose', text: 'As in [1], {"a":1}', value: { a: 1 }, repaired: 'prose' },
  { name: 'an array in prose', text: 'They are [1,2].', value: [1, 2], repaired: 'prose' },
  ...[
    ['Total: 13,50 EUR.', 13.5],
    ['The total is 1.234,56.', 1234.56],
    ['Total: 1 234.56', 1234.56],
    ["Total: 1'234.56", 1234.56],
    ['Total: 19 %', 0.19],
    ['Total: 25.12.2031', 3],
  ].map(([said, total]) => ({
    name: `a number that prose says in another notation: ${said}`,
    text: `${said}\n{"total":${total}}`,
    value: { total },
    repaired: 'prose' as const,
  })),
  { name: 'the same object twice', text: '{"a":1}\n\n{"a":1}', value: { a: 1 }, repaired: 'prose' },
  { name: 'a trailing comma', text: '{"a":[1,2,],}', value: { a: [1, 2] }, repaired: 'notation' },
  { name: 'single quotes', text: "{'a': 'b'}", value: { a: 'b' }, repaired: 'notation' },
  { name: 'bare keys in a fence', text: '```\n{a: 1}\n```', value: { a: 1 }, repaired: 'notation' },
  { name: 'unescaped quotes', text: '{"a":"a "big" one"}', value: { a: 'a "big" one' }, repaired: 'notation' },
  { name: 'a raw line break in a string', text: '{"a":"b\nc"}', value: { a: 'b\nc' }, repaired: 'notation' },
  { name: 'Python words', text: '{"a": None, "b": True}', value: { a: null, b: true }, repaired: 'notation' },
  { name: 'a broken object in prose', text: 'Here: {a: 1,} Done.', value: { a: 1 }, repaired: 'notation' },
];

const unreadable: { name: string; text: string; message: string }[] = [
  { name: 'prose alone', text: 'I cannot say', message: 'the text holds no JSON object' },
  { name: 'nothing', text: '', message: 'the text holds no JSON object' },
  ...[
    '{"total":12.5}\nActually, total is 13.5.',
    'Total: 13.5\n{"total":12.5}',
    '{"items":[{"net_price":1}]}\n**Net price** should be 2.',
    "{'total':12.5,}\nWait, the total should be 13.5",
  ].map((text) => ({
    name: `words that take a number back: ${text}`,
    text,
    message:
      /total|price/.test(text) && text.startsWith("{'")
        ? 'the JSON breaks at character 2 of 46'
        : 'the text holds several JSON values, or parts of one outside of it, expected exactly one',
  })),
  {
    name: 'two objects',
    text: '{"a":1}\n{"a":2}',
    message: 'the text holds several JSON values, or parts of one outside of it, expected exactly one',
  },
  {
    name: 'an array cut short',
    text: '{"a":[1,2',
    message: 'the JSON ends too early, after 9 characters, inside an unclosed value',
  },
  {
    name: 'a string cut short',
    text: '{"a":"bcd',
    message: 'the JSON ends too early, after 9 characters, inside an unclosed value',
  },
  {
    name: 'a list cut short after a whole item',
    text: '{"items":[{"a":1}',
    message: 'the JSON ends too early, after 17 characters, inside an unclosed value',
  },
  {
    name: 'a list cut short in notation that needs mending',
    text: "{'items': [{'a': 1}",
    message: 'the JSON breaks at character 2 of 19',
  },
  { name: 'a literal ellipsis', text: '{"a":[1,2,...]}', message: 'the JSON breaks at character 11 of 15' },
  { name: 'a missing value', text: '{"a":,"b":1}', message: 'the JSON breaks at character 6 of 12' },
  { name: 'a missing last value', text: '{"a":1,"b":}', message: 'the JSON breaks at character 12 of 12' },
  {
    name: 'a second object that is cut short',
    text: '{"a":1} no, {"a":',
    message: 'the JSON breaks at character 9 of 17',
  },
];

describe('parseAnswer() cuts thoughts that stand before the answer', () => {
  const draft = 'Maybe {"a": 0}, or {"a": 2}?';
  const texts: Record<string, string> = {
    'with both tags': `<think>${draft}</think>{"a":1}`,
    'without the opening tag': `${draft}\n</think>\n\n{"a":1}`,
    'in capitals, with another word': `<Reasoning>${draft}</Reasoning> {"a":1}`,
    twice: `<think>${draft}</think>\n<think>${draft}</think>{"a":1}`,
    'before a fence': `<think>${draft}</think>\n\`\`\`json\n{"a":1}\n\`\`\``,
    'after a greeting': `Sure. <thinking>${draft}</thinking> {"a":1}`,
    'before what needs mending': `<think>${draft}</think>{a: 1,}`,
  };
  test.each(Object.entries(texts))('%s', (_name, text) =>
    expect(parseAnswer(text)).toMatchObject({ ok: true, value: { a: 1 } }),
  );

  test('but not from a text of the answer', () => {
    expect(parseAnswer('{"a":"a </think> b"}')).toMatchObject({ value: { a: 'a </think> b' } });
    expect(parseAnswer('```json\n{"a":"<think>x</think>"}\n```')).toMatchObject({ value: { a: '<think>x</think>' } });
  });

  test('and takes none of them for the answer', () => {
    for (const text of [
      '<think>{"a":1}</think>',
      '<think>{"a":1}</think> \n',
      '<think>so {"a":1}',
      '{"a":1}</think>',
    ]) {
      expect(parseAnswer(text)).toEqual({ ok: false, message: 'the text holds thoughts, and no answer after them' });
    }
  });
});

describe('parseAnswer() does not choose', () => {
  const texts: Record<string, string> = {
    'an example beside an answer that must be mended': `{'a': 1}. Format: {"a": 0}`,
    'members outside of the braces': '{"a": 1}, "b": 2}',
    'a name before the object': '"a": {"b": 1}',
    'a name before an object that must be mended': '"a": {b: 1}',
    'an answer with one brace too many': '[{"a": 1}}, {"a": 2}]',
    'a list beside the object': '{"a": 1} and [2, 3]',
    'a list of other notation beside the object': '{"a": 1} [2, 3, True]',
    'two lists': '[1, 2] or [3, 4]',
    'the rows of a table with remarks': '{"rows": [ // first\n{"a": 1}, // ]\n{"a": 2}\n]}',
  };
  test.each(Object.entries(texts))('%s', (_name, text) => expect(parseAnswer(text)).toMatchObject({ ok: false }));

  test('where one object is written twice, in another layout too', () => {
    expect(parseAnswer('{"a":1,"b":2} that is { "b": 2, "a": 1 }')).toMatchObject({ value: { a: 1, b: 2 } });
  });
});

describe('parseAnswer() refuses valid JSON that cannot be kept', () => {
  const cases: Record<string, [string, object]> = {
    'a name that stands twice': ['{"a":1,"a":2}', { kind: 'duplicate-key', path: '/a' }],
    'digits beyond a double': ['{"a":[98765432109876543210]}', { kind: 'inexact-number', path: '/a/0' }],
    'a formula': ['{"a":"\\frac{1}{2}"}', { kind: 'control-character', path: '/a' }],
    'digits in a fence': ['```\n{"a":98765432109876543210}\n```', { kind: 'inexact-number', path: '/a' }],
    'digits in prose': ['It is {"a":98765432109876543210}.', { kind: 'inexact-number', path: '/a' }],
    'digits in what is mended': ["{'a': 98765432109876543210}", { kind: 'inexact-number', path: '/a' }],
    'a path in what is mended': [`{'a': 'D:\\files\\bin'}`, { kind: 'control-character', path: '/a' }],
  };
  test.each(Object.entries(cases))('%s', (_name, [text, loss]) =>
    expect(parseAnswer(text)).toMatchObject({ ok: false, loss }),
  );
});

test("parseAnswer() takes a model's -0 for 0", () => {
  const parsed = parseAnswer('{"a":-0,"b":[-0.0, -0e2],"date":"2026-01-05"}');
  expect(parsed).toMatchObject({ ok: true });
  expect(parsed.ok && JSON.stringify(parsed.value)).toBe('{"a":0,"b":[0,0],"date":"2026-01-05"}');
  expect(parsed.ok && Object.is((parsed.value as { a: number }).a, 0)).toBe(true);
});

describe('parseAnswer() reads', () => {
  test.each(readable)('$name', ({ text, value, repaired }) => {
    expect(parseAnswer(text)).toEqual({ ok: true, value, repaired });
  });
});

describe('parseAnswer() refuses', () => {
  test.each(unreadable)('$name', ({ text, message }) => {
    expect(parseAnswer(text)).toEqual({ ok: false, message });
  });
});

test('parseAnswer() leaves broken notation alone when repair is off', () => {
  expect(parseAnswer('{"a":1,}', { repair: false })).toMatchObject({ ok: false });
});

test('parseAnswer() keeps __proto__ and names that stand twice harmless', () => {
  const parsed = parseAnswer('{"a":2,"a":2,"__proto__":{"isAdmin":true}}');
  expect(parsed).toMatchObject({ ok: true, value: { a: 2 } });
  expect(parsed.ok && Object.getPrototypeOf(parsed.value) === Object.prototype).toBe(true);
  expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined();
});

test('parseAnswer() reads any JSON as JSON.parse does', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      expect(parseAnswer(text)).toEqual({ ok: true, value: JSON.parse(text), repaired: undefined });
    }),
  );
});

test('parseAnswer() finds any object in a fence and in prose', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.integer({ min: 0, max: 2 }), (object, indent) => {
      const json = JSON.stringify(object, undefined, indent);
      const value: unknown = JSON.parse(json);
      expect(parseAnswer(`\`\`\`json\n${json}\n\`\`\``)).toEqual({ ok: true, value, repaired: 'fence' });
      expect(parseAnswer(`Here it's: ${json} as asked.`)).toEqual({ ok: true, value, repaired: 'prose' });
    }),
  );
});

test('parseAnswer() never takes a part of a cut-off object for the answer', () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1 }),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      (object, share) => {
        const json = JSON.stringify(object);
        expect(parseAnswer(json.slice(0, Math.floor(json.length * share))).ok).toBe(false);
      },
    ),
  );
});

const hostile: { name: string; text: string }[] = [
  { name: '10 MB of {', text: '{'.repeat(1e7) },
  { name: '10 MB of [', text: '['.repeat(1e7) },
  { name: '10 MB of {}', text: '{}'.repeat(5e6) },
  { name: '10 MB of quotes', text: `{${'"'.repeat(1e7)}` },
  { name: '10 MB of fences', text: '```'.repeat(3e6) },
  { name: '10 MB of stray braces', text: '{x}'.repeat(3e6) },
  { name: '10 MB of inner space', text: `{"a" ${' '.repeat(1e7)}}` },
  { name: 'quotes that jsonrepair is slow on', text: `{"a":"${'"'.repeat(1e5)}"}` },
  { name: '100,000 nested arrays', text: '['.repeat(1e5) + ']'.repeat(1e5) },
  { name: '100,000 nested arrays in prose', text: `So: ${'['.repeat(1e5)}${']'.repeat(1e5)}` },
  { name: '20,000 nested broken arrays', text: `${'['.repeat(2e4)}1,${']'.repeat(2e4)}` },
];

describe('parseAnswer() survives', () => {
  test.each(hostile)('$name', ({ text }) => {
    const parsed = parseAnswer(text);
    expect(parsed.ok).toBe(false);
  });
});

function nested(levels: number): string {
  return '['.repeat(levels) + ']'.repeat(levels);
}

test('parseAnswer() says when brackets are nested too deeply', () => {
  expect(parseAnswer(nested(1_000))).toMatchObject({ ok: true });
  expect(parseAnswer(nested(1_001))).toMatchObject({
    ok: false,
    message: expect.stringContaining('nested too deeply'),
  });
  expect(parseAnswer(`{"a":"${'['.repeat(5_000)}"}`)).toMatchObject({ ok: true });
});

test('parseAnswer() never throws and never quotes the text', () => {
  const noise = fc.string({
    unit: fc.constantFrom('{', '}', '[', ']', '"', "'", '\\', ',', ':', '`', '\n', '.', '1', 'é', 'SECRET'),
  });
  fc.assert(
    fc.property(fc.oneof(fc.string(), noise), (text) => {
      const parsed = parseAnswer(text);
      expect(parsed.ok ? '' : parsed.message).not.toContain('SECRET');
    }),
    { numRuns: 2_000 },
  );
});
