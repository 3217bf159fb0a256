import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareRecord, type ComparedLeaf } from '../../src/eval/compare-record.ts';
import { date, exact, ignore, list, numeric, text, type Comparator } from '../../src/eval/comparator.ts';
import { comparatorsOf } from '../../src/eval/schema-comparators.ts';
import type { JsonObject, JsonValue } from '../../src/json/value.ts';

function compare(gold: JsonObject, answer: JsonObject, comparators: Record<string, Comparator> = {}): ComparedLeaf[] {
  const fields = new Set([...Object.keys(gold), ...Object.keys(answer)]);
  return compareRecord(gold, answer, fields, new Map(Object.entries(comparators)));
}

function statuses(leaves: readonly ComparedLeaf[]): string[] {
  return leaves.map(({ field, status }) => `${field} ${status}`).sort();
}

test('every value is right, wrong, missing or made up, and what neither side has is not counted', () => {
  const gold = { company: 'Acme  LTD', total: 12.5, note: null, date: '2026-01-31', tags: [] };
  const answer = { company: 'acme ltd', total: 12, note: 'paid', date: null, tags: null };
  expect(statuses(compare(gold, answer))).toEqual([
    'company match',
    'date omission',
    'note hallucination',
    'total mismatch',
  ]);
});

describe('one value', () => {
  test.each<[string, Comparator, JsonValue, JsonValue, string]>([
    ['a text in other letters', text(), 'Café', 'CAFÉ', 'match'],
    ['an accent less', text(), 'Café', 'Cafe', 'mismatch'],
    ['four of five letters, where that is enough', text({ threshold: 0.8 }), 'abcde', 'abcdx', 'match'],
    ['a number of the gold for a text that spells it', text(), 12.5, '12.50', 'match'],
    ['another number for a text', text(), 12.5, '12.05', 'mismatch'],
    ['a number for a text that may be two', text(), 1234, '1,234', 'mismatch'],
    ['a text of digits for another', text(), '0123', '123', 'mismatch'],
    ['a yes of the gold for a text in capitals', text(), true, 'TRUE', 'match'],
    ['a number of the gold as it is printed', numeric(), '1,234.50', 1234.5, 'match'],
    ['a currency printed before it', numeric(), 'RM 1,234.50', 1234.5, 'match'],
    ['its sign', numeric(), '$8.20', 8.2, 'match'],
    ['its sign behind a minus', numeric(), '-US$8.20', -8.2, 'match'],
    ['its letters behind', numeric(), '1.234,50 EUR', 1234.5, 'match'],
    ['the same with another number', numeric(), 'RM 12', 12.5, 'mismatch'],
    ['a share for a number', numeric(), '12 %', 12, 'mismatch'],
    ['an answer with a currency, which is no number', numeric(), 8.2, '$8.20', 'mismatch'],
    ['the other way to print it', numeric(), '1.234,50', 1234.5, 'match'],
    ['a comma that can only stand before a fraction', numeric(), '9,00', 9, 'match'],
    ['a comma before three digits, nobody said which', numeric(), '1,234', 1234, 'match'],
    ['a comma before a fraction, as was said', numeric({ decimal: ',' }), '1,234', 1.234, 'match'],
    ['a point between thousands, as was said', numeric({ decimal: ',' }), '-1.234', -1234, 'match'],
    ['a point between thousands, nobody said so', numeric(), '1.234', 1234, 'mismatch'],
    ['a point before a fraction where a comma was said', numeric({ decimal: ',' }), '12.50', 12.5, 'mismatch'],
    ['a fraction of three digits behind a zero', numeric(), '0,123', 0.123, 'match'],
    ['the same with a point where commas were said', numeric({ decimal: ',' }), '0.123', 123, 'mismatch'],
    ['lakhs', numeric(), '12,34,567.50', 1234567.5, 'match'],
    ['apostrophes between thousands', numeric(), '1’234.50', 1234.5, 'match'],
    ['an exponent', numeric(), '1.5e3', 1500, 'match'],
    ['a date', numeric(), '25.12.2018', 25122018, 'mismatch'],
    ['blanks between thousands', numeric(), '1 234 567', 1234567, 'match'],
    ['a sum of binary fractions', numeric(), 0.3, 0.1 + 0.2, 'match'],
    ['a cent more than the tolerance', numeric({ tolerance: 0.005 }), 12.5, 12.51, 'mismatch'],
    ['within the tolerance', numeric({ tolerance: 0.02 }), 12.5, 12.51, 'match'],
    ['within a share', numeric({ relative: 0.01 }), 1000, 1009, 'match'],
    ['a text that is no number', numeric(), 'n/a', 5, 'mismatch'],
    ['a day in another notation', date(), '2026/1/5', '2026-01-05T10:00:00Z', 'match'],
    ['another day', date(), '2026-01-06', '2026-01-05', 'mismatch'],
    ['a day with its month named', date(), '5 JAN 2026', '2026-01-05', 'match'],
    ['a day that can be no month', date(), '25/01/2026', '2026-01-25', 'match'],
    ['a year of two digits', date(), '25-JAN-26', '2026-01-25', 'match'],
    ['a day or a month first, nobody said which', date(), '03/04/2026', '2026-04-03', 'mismatch'],
    ['the day first, as was said', date({ order: 'day-first' }), '03/04/26', '2026-04-03', 'match'],
    ['the month first, as was said', date({ order: 'month-first' }), '03/04/2026', '2026-03-04', 'match'],
    ['a year of two digits first', date({ order: 'year-first' }), '26.04.03', '2026-04-03', 'match'],
    ['the other order', date({ order: 'month-first' }), '03/04/2026', '2026-04-03', 'mismatch'],
    [
      'a year of four digits first, whatever was said',
      date({ order: 'day-first' }),
      '2026-04-03',
      '2026-04-03',
      'match',
    ],
    ['a month that is none in the order said', date({ order: 'month-first' }), '25/01/2026', '2026-01-25', 'mismatch'],
    ['a month alone for a day of it', date(), '03/2026', '2026-03-01', 'mismatch'],
    ['a weekday behind it', date(), '2026-01-31 (Sat)', '2026-01-31', 'match'],
    ['a date with words around it', date(), 'due 25/01/2026', '2026-01-25', 'mismatch'],
    ['the same text that is no date', date(), 'n/a', 'N/A', 'match'],
    ['a member of an enum in other letters', exact(), 'EUR', 'eur', 'mismatch'],
    ['yes and no from a table', exact(), 'true', true, 'match'],
    ['yes and no as a spreadsheet writes them', exact(), 'TRUE', true, 'match'],
    ['a no for a yes', exact(), 'FALSE', true, 'mismatch'],
    ['letters beyond 16 bits', text({ threshold: 0.6 }), 'ab😀', 'abx', 'match'],
  ])('%s', (_name, comparator, gold, answer, status) => {
    expect(statuses(compare({ field: gold }, { field: answer }, { field: comparator }))).toEqual([`field ${status}`]);
  });

  test('a field that is left out', () => {
    expect(compare({ a: 1 }, { a: 2 }, { a: ignore() })).toEqual([]);
  });
});

describe('lists', () => {
  const items = (...names: string[]): JsonObject => ({ items: names.map((name) => ({ name, price: name.length })) });

  test('members are paired so that as much as possible agrees, whatever their order', () => {
    const leaves = compare(items('pen', 'paper', 'ink'), items('ink', 'pen', 'paper'));
    expect(leaves.every(({ status }) => status === 'match')).toBe(true);
    expect(leaves).toHaveLength(6);
  });

  test('members that agree in nothing are one missing and one made up', () => {
    const leaves = compare({ items: [{ name: 'pen', price: 1 }] }, { items: [{ name: 'ink', price: 9 }] });
    expect(statuses(leaves)).toEqual([
      'items[].name hallucination',
      'items[].name omission',
      'items[].price hallucination',
      'items[].price omission',
    ]);
  });

  test('a key pairs members whatever else differs, and an order holds where it is asked for', () => {
    const gold = {
      items: [
        { name: 'pen', price: 1 },
        { name: 'ink', price: 2 },
      ],
    };
    const answer = {
      items: [
        { name: 'ink', price: 1 },
        { name: 'pen', price: 2 },
      ],
    };
    const byKey = compare(gold, answer, { items: list({ key: 'name' }) });
    expect(byKey.filter(({ status }) => status === 'match').map(({ field }) => field)).toEqual([
      'items[].name',
      'items[].name',
    ]);
    const ordered = compare(gold, answer, { items: list({ align: 'ordered' }) });
    expect(ordered.filter(({ status }) => status === 'match').map(({ field }) => field)).toEqual([
      'items[].price',
      'items[].price',
    ]);
  });

  test('a cell of a table may hold a list as JSON', () => {
    expect(statuses(compare({ tags: '["a","b"]' }, { tags: ['b', 'a'] }))).toEqual(['tags[] match', 'tags[] match']);
  });

  test('long lists of different members are paired, too', () => {
    const gold = { items: Array.from({ length: 500 }, (_, at) => `gold ${at}`) };
    const answer = { items: [...gold.items.slice(100), ...Array.from({ length: 300 }, (_, at) => `made up ${at}`)] };
    expect(compare(gold, answer).filter(({ status }) => status === 'match')).toHaveLength(400);
  });
});

test('a field may have the name of what every object inherits', () => {
  expect(statuses(compare({ constructor: 'x' }, {}))).toEqual(['constructor omission']);
});

test('an object where a text is wanted is one missing and one made up', () => {
  expect(statuses(compare({ a: 'x' }, { a: { b: 'x' } }))).toEqual(['a hallucination', 'a omission']);
});

test('law: what is compared with itself is right, in whatever order its lists are', () => {
  const value = fc.letrec<{ any: JsonValue; object: JsonObject }>((tie) => ({
    any: fc.oneof(
      { depthSize: 'small' },
      fc.string(),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('any'), { maxLength: 4 }),
      tie('object'),
    ),
    object: fc.dictionary(fc.string({ minLength: 1, maxLength: 3 }), tie('any'), { maxKeys: 4 }),
  }));
  fc.assert(
    fc.property(value.object, (given) => {
      const reversed = Object.fromEntries(
        Object.entries(given).map(([key, member]) => [
          key,
          Array.isArray(member) ? (member as JsonValue[]).toReversed() : member,
        ]),
      );
      const wrong = compare(given, reversed).filter(({ status }) => status !== 'match');
      expect(wrong).toEqual([]);
    }),
  );
});

test('law: matches and mismatches are the same from either side, missing and made up change places', () => {
  const flat = fc.dictionary(
    fc.constantFrom('a', 'b', 'c'),
    fc.oneof(fc.integer({ max: 3 }), fc.constantFrom('x', 'y', ''), fc.constant(null)),
  );
  fc.assert(
    fc.property(flat, flat, (left, right) => {
      const turned = {
        match: 'match',
        mismatch: 'mismatch',
        omission: 'hallucination',
        hallucination: 'omission',
      } as const;
      const there = compare(left, right)
        .map(({ field, status }) => `${field} ${status}`)
        .sort();
      const back = compare(right, left)
        .map(({ field, status }) => `${field} ${turned[status]}`)
        .sort();
      expect(back).toEqual(there);
    }),
  );
});

test('comparators come from the schema', () => {
  const schema = {
    type: 'object',
    properties: {
      company: { type: 'string' },
      day: { type: 'string', format: 'date' },
      total: { anyOf: [{ type: 'number' }, { type: 'null' }] },
      kind: { enum: ['a', 'b'] },
      either: { anyOf: [{ type: 'number' }, { type: 'string' }] },
      items: { type: 'array', items: { $ref: '#/$defs/item' } },
    },
    $defs: {
      item: { type: 'object', properties: { price: { type: ['number', 'null'] }, again: { $ref: '#/$defs/item' } } },
    },
  };
  const kinds = [...comparatorsOf(schema)].map(([field, { kind }]) => `${field} ${kind}`);
  expect(kinds.slice(0, 5)).toEqual(['company text', 'day date', 'total number', 'kind exact', 'items[].price number']);
  expect(kinds.length).toBeLessThan(20);
});
