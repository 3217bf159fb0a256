import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import Database from 'libsql';
import readSpreadsheet from 'read-excel-file/node';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { exportRun, exportToFile, type ExportOptions, type TextExportOptions } from '../../src/export/export-run.ts';
import { deriveSchema } from '../../src/schema/derive.ts';
import { result, runDirectory } from './run-fixture.ts';

const schema = z.object({
  shop: z.string(),
  day: z.iso.date().nullable(),
  paid: z.boolean(),
  total: z.number().nullable(),
  count: z.int(),
  address: z.object({ street: z.string(), city: z.string().nullable() }).nullable(),
  items: z.array(z.object({ sku: z.string(), qty: z.number() })),
});
const { outputSchema } = await deriveSchema(schema);

const HEADER = 'id,index,shop,day,paid,total,count,address.street,address.city,items';
const bought = (index: number, more: object = {}): object =>
  result(index, {
    shop: 'S',
    day: '2026-02-28',
    paid: true,
    total: 1.5,
    count: 3,
    address: null,
    items: [
      { sku: 'A', qty: 1 },
      { sku: 'B', qty: 2 },
    ],
    ...more,
  });
const refused = {
  id: 'r1',
  index: 1,
  error: { code: 'truncated', message: 'Too long' },
  attempts: 1,
  record: { text: 'x' },
};

async function exported(directory: string, options: TextExportOptions = {}): Promise<string> {
  const { chunks, close } = await exportRun(directory, options);
  let text = '';
  try {
    for await (const chunk of chunks) text += chunk;
  } finally {
    await close();
  }
  return text;
}

async function lines(directory: string, options: TextExportOptions = {}): Promise<string[]> {
  return (await exported(directory, options)).trimEnd().split('\r\n');
}

describe('columns', () => {
  test('two nights have one header, whatever their records hold, and so has a night without any', async () => {
    const full = runDirectory({ outputSchema, results: [bought(0, { address: { street: 'Kai 1', city: 'X' } })] });
    const sparse = runDirectory({ outputSchema, results: [bought(0, { total: null, items: [] })] });
    for (const night of [full, sparse, runDirectory({ outputSchema })]) {
      expect((await lines(night))[0]).toBe(HEADER);
    }
  });

  test('a union has the columns of all its objects; a free object, a list and an endless schema are JSON', async () => {
    const node: z.ZodType = z.lazy(() => z.object({ name: z.string(), below: node.optional() }));
    const { outputSchema: odd } = await deriveSchema(
      z.object({
        one: z.union([z.object({ a: z.string() }), z.object({ b: z.number() }), z.string()]),
        free: z.record(z.string(), z.number()),
        loose: z.looseObject({ known: z.string() }),
        tree: node,
      }),
    );
    const data = {
      one: 'x',
      free: { k2: 2, k1: 1 },
      loose: { known: 'y', other: 1 },
      tree: { name: 'n', below: { name: 'm' } },
    };
    const directory = runDirectory({
      outputSchema: odd,
      results: [result(0, data), result(1, { ...data, one: { b: 2 } })],
    });
    const [header = '', ...rows] = await lines(directory, { raw: true });
    expect(header).toBe('id,index,one,one.a,one.b,free,loose.known,loose.*,tree.name,tree.below');
    expect(rows[0]).toBe('r0,0,x,,,"{""k2"":2,""k1"":1}",y,"{""other"":1}",n,"{""name"":""m""}"');
    expect(rows[1]).toMatch(/^r1,1,,,2,/);
  });

  test('what the schema has no column for is counted, not passed over in silence', async () => {
    const directory = runDirectory({ outputSchema, results: [bought(0, { later: 1 })] });
    const opened = await exportRun(directory);
    for await (const _chunk of opened.chunks);
    await opened.close();
    expect(opened.unplaced).toBe(1);
  });

  test('--columns chooses and orders them; a name stands for all below it; a wrong one is refused', async () => {
    const directory = runDirectory({ outputSchema, results: [bought(0)] });
    const [header, row] = await lines(directory, { columns: ['total', 'address', 'id'] });
    expect([header, row]).toEqual(['total,address.street,address.city,id', '1.5,,,r0']);
    await expect(exported(directory, { columns: ['totl'] })).rejects.toThrow(/"totl": did you mean "total"\?/);
  });

  test('JSON lines of a table hold the columns as members, with null where there is nothing', async () => {
    const directory = runDirectory({ outputSchema, results: [bought(0)] });
    const text = await exported(directory, { format: 'jsonl', columns: ['id', 'items', 'address.city'] });
    expect(JSON.parse(text)).toEqual({
      id: 'r0',
      items: [
        { sku: 'A', qty: 1 },
        { sku: 'B', qty: 2 },
      ],
      'address.city': null,
    });
  });
});

describe('rows', () => {
  test('one row for each member of a list, the rest of the record beside it; an empty list keeps its record', async () => {
    const directory = runDirectory({ outputSchema, results: [bought(1, { items: [] }), bought(0)] });
    expect(await lines(directory, { rows: 'items', columns: ['id', 'row', 'shop', 'items'] })).toEqual([
      'id,row,shop,items.sku,items.qty',
      'r0,0,S,A,1',
      'r0,1,S,B,2',
      'r1,,S,,',
    ]);
  });

  test('a list of values has one column, also where no schema is known', async () => {
    const directory = runDirectory({ results: [result(0, { in: { tags: ['a', 'b'] } })] });
    expect(await lines(directory, { rows: 'in.tags' })).toEqual(['id,index,row,in.tags', 'r0,0,0,a', 'r0,0,1,b']);
  });

  test('what is no list is refused, with those there are', async () => {
    const directory = runDirectory({ outputSchema, results: [bought(0)] });
    await expect(exported(directory, { rows: 'shop' })).rejects.toThrow(/shop: it is no list; the lists are items$/);
  });
});

describe('beside the results', () => {
  const input = 'id,customer,text\nr0,Ann,=1\nr1,Ben,b\nr2,Cid,c\n';

  test('what is asked for beside chosen columns comes after them, but for where one of it is chosen', async () => {
    const directory = runDirectory({ outputSchema, input, results: [bought(0)], rejects: [] });
    const header = async (options: object): Promise<string | undefined> => (await lines(directory, options))[0];
    expect(await header({ withInput: true, columns: ['id'] })).toMatch(/^id,input\./);
    expect(await header({ includeRejects: true, columns: ['id'] })).toMatch(/^id,error\.code/);
    expect(await header({ includeRejects: true, columns: ['error.code', 'id'] })).toBe('error.code,id');
  });

  test('the columns of the input, all or some, under names of their own', async () => {
    const directory = runDirectory({ outputSchema, input, results: [bought(2), bought(0)] });
    const [header = '', ...rows] = await lines(directory, { withInput: true, columns: ['id', 'input', 'shop'] });
    expect(header).toBe('id,input.id,input.customer,input.text,shop');
    expect(rows).toEqual(["r0,r0,Ann,'=1,S", 'r2,r2,Cid,c,S']);
    expect((await lines(directory, { withInput: ['customer'] }))[1]).toMatch(/^r0,0,Ann,S,/);
    await expect(exported(directory, { withInput: ['custmer'] })).rejects.toThrow(/did you mean "customer"\?/);
  });

  test('an input that changed since is refused', async () => {
    const directory = runDirectory({ outputSchema, input, results: [bought(0)] });
    writeFileSync(join(directory, 'input.csv'), input.replace('Ann', 'Eve'));
    await expect(exported(directory, { withInput: true })).rejects.toThrow(/other contents than the run read/);
  });

  test('rejected records stand among the results, with why', async () => {
    const directory = runDirectory({ outputSchema, input, results: [bought(2), bought(0)], rejects: [refused] });
    expect(
      await lines(directory, {
        includeRejects: true,
        withInput: ['customer'],
        columns: ['id', 'input', 'shop', 'error'],
      }),
    ).toEqual([
      'id,input.customer,shop,error.code,error.message',
      'r0,Ann,S,,',
      'r1,Ben,,truncated,Too long',
      'r2,Cid,S,,',
    ]);
  });
});

describe('files', () => {
  async function written(name: string, options: ExportOptions = {}): Promise<string> {
    const results = [
      bought(0, { shop: 'Übung "1"\n=2', address: { street: 'Kai 1', city: null } }),
      bought(1, { day: null, total: null, paid: false, items: [] }),
    ];
    const directory = runDirectory({ outputSchema, results });
    const file = join(directory, name);
    await exportToFile(directory, file, options);
    expect(readdirSync(directory).filter((entry) => entry.endsWith('.tmp'))).toEqual([]);
    return file;
  }

  test('Parquet: types from the schema, read back', async () => {
    const file = await asyncBufferFromFile(await written('out.parquet'));
    const { schema: elements } = await parquetMetadataAsync(file);
    expect(elements.slice(1).map(({ name, type, converted_type: kind }) => [name, kind ?? type])).toEqual([
      ['id', 'UTF8'],
      ['index', 'INT64'],
      ['shop', 'UTF8'],
      ['day', 'DATE'],
      ['paid', 'BOOLEAN'],
      ['total', 'DOUBLE'],
      ['count', 'INT64'],
      ['address.street', 'UTF8'],
      ['address.city', 'UTF8'],
      ['items', 'JSON'],
    ]);
    const rows = await parquetReadObjects({ file });
    expect(rows[0]).toMatchObject({
      id: 'r0',
      index: 0n,
      shop: 'Übung "1"\n=2',
      day: new Date('2026-02-28'),
      total: 1.5,
    });
    expect(rows[1]).toMatchObject({ id: 'r1', day: null, paid: false, total: null, items: [] });
  });

  test('SQLite: a table of its own types, and columns that differ in case only have two names', async () => {
    const database = new Database(await written('out.db'));
    try {
      const row = database.prepare('select *, typeof(total) as kind from results where id = ?').get('r0');
      expect(row).toMatchObject({
        index: 0,
        shop: 'Übung "1"\n=2',
        day: '2026-02-28',
        paid: 1,
        total: 1.5,
        kind: 'real',
      });
      expect(database.prepare('select count(*) as n from results').get()).toMatchObject({ n: 2 });
    } finally {
      database.close();
    }
    const directory = runDirectory({ results: [result(0, { Total: 1, total: 2 })] });
    const file = join(directory, 'out.sqlite');
    await exportToFile(directory, file);
    const cased = new Database(file);
    expect(cased.prepare('select * from results').get()).toMatchObject({ Total: 1, 'total (2)': 2 });
    cased.close();
  });

  test('a spreadsheet: numbers, dates and text as such, formulas as text', async () => {
    const [sheet] = await readSpreadsheet(await written('out.xlsx'));
    const [header, first, second] = sheet?.data ?? [];
    expect(header?.join(',')).toBe(HEADER);
    expect(first).toEqual([
      'r0',
      0,
      'Übung "1"\n=2',
      new Date('2026-02-28'),
      true,
      1.5,
      3,
      'Kai 1',
      null,
      expect.any(String),
    ]);
    expect(second?.slice(3, 6)).toEqual([null, false, null]);
  });

  test('a spreadsheet refuses a text that no cell takes, and writes characters that XML lacks', async () => {
    const directory = runDirectory({ results: [result(0, { a: 'x'.repeat(40_000) })] });
    await expect(exportToFile(directory, join(directory, 'out.xlsx'))).rejects.toThrow(/"a" into a spreadsheet.*32767/);
    const odd = runDirectory({ results: [result(0, { a: 'a\u0001b_x0041_' })] });
    await exportToFile(odd, join(odd, 'out.xlsx'));
    const [sheet] = await readSpreadsheet(join(odd, 'out.xlsx'));
    expect(sheet?.data[1]?.[2]).toBe('a\u0001b_x0041_');
  });

  test('the name says the format; one that says none, or another than asked for, is refused before anything is written', async () => {
    const text = readFileSync(await written('out.jsonl'), 'utf8');
    expect(text.split('\n').map((line) => line.slice(0, 10))).toEqual(['{"id":"r0"', '{"id":"r1"', '']);
    await expect(written('out.xls')).rejects.toThrow(/format of .*out\.xls from its name: end it with \.csv/);
    await expect(written('out.parquet', { format: 'csv' })).rejects.toThrow(
      /csv into .*name is that of a parquet file/,
    );
    expect(parse(readFileSync(await written('out.txt', { format: 'csv' })))).toHaveLength(3);
  });

  test('a value that the schema does not know is refused, not written as something else', async () => {
    const directory = runDirectory({ outputSchema, results: [bought(0, { total: 'SECRET' })] });
    const refusal = await exportToFile(directory, join(directory, 'out.parquet')).catch(String);
    expect(refusal).toMatch(/column "total": the schema says number/);
    expect(refusal).not.toContain('SECRET');
    expect(readdirSync(directory).filter((name) => name.includes('out'))).toEqual([]);
  });
});
