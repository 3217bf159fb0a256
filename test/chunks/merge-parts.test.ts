import { expect, test } from 'vitest';
import { mergeParts, type PartAnswer } from '../../src/chunks/merge-parts.ts';
import { splitText } from '../../src/chunks/split-text.ts';
import type { Comparator } from '../../src/eval/comparator.ts';
import type { JsonObject } from '../../src/json/value.ts';

const none = new Map<string, Comparator>();

const invoice = [
  'Acme Ltd, invoice 7 of 2 May 2026',
  'Tea 2.00',
  'Jam 4.50',
  'Tea 2.00',
  'Bread 3.10',
  'Total 11.60',
].join('\n');

/** Answers about chunks of the invoice, in their order. */
function about(
  answers: readonly JsonObject[],
  chunks = splitText(invoice, { chars: 45, at: 'line', overlap: 20 }),
): PartAnswer[] {
  return answers.map((answer, at) => {
    const { start = 0, end = 0 } = chunks[at % chunks.length] ?? {};
    return { answer, chunk: (at % chunks.length) + 1, text: invoice.slice(start, end), start };
  });
}

const item = (name: string, price: number) => ({ name, price });

test('lists are joined in the order of the text, and what two parts have found in one place stands once', () => {
  const { value, conflicts } = mergeParts(
    about([
      { company: 'Acme Ltd', total: null, items: [item('Tea', 2)] },
      { company: null, total: 11.6, items: [item('Tea', 2), item('Jam', 4.5), item('Tea', 2), item('Bread', 3.1)] },
    ]),
    none,
  );
  expect(value).toEqual({
    company: 'Acme Ltd',
    total: 11.6,
    items: [item('Tea', 2), item('Jam', 4.5), item('Tea', 2), item('Bread', 3.1)],
  });
  expect(conflicts).toEqual([]);
});

test('a further pass adds what the first has not found, at its place, and replaces nothing', () => {
  const whole = [{ start: 0, own: 0, end: invoice.length }];
  const { value } = mergeParts(
    about([{ items: [item('Tea', 2), item('Bread', 3.1)] }, { items: [item('Jam', 4.5), item('Bread', 3.1)] }], whole),
    none,
  );
  expect(value['items']).toEqual([item('Tea', 2), item('Jam', 4.5), item('Bread', 3.1)]);
});

test('members that stand nowhere are known by what they are, where parts overlap', () => {
  const parts = about([{ tags: ['urgent', 'paid'] }, { tags: ['paid', 'open'] }]);
  expect(mergeParts(parts, none).value).toEqual({ tags: ['urgent', 'paid', 'open'] });
  const apart = about(
    [{ tags: ['paid'] }, { tags: ['paid'] }],
    splitText(invoice, { chars: 45, at: 'line', overlap: 0 }),
  );
  expect(mergeParts(apart, none).value).toEqual({ tags: ['paid', 'paid'] });
});

test('what one answer says twice is there twice', () => {
  expect(mergeParts(about([{ tags: ['urgent', 'urgent'] }]), none).value).toEqual({ tags: ['urgent', 'urgent'] });
});

test('of values that differ the one that stands in its part holds, and all are on record', () => {
  const { value, conflicts } = mergeParts(
    about([
      { total: 99, company: 'ACME LTD' },
      { total: 11.6, company: 'Acme Ltd' },
    ]),
    none,
  );
  expect(value).toEqual({ total: 11.6, company: 'ACME LTD' });
  expect(conflicts).toEqual([
    {
      path: '/total',
      values: [
        { value: 11.6, chunks: [2] },
        { value: 99, chunks: [1] },
      ],
    },
  ]);
});

test('of values with equal support the first holds; objects are merged member by member', () => {
  const { value, conflicts } = mergeParts(
    about([{ seller: { name: 'A', vat: null } }, { seller: { name: 'B', vat: 'X1' } }, { seller: null }]),
    none,
  );
  expect(value).toEqual({ seller: { name: 'A', vat: 'X1' } });
  expect(conflicts.map(({ path }) => path)).toEqual(['/seller/name']);
});

test('what no part has found stays as it was given', () => {
  expect(
    mergeParts(
      about([
        { a: null, b: [] },
        { a: null, b: [] },
      ]),
      none,
    ),
  ).toEqual({
    value: { a: null, b: [] },
    conflicts: [],
  });
});
