import { expect, test } from 'vitest';
import { date, exact, numeric, text, type Comparator } from '../../src/eval/comparator.ts';
import { Evaluation } from '../../src/eval/evaluation.ts';

test('gold that cannot be read as what its field holds is told, by field, with an example and what to do', () => {
  const evaluation = new Evaluation({
    fields: ['due date', 'paid', 'total', 'name'],
    comparators: new Map([
      ['due date', date()],
      ['paid', date({ order: 'day-first' })],
      ['total', numeric()],
    ]),
  });
  const answer = { 'due date': '2026-04-03', paid: '2026-04-03', total: 12, name: 'Ann' };
  evaluation.add('1', { 'due date': '03/04/2026', paid: '03/04/2026', total: 'twelve', name: 'Bob' }, answer);
  evaluation.add('2', { 'due date': '04/03/2026', paid: 'April', total: '12', name: 'Ann' }, answer);
  // Another day that is read well is no doubt.
  evaluation.add('3', { 'due date': '2026-04-04', paid: '04/04/2026', total: 13, name: 'Ann' }, answer);
  expect(evaluation.report().warnings).toEqual([
    `2 gold values of due date may mean several days each, such as "03/04/2026"; say which number stands first, in the definition: evaluate: { 'due date': date({ order: 'day-first' }) }`,
    '1 gold value of total is no number, such as "twelve"; only the same letters match: write numbers in the gold',
    '1 gold value of paid is no date, such as "April"; only the same letters match: write dates as 2026-01-31',
  ]);
});

test('a number whose mark is open is told only where it did not match', () => {
  const evaluation = new Evaluation({ fields: ['net', 'tax'], comparators: new Map() });
  evaluation.add('1', { net: '1.234', tax: '1,234' }, { net: 1234, tax: 1234 });
  expect(evaluation.report().warnings).toEqual([
    `1 gold value of net may be two numbers, such as "1.234"; a point was taken to stand before fractions; where it is a comma, say so in the definition: evaluate: { net: numeric({ decimal: ',' }) }`,
  ]);
});

test('without a definition, a text for a number that was answered is told as well', () => {
  const evaluation = new Evaluation({ fields: ['total'], comparators: new Map() });
  evaluation.add('1', { total: 'a dozen' }, { total: 12 });
  expect(evaluation.report().warnings).toEqual([expect.stringContaining('1 gold value of total is no number')]);
});

test('numbers and booleans for texts are told where the text does not say the same', () => {
  const evaluation = new Evaluation({
    fields: ['no', 'paid', 'kind', 'ref'],
    comparators: new Map<string, Comparator>([
      ['no', text()],
      ['kind', exact()],
    ]),
  });
  evaluation.add('1', { no: 17, paid: true, kind: 1, ref: 'x' }, { no: 'No. 17', paid: 'yes', kind: 'one', ref: 'y' });
  evaluation.add('2', { no: 18, paid: true, kind: 1 }, { no: '18', paid: 'true', kind: '1' });
  const right = 'the results have texts there: write the gold as the text that is right, in quotes';
  expect(evaluation.report().warnings).toEqual([
    `1 gold value of no is no text, such as 17; ${right}`,
    `1 gold value of paid is no text, such as true; ${right}`,
    `1 gold value of kind is no text, such as 1; ${right}`,
  ]);
});
