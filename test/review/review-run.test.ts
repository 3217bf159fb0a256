import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { JsonValue } from '../../src/json/value.ts';
import { labelsOf, openReview, reviewedRun, rows } from './review-fixture.ts';

test('results and rejects come in input order, beside their records, with evidence, types and what is doubtful', async () => {
  const review = await openReview(await reviewedRun());
  const { items, total } = review.list({ filter: 'all', search: '', from: 0, count: 10 });
  expect([total, items.map(({ id, code }) => [id, code])]).toEqual([
    4,
    [
      ['a', undefined],
      ['b', undefined],
      ['c', 'invalid_json'],
      ['d', undefined],
    ],
  ]);
  expect(await review.item(1)).toMatchObject({
    id: 'b',
    status: 'extracted',
    labelled: { shop: 'Red Pot', total: 99 },
    texts: [{ field: 'text', text: 'RED POT\nTOTAL 98' }],
    evidence: [
      { path: '/shop', match: 'normalized', start: 0, end: 7 },
      { path: '/total', match: 'none' },
    ],
    repaired: 'notation',
    types: { '/shop': ['string'], '/total': ['number', 'null'] },
  });
  expect(await review.item(2)).toMatchObject({
    status: 'rejected',
    error: { code: 'invalid_json' },
    answer: 'no idea',
  });
});

test('filters and search find their records; evidence counts once it has been looked for', async () => {
  const review = await openReview(await reviewedRun());
  const found = (filter: string, search = ''): (string | null)[] =>
    review.list({ filter, search, from: 0, count: 10 }).items.map(({ id }) => id);
  expect(found('no-evidence')).toEqual([]);
  while (review.examine(1));
  expect([found('no-evidence'), found('field:total'), found('field:shop')]).toEqual([['b'], ['b'], []]);
  expect([found('repaired'), found('low-confidence'), found('code:invalid_json'), found('rejected')]).toEqual([
    ['b'],
    ['d'],
    ['c'],
    ['c'],
  ]);
  expect([found('fresh'), found('all', 'KETTLE'), found('all', 'ille'), found('extracted', '98')]).toEqual([
    ['a', 'b', 'c'],
    ['a'],
    ['c'],
    ['b'],
  ]);
  expect(() => found('nonsense')).toThrow('there is no such filter');
  expect(review.summary()).toMatchObject({
    count: 4,
    rejected: 1,
    noEvidence: 1,
    examined: 4,
    fields: [{ name: 'total', count: 1 }],
  });
});

test('corrections and acceptances are appended with who and when, typed as the schema says, and nothing else is written', async () => {
  const directory = await reviewedRun();
  const before = readFileSync(join(directory, 'results.jsonl'), 'utf8');
  const review = await openReview(directory);
  review.label({ id: 'b', path: '/total', text: ' 98 ' });
  review.label({ id: 'b', accept: true });
  review.label({ id: 'd', path: '/total', text: '' });
  const at = '2031-04-17T06:00:00.000Z';
  expect(labelsOf(directory)).toEqual([
    { id: 'b', path: '/total', value: 98, by: 'anna', at },
    { id: 'b', path: '', value: { shop: 'Red Pot', total: 98 }, by: 'anna', at },
    { id: 'd', path: '/total', value: null, by: 'anna', at },
  ]);
  expect(await review.item(1)).toMatchObject({ data: { total: 99 }, labelled: { total: 98 }, isReviewed: true });
  expect(readFileSync(join(directory, 'results.jsonl'), 'utf8')).toBe(before);
  expect(readdirSync(directory).sort()).toEqual(['labels.jsonl', 'rejects.jsonl', 'results.jsonl', 'run.json']);

  const again = await openReview(directory);
  expect(again.list({ filter: 'reviewed', search: '', from: 0, count: 9 }).items.map(({ id }) => id)).toEqual(['b']);
});

test('what fits no record, no place or no type is refused, and not written', async () => {
  const directory = await reviewedRun();
  const review = await openReview(directory);
  expect(() => review.label({ id: 'zz', accept: true })).toThrow('the run has none of this id');
  expect(() => review.label({ id: 'a', path: '/items/7/price', value: 1 })).toThrow('no such place');
  expect(() => review.label({ id: 'a', path: '/total', text: 'twelve' })).toThrow(
    'it must be a number such as 12.5 or nothing',
  );
  expect(() => review.label({ id: 'a', path: '/total', value: 'twelve' })).toThrow('/total must be a number');
  expect(() => review.label({ id: 'a', path: '/shop', value: { name: 'x' } })).toThrow('/shop must be a text');
  expect(() => review.label({ id: 'a', path: '/nope', value: 1 })).toThrow('/nope is no field of the schema');
  expect(() => review.label({ id: 'a', path: '', value: { total: 1 } })).toThrow('/shop must be a text');
  expect(() => labelsOf(directory)).toThrow('ENOENT');
});

test('a label is judged by the whole schema of the run, not by its types alone', async () => {
  const directory = await reviewedRun();
  const path = join(directory, 'run.json');
  const outputSchema = {
    type: 'object',
    properties: {
      shop: { type: 'string', minLength: 3 },
      total: { anyOf: [{ type: 'number', minimum: 0 }, { type: 'null' }] },
      kind: { anyOf: [{ type: 'string', enum: ['food', 'fuel'] }, { type: 'null' }] },
      day: { type: 'string', format: 'date', pattern: '^\\d{4}-\\d\\d-\\d\\d$' },
      code: { type: 'string', pattern: '^[A-Z]+$' },
    },
    required: ['shop', 'total'],
    additionalProperties: false,
  };
  writeFileSync(path, JSON.stringify({ ...(JSON.parse(readFileSync(path, 'utf8')) as object), outputSchema }));
  const review = await openReview(directory);
  const label = (place: string, value: JsonValue) => () => review.label({ id: 'a', path: place, value });
  expect(label('/shop', 'x')).toThrow('Cannot label /shop: /shop must have at least 3 characters');
  expect(label('/total', -1)).toThrow('/total must be at least 0');
  expect(label('/kind', 'toys')).toThrow('/kind must be one of "food", "fuel"');
  expect(label('/day', 'Monday')).toThrow('/day must be of the format date');
  expect(label('/code', 'a1')).toThrow('/code must match the pattern ^[A-Z]+$');
  expect(label('', { shop: 'Blue Kettle', total: 1, tip: 2 })).toThrow('Cannot accept the record yet: /tip');
  expect(() => review.label({ id: 'a', path: '/kind', text: 'toys' })).toThrow('/kind must be one of');
  expect(() => labelsOf(directory)).toThrow('ENOENT');
  review.label({ id: 'a', path: '/kind', value: 'fuel' });
  expect(labelsOf(directory)).toHaveLength(1);
});

test('a rejected record is labelled from a draft, and is gold once it fits the schema', async () => {
  const directory = await reviewedRun([
    ...rows,
    { id: 'e', text: 'Old Oven 3.50', answer: 'Sure: {"shop": "Old Oven", "total": "three", "tip": 1}' },
  ]);
  const before = readFileSync(join(directory, 'rejects.jsonl'), 'utf8');
  const review = await openReview(directory);
  expect(await review.item(2)).toMatchObject({
    status: 'rejected',
    data: null,
    labelled: { shop: null, total: null, kind: null },
    canBeLabelled: true,
  });
  // What the answer said in a form that fits is taken, and found in the record.
  expect(await review.item(4)).toMatchObject({
    labelled: { shop: 'Old Oven', total: null },
    evidence: [{ path: '/shop', match: 'exact' }],
    types: { '/total': ['number', 'null'] },
  });
  expect(() => review.label({ id: 'c', accept: true })).toThrow('Cannot accept the record yet: /shop must be a text');
  expect(() => review.label({ id: 'c', path: '', value: { shop: 5 } })).toThrow('/shop must be a text');
  review.label({ id: 'e', path: '/total', text: '3.50' });
  review.label({ id: 'e', accept: true });
  review.label({ id: 'c', path: '', value: { shop: 'Blue Door', total: null } });
  expect([...review.gold()]).toEqual([
    { id: 'c', data: { shop: 'Blue Door', total: null } },
    { id: 'e', data: { shop: 'Old Oven', total: 3.5 } },
  ]);
  expect(readFileSync(join(directory, 'rejects.jsonl'), 'utf8')).toBe(before);
  const again = await openReview(directory);
  expect(again.list({ filter: 'reviewed', search: '', from: 0, count: 9 }).items.map(({ id }) => id)).toEqual([
    'c',
    'e',
  ]);
});

test('a row that was rejected because its id stands on a result has no labels of its own', async () => {
  const directory = await reviewedRun([...rows, { id: 'a', text: 'BLUE KETTLE again' }]);
  const review = await openReview(directory);
  review.label({ id: 'a', accept: true });
  expect(await review.item(4)).toMatchObject({ id: 'a', labelled: null, canBeLabelled: false, isReviewed: false });
  expect(await review.item(0)).toMatchObject({ canBeLabelled: true, isReviewed: true });
});

test('a line that a kill has cut off does not swallow the next label', async () => {
  const directory = await reviewedRun();
  const review = await openReview(directory);
  writeFileSync(join(directory, 'labels.jsonl'), '{"id":"a","path":"/tot');
  review.label({ id: 'a', path: '/total', text: '12' });
  const lines = readFileSync(join(directory, 'labels.jsonl'), 'utf8').split('\n');
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ id: 'a', value: 12 });
});

test('without the input, results are shown without their records, and it is said', async () => {
  const directory = await reviewedRun();
  const { settings } = JSON.parse(readFileSync(join(directory, 'run.json'), 'utf8')) as { settings: { input: string } };
  rmSync(settings.input);
  const notices: string[] = [];
  const review = await openReview(directory, { onNotice: (notice) => notices.push(notice) });
  expect(await review.item(0)).toMatchObject({ id: 'a', record: null, evidence: [] });
  expect(notices).toEqual([expect.stringContaining('Results are shown without their records')]);
});

test('a hundred thousand records are listed page by page', async () => {
  const many = Array.from({ length: 100_000 }, (_, at) => ({
    id: `r${at}`,
    text: `Shop ${at}`,
    data: { shop: `Shop ${at}`, total: null },
  }));
  const review = await openReview(await reviewedRun(many));
  const last = review.list({ filter: 'all', search: '', from: 99_990, count: 50 });
  expect([last.total, last.items.length, last.items.at(-1)?.id]).toEqual([100_000, 10, 'r99999']);
  expect(review.list({ filter: 'all', search: 'shop 99999', from: 0, count: 5 }).items.map(({ id }) => id)).toEqual([
    'r99999',
  ]);
  expect((await review.item(77_777)).texts).toEqual([{ field: 'text', text: 'Shop 77777' }]);
});
