import { expect, it } from 'vitest';
import { readRow } from '../../src/bigquery/read-value.ts';
import { readFields } from '../../src/bigquery/table-facts.ts';

function read(field: object, value: unknown): unknown {
  const fields = readFields({ fields: [{ name: 'x', ...field }] } as never);
  return readRow({ f: [{ v: value }] } as never, fields)['x'];
}

it.each([
  { type: 'STRING', value: '007', read: '007' },
  { type: 'INTEGER', value: '42', read: 42 },
  { type: 'INT64', value: '9007199254740993', read: '9007199254740993' },
  { type: 'INT64', value: '-9223372036854775808', read: '-9223372036854775808' },
  { type: 'NUMERIC', value: '12.34', read: 12.34 },
  { type: 'NUMERIC', value: '12345678901234567890.123456789', read: '12345678901234567890.123456789' },
  {
    type: 'BIGNUMERIC',
    value: '0.10000000000000000000000000000000000001',
    read: '0.10000000000000000000000000000000000001',
  },
  { type: 'FLOAT', value: '1.5E10', read: 1.5e10 },
  { type: 'FLOAT64', value: 'NaN', read: 'NaN' },
  { type: 'FLOAT64', value: '-Infinity', read: '-Infinity' },
  { type: 'BOOLEAN', value: 'false', read: false },
  { type: 'BOOL', value: 'true', read: true },
  { type: 'TIMESTAMP', value: '1704103200000000', read: '2024-01-01T10:00:00Z' },
  { type: 'TIMESTAMP', value: '1704103200123450', read: '2024-01-01T10:00:00.12345Z' },
  { type: 'TIMESTAMP', value: '-1', read: '1969-12-31T23:59:59.999999Z' },
  { type: 'TIMESTAMP', value: '-62135596800000000', read: '0001-01-01T00:00:00Z' },
  { type: 'DATE', value: '2024-02-29', read: '2024-02-29' },
  { type: 'DATETIME', value: '2024-02-29T10:00:00', read: '2024-02-29T10:00:00' },
  { type: 'BYTES', value: 'AAEC', read: 'AAEC' },
  { type: 'JSON', value: '{"a":[1,12345678901234567890]}', read: { a: [1, '12345678901234567890'] } },
  { type: 'JSON', value: 'null', read: null },
  { type: 'GEOGRAPHY', value: 'POINT(1 2)', read: 'POINT(1 2)' },
  { type: 'STRING', value: null, read: null },
])('reads $type $value', ({ type, value, read: expected }) => {
  expect(read({ type }, value)).toEqual(expected);
});

it('reads structures in lists in structures', () => {
  const field = {
    type: 'RECORD',
    fields: [
      { name: 'total', type: 'NUMERIC' },
      {
        name: 'items',
        type: 'RECORD',
        mode: 'REPEATED',
        fields: [
          { name: 'name', type: 'STRING' },
          { name: 'count', type: 'INTEGER' },
        ],
      },
      { name: 'tags', type: 'STRING', mode: 'REPEATED' },
    ],
  };
  const value = {
    f: [
      { v: '3.5' },
      { v: [{ v: { f: [{ v: 'tea' }, { v: '2' }] } }, { v: { f: [{ v: 'milk' }, { v: null }] } }] },
      { v: [] },
    ],
  };
  expect(read(field, value)).toEqual({
    total: 3.5,
    items: [
      { name: 'tea', count: 2 },
      { name: 'milk', count: null },
    ],
    tags: [],
  });
  expect(read(field, null)).toBeNull();
});

it('keeps a column of any name as a member of its own', () => {
  const fields = readFields({ fields: [{ name: '__proto__', type: 'STRING' }] });
  const row = readRow({ f: [{ v: 'x' }] }, fields);
  expect(Object.hasOwn(row, '__proto__')).toBe(true);
});
