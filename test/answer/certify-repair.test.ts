import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/json/value.ts';
import { parseAnswer } from '../../src/answer/parse-answer.ts';

describe('notation is mended, and nothing is lost by it', () => {
  const cases: { name: string; text: string; value: unknown }[] = [
    { name: 'trailing commas', text: '{"a":[1,2,],"b":{"c":3,},}', value: { a: [1, 2], b: { c: 3 } } },
    { name: 'single quotes', text: "{'a': 'b', 'c': ['d']}", value: { a: 'b', c: ['d'] } },
    { name: 'backticks', text: '{"a": `b`}', value: { a: 'b' } },
    { name: 'typographic quotes', text: '{“a”: “b”, ‘c’: ‘d’}', value: { a: 'b', c: 'd' } },
    { name: 'an escaped apostrophe', text: "{'a': 'it\\'s'}", value: { a: "it's" } },
    { name: 'double quotes in single ones', text: `{'a': 'a "big" one'}`, value: { a: 'a "big" one' } },
    { name: 'bare names', text: '{a: 1, $b_2: 2, größe: 3}', value: { a: 1, $b_2: 2, größe: 3 } },
    { name: 'a plain word', text: '{"currency": MYR, "total": 5}', value: { currency: 'MYR', total: 5 } },
    { name: 'plain words', text: '{"company": Acme Stationers\n}', value: { company: 'Acme Stationers' } },
    { name: 'a bare date', text: '{"date": 2026-01-05}', value: { date: '2026-01-05' } },
    { name: 'Python literals', text: '{"a": None, "b": True, "c": False}', value: { a: null, b: true, c: false } },
    { name: 'a bare line break', text: '{"a": "one\ntwo\tthree"}', value: { a: 'one\ntwo\tthree' } },
    { name: 'quotes inside', text: '{"a": "the "big" one", "b": 1}', value: { a: 'the "big" one', b: 1 } },
    { name: 'a missing comma between members', text: '{"a": 1\n"b": 2}', value: { a: 1, b: 2 } },
    { name: 'a missing comma between objects', text: '{"a": [{"x": 1} {"x": 2}]}', value: { a: [{ x: 1 }, { x: 2 }] } },
    { name: 'remarks in an object', text: '{"a": 1, // in total\n /* as read */ "b": 2}', value: { a: 1, b: 2 } },
    { name: 'escapes beside', text: `{'a': "x\\\\y\\n\\u00e9\\/",}`, value: { a: 'x\\y\né/' } },
  ];
  test.each(cases)('$name', ({ text, value }) =>
    expect(parseAnswer(text)).toEqual({ ok: true, value, repaired: 'notation' }),
  );
});

describe('what could lose or make up something is not mended', () => {
  const cases: Record<string, string> = {
    'a path': '{"path": "D:\\Projects\\gleaner\\size.txt"}',
    'an expression': '{"pattern": "^\\d{3}-\\w+$"}',
    'a formula': '{"formula": "\\alpha + \\beta"}',
    'a path in single quotes': "{'path': 'D:\\Projects'}",
    'a sign without digits': '{"total": -}',
    'a number cut off': '{"total": 3.}',
    'an exponent cut off': '{"total": 3e}',
    'a number with a plus': '{"total": +3}',
    'a number without a nought': '{"total": .5}',
    'two numbers in one': '{"totals": [3 456]}',
    'a list shortened by a comment': '{"tags": ["a", "b" // and 12 more\n]}',
    'a list shortened by an ellipsis': '{"tags": ["a", "b", ...]}',
    'members left out by a comment': '{"a": 1, /* "b": 2, */ "c": 3}',
    'the rest left out': '{"a": 1, // ... and the other fields\n}',
    'a word in a list': '{"tags": ["a", and so on]}',
    'a pair in a list': '{"tags": ["a": "b"]}',
    'a missing comma in a list': '{"tags": ["a" "b"]}',
    'an apostrophe': "{'name': 'Mario's', 'total': 3}",
    'typographic quotes inside': '{“name”: “the “big” one”}',
    'a word with a bracket': '{name: Acme (M) Ltd, total: 3}',
    'a word with a comma': '{name: Acme, Inc., total: 3}',
    'a word before a comment': '{name: Acme // Inc\n}',
    'a word with a colon': '{time: 12:30}',
    'a number with a unit': '{weight: 3 kg}',
    'a string cut off': `{'a': {'b': 1}, 'c': 'foo}`,
    'an answer cut off': `{'a': ['x]', 'y'], 'b': 3`,
    'a bracket too few': '{"a": [{"b": 1, {"b": 2}], "c": 3}}',
    'a bracket of the other kind': '{"a": [1, 2}, "b": 3]',
    'triple quotes': '{"a": """x"""}',
    'a fence inside': '{"a": ```x```}',
    concatenation: '{"a": "b" + "c"}',
    'a call': '{"a": ObjectId("12")}',
    'no number': '{"total": NaN}',
    'no value': '{"total": nil}',
    'to be done': '{"name": TBD}',
    'a missing value': '{"a": , "b": 1}',
    'a name alone': '{"a", "b": 1}',
    'quotes that could end the text': '{"a": "one", two", "b": 1}',
    'an object after the object': '{"a": 1,} {"a": 2}',
    'two commas': '{"a": [1,, 2]}',
    'the beginning of a literal': '{"note": nul}',
    'a letter that may be a literal': '{"note": T}',
    'a missing comma before a bare name': '{"shop": "the "Corner:" place", "total": 3}',
    'quotes inside, and a missing comma': '{"shop": "the "big" one" "total": 3}',
    'bare names, and quotes inside': '{shop: "the "big" one"}',
    'blanks before a bare word': '{"shop":  Acme, "total": 3}',
    'a blank behind a bare word': '{"shop": Acme , "total": 3}',
  };
  test.each(Object.entries(cases))('%s', (_name, text) => expect(parseAnswer(text)).toMatchObject({ ok: false }));
});

const shop: JsonObject = {
  type: 'object',
  properties: {
    name: { type: 'string' },
    lines: { type: 'array', items: { type: 'object', properties: { text: { type: 'string' }, price: {} } } },
    memo: { type: 'string' },
  },
  required: ['name'],
};

describe('where notation alone cannot tell, the schema does', () => {
  const read: Record<string, [string, unknown]> = {
    'bare names and words': ['{name: Acme, memo: Stationers}', { name: 'Acme', memo: 'Stationers' }],
    'bare names and words in a list': ['{name: Acme, lines: [{text: pens, price: 2}]}', undefined],
    'a comma left over where nothing lacks': ['{"name": "a", "lines": [], "memo": "b",}', undefined],
    'a comma left over, and a name in other case': ['{"name": "a", "lines": [], "Memo": "b",}', undefined],
    'a comma left over in the middle': [
      '{"lines": [{"text": "a",}], "name": "b"}',
      { lines: [{ text: 'a' }], name: 'b' },
    ],
    'a comma left over in a list': ['{"name": "a", "lines": [{"text": "b", "price": 1},]}', undefined],
    'a comma left over in a whole item': ['{"name": "a", "lines": [{"text": "b", "price": 1,}]}', undefined],
  };
  test.each(Object.entries(read))('%s: read', (_name, [text, value]) =>
    expect(parseAnswer(text, { schema: shop })).toMatchObject({
      ok: true,
      repaired: 'notation',
      ...(value === undefined ? {} : { value }),
    }),
  );

  const refused: Record<string, string> = {
    'a bare word that goes on like a member': '{name: Pens, paper: and more, memo: Acme}',
    'the same in a list': '{name: Acme, lines: [{text: one, two: three, price: 2}]}',
    'a comma left over where a member lacks': '{"name": "a", "lines": [],}',
    'the same, a line below': '{"name": "a",\n}',
    'the same in an item': '{"name": "a", "lines": [{"text": "b",}]}',
  };
  test.each(Object.entries(refused))('%s: asked again', (_name, text) =>
    expect(parseAnswer(text, { schema: shop })).toMatchObject({ ok: false }),
  );

  test('the model is told what the comma leaves open', () => {
    expect(parseAnswer('{"name": "a", "lines": [],}', { schema: shop })).toEqual({
      ok: false,
      message: 'the JSON ends in a comma while "memo" is missing, as if it were cut off there',
    });
  });

  test('without a schema bare words need names in quotation marks', () => {
    expect(parseAnswer('{name: Acme}')).toMatchObject({ ok: false });
    expect(parseAnswer('{"name": Acme}')).toMatchObject({ ok: true });
  });

  test('of a union only the alternatives count that the object may be of', () => {
    const schema: JsonObject = {
      anyOf: [
        { type: 'object', properties: { kind: { const: 'a' }, size: {} }, required: ['kind', 'size'] },
        { type: 'object', properties: { kind: { const: 'b' }, color: {} }, required: ['kind'] },
      ],
    };
    expect(parseAnswer('{"kind": "a", "size": 1,}', { schema })).toMatchObject({ ok: true });
    expect(parseAnswer('{"kind": "b",}', { schema })).toMatchObject({ ok: false });
  });
});

/** Text that needs no escape, so that what stands in a value can be compared with what stands in the source. */
const word = fc.string({ unit: fc.constantFrom(...'abcXYZ012 .,;-_é'), minLength: 1, maxLength: 8 });
const scalar = fc.oneof(word, fc.integer(), fc.boolean(), fc.constant(null));
const flat = fc.oneof(scalar, fc.array(scalar, { maxLength: 3 }), fc.dictionary(word, scalar, { maxKeys: 3 }));
const value = fc.dictionary(word, fc.oneof(flat, fc.array(flat, { maxLength: 3 })), { maxKeys: 4 });

/** Letters and digits in the order in which they are written, those of escapes aside: what no mending may change. */
function lettersOf(text: string): string {
  return text.replaceAll(/\\[nrtbf]/g, '').replaceAll(/[^\p{L}\p{N}]/gu, '');
}

test('after any damage to its notation, a text is refused, or read with every letter and digit of it', () => {
  const marks = ['', '"', "'", ',', ':', '{', '}', '[', ']', ' ', '\n', '-', '\\'];
  const damage = fc.tuple(fc.nat(), fc.constantFrom(...marks), fc.boolean());
  fc.assert(
    fc.property(value, fc.array(damage, { minLength: 1, maxLength: 3 }), (given, damages) => {
      let text = JSON.stringify(given);
      for (const [at, mark, isReplaced] of damages) {
        const place = at % text.length;
        text = text.slice(0, place) + mark + text.slice(isReplaced ? place + 1 : place);
      }
      const parsed = parseAnswer(text);
      if (!parsed.ok || parsed.repaired !== 'notation') return;
      // Names that are numbers move to the front of an object.
      const isReordered = /"-?\d+":/.test(JSON.stringify(parsed.value));
      // What stands after the answer is prose.
      const answer = text.slice(0, Math.max(text.lastIndexOf('}'), text.lastIndexOf(']')) + 1);
      const [read, written] = [lettersOf(JSON.stringify(parsed.value)), lettersOf(answer)];
      if (isReordered) expect([...read].sort()).toEqual([...written].sort());
      else expect(read).toBe(written);
    }),
    { numRuns: 1000 },
  );
});

test('a value written with other notation is read as it is, or not at all', () => {
  const style = fc.record({
    quote: fc.constantFrom('"', "'", '`'),
    areNamesBare: fc.boolean(),
    trailing: fc.constantFrom('', ','),
    isPython: fc.boolean(),
  });
  let read = 0;
  fc.assert(
    fc.property(value, style, (given, look) => {
      const text = write(given, look);
      const parsed = parseAnswer(text);
      if (!parsed.ok) return;
      read += 1;
      expect(parsed.value).toEqual(given);
    }),
    { numRuns: 800 },
  );
  expect(read).toBeGreaterThan(400);
});

interface Style {
  quote: string;
  areNamesBare: boolean;
  trailing: string;
  isPython: boolean;
}

function write(given: unknown, style: Style): string {
  const { quote, areNamesBare, trailing, isPython } = style;
  if (typeof given === 'string') return `${quote}${given}${quote}`;
  if (Array.isArray(given)) {
    return given.length === 0 ? '[]' : `[${given.map((item) => write(item, style)).join(', ')}${trailing}]`;
  }
  if (typeof given === 'object' && given !== null) {
    const members = Object.entries(given).map(([name, member]) => {
      const isBare = areNamesBare && /^[a-z]\w*$/i.test(name);
      return `${isBare ? name : `${quote}${name}${quote}`}: ${write(member, style)}`;
    });
    return members.length === 0 ? '{}' : `{${members.join(', ')}${trailing}}`;
  }
  if (isPython && (given === null || typeof given === 'boolean')) {
    return given === null ? 'None' : given ? 'True' : 'False';
  }
  return JSON.stringify(given);
}
