import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Column } from '../../src/export/column.ts';
import { newColumns } from '../../src/bigquery/output-columns.ts';

function named(names: readonly string[], chosen: readonly number[] = [...names.keys()]) {
  const allColumns = names.map((name): Column => ({ name, type: 'text' }));
  return newColumns({ columns: chosen.flatMap((place) => allColumns[place] ?? []), allColumns });
}

it('names columns as BigQuery takes them', () => {
  const names = ['id', 'shop.name', 'shop_name', 'Shop Name', '1st', '_TABLE_x', 'größe', '供应商', 'a-b', 'items (2)'];
  expect(named(names).map(({ field }) => field)).toEqual([
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

it('calls a column the same, whichever others are chosen beside it', () => {
  const names = ['id', 'shop.name', 'shop_name'];
  expect(named(names, [0, 2]).map(({ field }) => field)).toEqual(['id', 'shop_name_2']);
  expect(named(names, [2, 1]).map(({ field }) => field)).toEqual(['shop_name_2', 'shop_name']);
});

it('gives no two columns one name, whatever they are called', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 20 }), (names) => {
      const fields = named(names).map(({ field }) => field);
      expect(new Set(fields.map((field) => field.toLowerCase())).size).toBe(names.length);
      for (const field of fields) expect(field).toMatch(/^[\p{L}_][\p{L}\p{M}\p{N}_]{0,299}$/u);
    }),
  );
});
