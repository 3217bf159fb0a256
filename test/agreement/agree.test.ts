import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { agree, agreeWith, medoidOf } from '../../src/agreement/agree.ts';
import { ignore, list, numeric, text, type Comparator } from '../../src/eval/comparator.ts';
import type { JsonObject } from '../../src/json/value.ts';

const none = new Map<string, Comparator>();

function agreed(answers: JsonObject[], comparators: ReadonlyMap<string, Comparator> = none, readings?: number) {
  return agree(answers, { comparators, ...(readings === undefined ? {} : { readings }) });
}

test('what most readings say holds, and each value tells how many do', () => {
  const answers = [
    { company: 'Acme', total: 12.5, paid: true },
    { company: 'ACME', total: 12.5, paid: false },
    { company: 'Acme Ltd', total: 72.5, paid: false },
  ];
  expect(agreed(answers)).toEqual({
    value: { company: 'ACME', total: 12.5, paid: false },
    shares: { '/company': 0.6667, '/total': 0.6667, '/paid': 0.6667 },
  });
});

test('of two values that are as frequent, that of the answer most like all others holds', () => {
  const answers = [
    { a: 'x', b: 1, c: 'p' },
    { a: 'x', b: 2, c: 'r' },
    { a: 'y', b: 2, c: 'q' },
    { a: 'y', b: 2, c: 'q' },
  ];
  // The last two are alike in all, so theirs is the company that decides a tie of two against two.
  expect(agreed(answers).value).toEqual({ a: 'y', b: 2, c: 'q' });
});

test('a value that most readings do not find is none', () => {
  expect(agreed([{ note: 'odd' }, { note: null }, { note: '' }])).toEqual({
    value: { note: null },
    shares: { '/note': 0.6667 },
  });
  expect(agreed([{ note: 'odd' }, {}, {}])).toEqual({ value: {}, shares: { '/note': 0.6667 } });
});

test('readings that gave no usable answer agree with nothing', () => {
  expect(agreed([{ total: 5 }], none, 3)).toEqual({ value: { total: 5 }, shares: { '/total': 0.3333 } });
});

test('members of lists are paired before they are compared, whatever their order', () => {
  const answers = [
    {
      items: [
        { name: 'Tea', price: 2 },
        { name: 'Jam', price: 4 },
      ],
    },
    {
      items: [
        { name: 'Jam', price: 4 },
        { name: 'Tea', price: 3 },
      ],
    },
    {
      items: [
        { name: 'Tea', price: 2 },
        { name: 'Jam', price: 4 },
        { name: 'Bag', price: 0 },
      ],
    },
  ];
  expect(agreed(answers)).toEqual({
    value: {
      items: [
        { name: 'Tea', price: 2 },
        { name: 'Jam', price: 4 },
      ],
    },
    shares: { '/items/0/name': 1, '/items/0/price': 0.6667, '/items/1/name': 1, '/items/1/price': 1 },
  });
});

test('a member that the medoid lacks stands where more than half have it', () => {
  const answers = [
    { tags: ['a', 'b', 'c'] },
    { tags: ['a', 'b', 'd'] },
    { tags: ['a', 'b', 'd'] },
    { tags: ['a', 'd'] },
  ];
  const { value, shares } = agreed(answers);
  expect(new Set(value['tags'] as string[])).toEqual(new Set(['a', 'b', 'd']));
  expect(Object.values(shares).sort()).toEqual([0.75, 0.75, 1]);
});

test('a list that most readings find empty is empty, and says so', () => {
  expect(agreed([{ tags: [] }, { tags: [] }, { tags: ['x'] }])).toEqual({
    value: { tags: [] },
    shares: { '/tags': 0.6667 },
  });
});

test('an object that most readings do not find is missing, and one they find is merged', () => {
  expect(agreed([{ seller: { name: 'A' } }, { seller: null }, { seller: null }])).toEqual({
    value: { seller: null },
    shares: { '/seller': 0.6667 },
  });
  expect(agreed([{ seller: { name: 'A' } }, { seller: { name: 'A' } }, { seller: null }]).shares).toEqual({
    '/seller/name': 0.6667,
  });
});

test('the comparators of the definition say what is equal', () => {
  const comparators = new Map<string, Comparator>([
    ['total', numeric({ tolerance: 0.01 })],
    ['address', text({ threshold: 0.8 })],
    ['note', ignore()],
    ['items', list({ align: 'ordered' })],
  ]);
  const { value, shares } = agreed(
    [
      { total: 5, address: '12 Long Road, London', note: 'a', items: ['x', 'y'] },
      { total: 5.005, address: '12 Long Road London', note: 'b', items: ['x', 'z'] },
    ],
    comparators,
  );
  expect(value).toEqual({ total: 5, address: '12 Long Road, London', note: 'a', items: ['x', 'y'] });
  expect(shares).toEqual({ '/total': 1, '/address': 1, '/items/0': 1, '/items/1': 0.5 });
});

test('how far all agree with one of them', () => {
  const answers = [
    { a: 1, b: 1 },
    { a: 2, b: 1 },
    { a: 2, b: 1 },
  ];
  expect(medoidOf(answers, none)).toBe(1);
  expect(agreeWith(answers, { comparators: none })).toEqual({
    value: { a: 1, b: 1 },
    shares: { '/a': 0.3333, '/b': 1 },
  });
});

const member = fc.record({
  name: fc.constantFrom('a', 'b', 'c', 'd'),
  price: fc.option(fc.integer({ min: 0, max: 3 })),
});
const answer = fc.record({
  company: fc.option(fc.constantFrom('x', 'y', 'z')),
  tags: fc.array(fc.constantFrom('p', 'q', 'r'), { maxLength: 3 }),
  items: fc.array(member, { maxLength: 3 }),
  seller: fc.option(fc.record({ name: fc.constantFrom('s', 't') })),
});

test('equal readings give themselves back, with every share 1', () => {
  fc.assert(
    fc.property(answer, fc.integer({ min: 1, max: 5 }), (one, times) => {
      const { value, shares } = agreed(Array.from({ length: times }, () => structuredClone(one)));
      expect(value).toEqual(one);
      expect(Object.values(shares).every((share) => share === 1)).toBe(true);
    }),
  );
});

test('shares are between one reading and all of them, wherever values differ', () => {
  fc.assert(
    fc.property(fc.array(answer, { minLength: 1, maxLength: 5 }), (answers) => {
      for (const [path, share] of Object.entries(agreed(answers).shares)) {
        // Members in which no two agree leave a list empty that no reading found empty.
        if (path !== '/items' && path !== '/tags') expect(share).toBeGreaterThanOrEqual(1 / answers.length - 1e-4);
        expect(share).toBeLessThanOrEqual(1);
      }
    }),
  );
});
