import { expect, test } from 'vitest';
import { redactQuoted } from '../../../src/run/record/redact-quoted.ts';

test.each<[string, string, Record<string, unknown>, string]>([
  [
    'a quotation that is cut off, behind an apostrophe',
    `The definition's function failed: Unexpected token 'N', "Name: Bo`,
    { text: 'Name: Bo\nTotal: 1' },
    `The definition's function failed: Unexpected token '[…]', "[…]"`,
  ],
  [
    'a value that is quoted, however short',
    `Unexpected token 'B', "Bo" is not valid JSON`,
    { text: 'Bo' },
    `Unexpected token '[…]', "[…]" is not valid JSON`,
  ],
  [
    'a part of a value',
    '"Ann has 3 ca"... is not valid JSON',
    { text: 'Ann has 3 cats' },
    '"[…]"... is not valid JSON',
  ],
  [
    'a value within lists and objects',
    'no customer 77123 there',
    { order: { lines: [{ customer: 77123 }] } },
    'no customer […] there',
  ],
])('redactQuoted takes out %s', (_what, reason, fields, shown) => {
  expect(redactQuoted(reason, fields as never)).toBe(shown);
});

test('redactQuoted leaves what the record does not say', () => {
  const reason = `Cannot read properties of undefined (reading 'trim')`;
  expect(redactQuoted(reason, { text: 'Bo', note: null })).toBe(reason);
});

test('redactQuoted leaves the name of a column, though its letters stand in the record, too', () => {
  expect(redactQuoted('No id in column "id": it is empty, beside "Wid"', { id: '', text: 'Widget' })).toBe(
    'No id in column "id": it is empty, beside "[…]"',
  );
});
