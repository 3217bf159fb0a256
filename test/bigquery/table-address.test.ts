import { expect, it } from 'vitest';
import { nameOfTable, parseTableAddress, quoteTable } from '../../src/bigquery/table-address.ts';

it.each([
  { text: 'bq://my-project.shop.receipts', table: { project: 'my-project', dataset: 'shop', table: 'receipts' } },
  {
    text: 'bq://example.com:my-project.shop.receipts-2024',
    table: { project: 'example.com:my-project', dataset: 'shop', table: 'receipts-2024' },
  },
  { text: 'bq://my-project.shop.quittungen für alle', table: { table: 'quittungen für alle' } },
])('reads $text', ({ text, table }) => {
  expect(parseTableAddress(text)).toMatchObject(table);
  expect(nameOfTable(parseTableAddress(text))).toBe(text);
  expect(quoteTable(parseTableAddress(text))).toBe(`\`${text.slice('bq://'.length)}\``);
});

it.each([
  { text: 'bq://shop.receipts', message: 'a project, a dataset and a table must be named' },
  { text: 'bq://', message: 'a project, a dataset and a table must be named' },
  { text: 'gs://bucket/x', message: 'a project, a dataset and a table must be named' },
  { text: 'bq://My_Project.shop.receipts', message: '"My_Project" is no project id' },
  { text: 'bq://my-project.shop-1.receipts', message: '"shop-1" is no dataset' },
  { text: 'bq://my-project.shop.receipts_*', message: 'wildcards, partitions and snapshots are not read' },
  { text: 'bq://my-project.shop.receipts$20240101', message: 'name a whole table' },
  { text: 'bq://my-project.shop.receipts@-3600000', message: 'name a whole table' },
  { text: 'bq://my-project.shop.a` WHERE 1=1 --', message: 'is no table' },
  { text: 'bq://my-project.shop.', message: 'is no table' },
])('refuses $text', ({ text, message }) => {
  const refused = () => parseTableAddress(text);
  expect(refused).toThrow(message);
  expect(refused).toThrow('give bq://project.dataset.table');
});
