import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { csvLine, withoutFormula } from '../../src/export/csv-text.ts';
import { anyText } from '../any-text.ts';

describe('csvLine', () => {
  test.each([
    [['a', 'b'], 'a,b\r\n'],
    [['a,b', 'say "hi"', 'two\nlines', ' edge '], '"a,b","say ""hi""","two\nlines"," edge "\r\n'],
    [['', undefined, 'x'], '"",,x\r\n'],
    [['a;b', 'c\td'], '"a;b","c\td"\r\n'],
    [[1.5, -0, 1e21, true, null, [1, 'a']], '1.5,0,1e+21,true,,"[1,""a""]"\r\n'],
  ])('%j', (cells, line) => expect(csvLine(cells, { raw: true })).toBe(line));

  test('any text comes back from a CSV parser as it was', () => {
    const cell = fc.oneof(anyText(), fc.stringMatching(/^[",;\r\n\t =x]*$/));
    fc.assert(
      fc.property(fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { minLength: 1 }), (rows) => {
        const width = Math.max(...rows.map((row) => row.length));
        const even = rows.map((row) => Array.from({ length: width }, (_, at) => row[at] ?? ''));
        expect(parse(even.map((row) => csvLine(row, { raw: true })).join(''), { record_delimiter: '\r\n' })).toEqual(
          even,
        );
      }),
      { numRuns: 60 },
    );
  });
});

describe('withoutFormula', () => {
  test.each([
    '=1+1',
    '+cmd|calc',
    '-2+3',
    '@SUM(A1)',
    '\t=1',
    '\rx',
    '\nx',
    '  =1',
    '\uFEFF=1',
    '＝1+1',
    '-',
    '+',
    '-1e',
    '=',
  ])('%j gets an apostrophe', (text) => expect(withoutFormula(text)).toBe(`'${text}`));

  test.each([
    '',
    'Coffee',
    '1-2',
    'a=b',
    '-12.5',
    '+49',
    '-.5',
    '-1e-7',
    '3',
    "'=1",
    'first\n- second\n- third',
    'a; b',
  ])('%j stays', (text) => expect(withoutFormula(text)).toBe(text));

  test.each([
    ["x;=1+cmd|' /C calc'!A0", "x;'=1+cmd|' /C calc'!A0"],
    ['x\n=HYPERLINK("http://a.example")', 'x\n\'=HYPERLINK("http://a.example")'],
    ['x\t @SUM(1)', "x\t '@SUM(1)"],
  ])('%j is disarmed behind what may be taken for a separator', (text, safe) =>
    expect(withoutFormula(text)).toBe(safe),
  );
});
