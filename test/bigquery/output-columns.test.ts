import fc from 'fast-check';
import { expect, it } from 'vitest';
import { newColumns } from '../../src/bigquery/output-columns.ts';

it('names columns as BigQuery takes them', () => {
  const names = ['id', 'shop.name', 'shop_name', 'Shop Name', '1st', '_TABLE_x', 'größe', '供应商', 'a-b', 'items (2)'];
  expect(newColumns(names.map((name) => ({ name, type: 'text' }))).map(({ field }) => field)).toEqual([
    'id',
    'shop_name',
    'shop_name_2',
    'Shop_Name_3',
    'data_1st',
    'data__TABLE_x',
    'größe',
    '供应商',
    'a_b',
    'items__2_',
  ]);
});

it('gives no two columns one name, whatever they are called', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 20 }), (names) => {
      const fields = newColumns(names.map((name) => ({ name, type: 'text' }))).map(({ field }) => field);
      expect(new Set(fields.map((field) => field.toLowerCase())).size).toBe(names.length);
      for (const field of fields) expect(field).toMatch(/^[\p{L}_][\p{L}\p{M}\p{N}_]{0,299}$/u);
    }),
  );
});
