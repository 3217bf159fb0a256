import { appendFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { exportRun, exportToFile, type TextExportOptions } from '../../src/export/export-run.ts';
import { GleanerError } from '../../src/gleaner-error.ts';
import { result, runDirectory } from './run-fixture.ts';

async function exported(directory: string, options: TextExportOptions = {}): Promise<string> {
  const { chunks, close } = await exportRun(directory, options);
  try {
    let text = '';
    for await (const chunk of chunks) text += chunk;
    return text;
  } finally {
    await close();
  }
}

async function table(directory: string, options: TextExportOptions = {}): Promise<Record<string, string>[]> {
  return parse(await exported(directory, options), { columns: true });
}

async function refusalOf(directory: string): Promise<string> {
  try {
    return await exported(directory);
  } catch (error) {
    if (error instanceof GleanerError) return error.message;
    throw error;
  }
}

test('exportToFile() of no run says so, and not that the file cannot be written', async () => {
  const file = join(runDirectory({ results: [] }), 'out.csv');
  await expect(exportToFile('runs/none', file)).rejects.toThrow(
    /^Cannot read the run directory runs\/none: no such file/,
  );
});

describe('exportRun', () => {
  test('CSV: id and index first, nested members as dotted columns, arrays as JSON, in input order', async () => {
    const directory = runDirectory({
      results: [
        result(2, { company: 'C', total: null, place: null, lines: [] }),
        result(0, {
          company: 'Ä "b", c',
          total: -1.5,
          place: { city: 'X', geo: { lat: 1 } },
          lines: [{ n: 1 }],
          ok: true,
        }),
        result(1, { company: '', total: 3, tax: 1, place: { city: 'Y' }, lines: ['a'] }),
      ],
    });
    expect(await exported(directory)).toBe(
      [
        'id,index,company,total,tax,place.city,place.geo.lat,lines,ok',
        'r0,0,"Ä ""b"", c",-1.5,,X,1,"[{""n"":1}]",true',
        'r1,1,"",3,1,Y,,"[""a""]",',
        'r2,2,C,,,,,[],',
        '',
      ].join('\r\n'),
    );
    expect(await exported(directory, { bom: true })).toMatch(/^\uFEFFid,index,/);
  });

  test('CSV: no two columns share a name, whatever the fields are called', async () => {
    const directory = runDirectory({
      results: [
        result(0, { id: 'a', index: 'b', data: { id: 'c' }, 'x.y': 1, x: { y: 2 } }),
        result(1, JSON.parse('{"__proto__":{"z":3},"constructor":4,"toString":5,"":6}')),
      ],
    });
    const rows = parse(await exported(directory)) as string[][];
    const header = rows[0] ?? [];
    expect(new Set(header).size).toBe(header.length);
    const [first, second] = await table(directory);
    expect(first).toMatchObject({ id: 'r0', index: '0', 'data.id': 'a', 'data.index': 'b', 'data.data.id': 'c' });
    expect(first).toMatchObject({ 'x.y': '1', 'data.x.y': '2' });
    expect(second).toMatchObject({ '__proto__.z': '3', constructor: '4', toString: '5' });
  });

  test('CSV: a field that is now a value and now an object has a column for each', async () => {
    const directory = runDirectory({
      results: [result(0, { a: 1 }), result(1, { a: { b: 2 } }), result(2, { a: {} })],
    });
    expect((await table(directory)).map((row) => [row['a'], row['a.b']])).toEqual([
      ['1', ''],
      ['', '2'],
      ['{}', ''],
    ]);
  });

  test('CSV: formulas in ids, fields and names are disarmed, unless --raw', async () => {
    const directory = runDirectory({
      results: [result(0, { '=name': '=1+1', amount: '-5', real: -5, list: ['=1'] }, '@id')],
    });
    expect(await table(directory)).toEqual([
      { id: "'@id", index: '0', "'=name": "'=1+1", amount: '-5', real: '-5', list: '["=1"]' },
    ]);
    expect(await table(directory, { raw: true })).toEqual([
      { id: '@id', index: '0', '=name': '=1+1', amount: '-5', real: '-5', list: '["=1"]' },
    ]);
  });

  test('CSV: very deep data stays JSON text, and more columns than a spreadsheet has are refused', async () => {
    const deep = JSON.parse(`${'{"a":'.repeat(1000)}1${'}'.repeat(1000)}`);
    expect(Object.keys((await table(runDirectory({ results: [result(0, deep)] })))[0] ?? {})).toHaveLength(3);
    const wide = Object.fromEntries(Array.from({ length: 20_000 }, (_, at) => [`k${at}`, at]));
    const directory = runDirectory({ results: [result(0, wide)] });
    await expect(exported(directory)).rejects.toThrow(/more than 16384 different fields; write JSON lines/);
    expect(JSON.parse(await exported(directory, { format: 'jsonl' }))).toMatchObject({ data: wide });
  });

  test('JSON lines are the lines of the file, byte for byte, in input order; JSON is an array of them', async () => {
    const lines = [
      result(1, { a: 'ß\u2028😀', b: '","index":20,', index: 30, c: 1 }, 'x","index":30,'),
      result(0, { a: 1 }),
      result(10, {}),
      result(9, null),
    ];
    const directory = runDirectory({ results: lines });
    const inOrder = [lines[1], lines[0], lines[3], lines[2]];
    expect(await exported(directory, { format: 'jsonl' })).toBe(
      inOrder.map((line) => `${JSON.stringify(line)}\n`).join(''),
    );
    expect(JSON.parse(await exported(directory, { format: 'json' }))).toEqual(inOrder);
    expect(JSON.parse(await exported(runDirectory(), { format: 'json' }))).toEqual([]);
    expect(await exported(runDirectory(), { format: 'jsonl' })).toBe('');
    expect(await exported(runDirectory())).toBe('id,index\r\n');
  });

  test('rejects: the reason, then the record', async () => {
    const directory = runDirectory({
      rejects: [
        { id: null, index: 3, error: { code: 'bad_record', message: 'Broken', line: 4 }, attempts: 0, record: 'a,"b' },
        {
          id: 'x',
          index: 1,
          error: { code: 'schema_violation', message: 'Wrong', issues: [{ path: '/a', message: 'no' }] },
          attempts: 2,
          record: { text: '=T()' },
          answer: '{"a":',
        },
      ],
    });
    expect(await table(directory, { rejects: true })).toEqual([
      {
        id: 'x',
        index: '1',
        'error.code': 'schema_violation',
        'error.message': 'Wrong',
        'error.line': '',
        'error.status': '',
        'error.issues': '[{"path":"/a","message":"no"}]',
        attempts: '2',
        answer: '{"a":',
        record: '',
        'record.text': "'=T()",
      },
      {
        id: '',
        index: '3',
        'error.code': 'bad_record',
        'error.message': 'Broken',
        'error.line': '4',
        'error.status': '',
        'error.issues': '',
        attempts: '0',
        answer: '',
        record: 'a,"b',
        'record.text': '',
      },
    ]);
  });

  test('any data comes back from the CSV, in the order of the input', async () => {
    const text = fc.string({ unit: 'grapheme' });
    const data = fc.record({
      name: text,
      note: fc.option(text, { nil: undefined }),
      amount: fc.option(fc.double({ noNaN: true, noDefaultInfinity: true })),
      inner: fc.record({ list: fc.array(fc.jsonValue()), flag: fc.boolean() }),
    });
    const indexes = fc.uniqueArray(fc.nat(5000), { minLength: 1, maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(indexes, fc.array(data, { minLength: 30, maxLength: 30 }), text, async (order, values, id) => {
        const lines = order.map((index, at) => result(index, values[at], `${id} "index":7 ${index}`));
        const rows = await table(runDirectory({ results: lines }), { raw: true });
        const expected = order
          .map((index, at) => ({ index, value: JSON.parse(JSON.stringify(values[at])) as (typeof values)[number] }))
          .sort((left, right) => left.index - right.index);
        expect(rows.map((row) => [row['index'], row['id']])).toEqual(
          expected.map(({ index }) => [String(index), `${id} "index":7 ${index}`]),
        );
        for (const [at, { value }] of expected.entries()) {
          const row = rows[at] ?? {};
          expect(row['name']).toBe(value.name);
          expect(row['note'] ?? '').toBe(value.note ?? '');
          expect(row['amount']).toBe(value.amount === null ? '' : JSON.stringify(value.amount));
          expect(JSON.parse(row['inner.list'] ?? '')).toEqual(value.inner.list);
          expect(row['inner.flag']).toBe(String(value.inner.flag));
        }
      }),
      { numRuns: 50 },
    );
  });

  test('lines longer than a reading step, and lines whose index stands elsewhere', async () => {
    const long = 'x'.repeat(3_000_000);
    const odd = '{"index":1,"note":"moved","id":"r1","data":{"a":1}}\n';
    const lines = `${JSON.stringify(result(2, { a: long }))}\n${odd}${JSON.stringify(result(0, { a: 0 }, 'i'.repeat(600)))}\n`;
    const ends = (await exported(runDirectory({ results: lines }), { format: 'jsonl' })).trimEnd().split('\n');
    expect(ends.map((line) => (JSON.parse(line) as { index: number }).index)).toEqual([0, 1, 2]);
    expect(ends[2]).toContain(long);
  });

  test('a finished run whose rejects are being tried again has not ended', async () => {
    const directory = runDirectory({ results: [result(0, { a: 0 })] });
    writeFileSync(join(directory, 'retrying.jsonl'), '{"id":"r1","index":1}\n');
    for (const rejects of [false, true]) {
      const { isFinished, close } = await exportRun(directory, { rejects });
      await close();
      expect(isFinished).toBe(false);
    }
  });

  test('an unfinished run: what is there, without its torn last line', async () => {
    const directory = runDirectory({ results: [result(4, { a: 4 }), result(3, { a: 3 })], status: 'interrupted' });
    appendFileSync(join(directory, 'results.jsonl'), '{"id":"torn","index":1,"data":{');
    const { count, isFinished, close } = await exportRun(directory);
    await close();
    expect([count, isFinished]).toEqual([2, false]);
    expect((await table(directory)).map((row) => row['a'])).toEqual(['3', '4']);
  });

  test('refuses what is no run, and files that were changed, without quoting them', async () => {
    const directory = runDirectory();
    const cases: [string, () => void, RegExp][] = [
      ['a bad line', () => writeFileSync(join(directory, 'results.jsonl'), 'SECRET\n'), /no JSON object; restore/],
      ['no index', () => writeFileSync(join(directory, 'results.jsonl'), '{"id":"SECRET"}\n'), /has no index/],
      ['no results', () => rmSync(join(directory, 'results.jsonl')), /results.jsonl: no such file/],
      ['a bad manifest', () => writeFileSync(join(directory, 'run.json'), '{"version":9}'), /no manifest of version 1/],
      ['no manifest', () => rmSync(join(directory, 'run.json')), /holds no run.json; name the directory of a run/],
      ['no directory', () => rmSync(directory, { recursive: true }), /no such file or directory/],
      ['a file', () => writeFileSync(directory, 'x'), /it is no directory/],
      ['(the end)', () => (rmSync(directory), mkdirSync(directory)), /holds no run.json/],
    ];
    for (const [name, change, message] of cases) {
      change();
      expect(`${name}: ${await refusalOf(directory)}`).toMatch(message);
      expect(await refusalOf(directory)).not.toContain('SECRET');
    }
  });
});
