import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CsvRows } from '../../src/records/csv-rows.ts';
import type { SourceRow } from '../../src/records/record.ts';
import { cuts, summarize } from './read-rows.ts';
import { anyText } from '../any-text.ts';

interface Read {
  columns: readonly string[] | undefined;
  rows: SourceRow[];
}

function read(chunks: Iterable<Buffer>, maxRowBytes = 1000, delimiter?: string): Read {
  const parser = new CsvRows({ name: 'data.csv', maxRowBytes, delimiter: delimiter?.charCodeAt(0) });
  const rows: SourceRow[] = [];
  const drain = (): void => {
    for (let row = parser.read(); row !== undefined; row = parser.read()) rows.push(row);
  };
  for (const chunk of chunks) {
    parser.write(chunk);
    drain();
  }
  parser.end();
  drain();
  return { columns: parser.columns, rows };
}

const cases: {
  name: string;
  input: string | Buffer;
  output: string[];
  columns?: string[];
  maxRowBytes?: number;
  delimiter?: string;
}[] = [
  { name: 'a header alone', input: 'a,b\n', columns: ['a', 'b'], output: [] },
  { name: 'a header without a line end', input: 'a,b', columns: ['a', 'b'], output: [] },
  { name: 'rows', input: 'a,b\n1,2\n3,4\n', output: ['0 2 {"a":"1","b":"2"}', '1 3 {"a":"3","b":"4"}'] },
  { name: 'no final line end', input: 'a,b\n1,2', output: ['0 2 {"a":"1","b":"2"}'] },
  { name: 'CRLF', input: 'a,b\r\n1,2\r\n3,"4"\r\n', output: ['0 2 {"a":"1","b":"2"}', '1 3 {"a":"3","b":"4"}'] },
  {
    name: 'CRLF translated twice',
    input: 'a,b\r\r\n1,"2"\r\r\n3,4\r\r\n',
    output: ['0 2 {"a":"1","b":"2"}', '1 3 {"a":"3","b":"4"}'],
  },
  {
    name: 'mixed line ends',
    input: 'a,b\r\n1,2\n3,"4"\r\n5,6',
    output: ['0 2 {"a":"1","b":"2"}', '1 3 {"a":"3","b":"4"}', '2 4 {"a":"5","b":"6"}'],
  },
  { name: 'bare CR', input: 'a,b\r1,"2\r3"\r\r4,5\r', output: ['0 2 {"a":"1","b":"2\\r3"}', '1 5 {"a":"4","b":"5"}'] },
  {
    name: 'more CR than a line end has',
    input: 'a,b\n1,2\r\r\r\n3,4\r\r\r\n',
    output: ['0 2 {"a":"1","b":"2\\r"}', '1 3 {"a":"3","b":"4\\r"}'],
  },
  { name: 'a CR at the very end', input: 'a,b\n1,"2"\r', output: ['0 2 {"a":"1","b":"2"}'] },
  {
    name: 'blank lines',
    input: '\n \r\na,b\n\n1,2\n  \r\n\r\n3,4\n\t\n',
    output: ['0 5 {"a":"1","b":"2"}', '1 8 {"a":"3","b":"4"}'],
  },
  { name: 'empty cells', input: 'a,b\n,\n"",\n', output: ['0 2 {"a":"","b":""}', '1 3 {"a":"","b":""}'] },
  { name: 'a column of quoted empty cells', input: 'a\n""\n\nx', output: ['0 2 {"a":""}', '1 4 {"a":"x"}'] },
  {
    name: 'quoted line ends, delimiters and quotes',
    input: 'a,b\n1,"x,\ny\r\n""z"""\n"2",""""\n',
    output: ['0 2 {"a":"1","b":"x,\\ny\\r\\n\\"z\\""}', '1 5 {"a":"2","b":"\\""}'],
  },
  {
    name: 'a header over two lines',
    input: '"a\nb",c\n1,2\n',
    columns: ['a\nb', 'c'],
    output: ['0 3 {"a\\nb":"1","c":"2"}'],
  },
  {
    name: 'a header with white space',
    input: ' a , "b"\n1,2\n',
    columns: ['a', '"b"'],
    output: ['0 2 {"a":"1","\\"b\\"":"2"}'],
  },
  {
    name: 'columns without a name',
    input: ',a,\n0,1,2\n',
    columns: ['column_1', 'a', 'column_3'],
    output: ['0 2 {"column_1":"0","a":"1","column_3":"2"}'],
  },
  {
    name: 'columns named like members of objects',
    input: '__proto__,constructor\n1,2\n',
    output: ['0 2 {"__proto__":"1","constructor":"2"}'],
  },
  {
    name: 'semicolons',
    input: 'a;"b,c,d";e\n1;2,5;3',
    columns: ['a', 'b,c,d', 'e'],
    output: ['0 2 {"a":"1","b,c,d":"2,5","e":"3"}'],
  },
  { name: 'tabs', input: 'a\tb\n1\t\n\t2\n', output: ['0 2 {"a":"1","b":""}', '1 3 {"a":"","b":"2"}'] },
  { name: 'pipes', input: 'a|b\n1|2\n', output: ['0 2 {"a":"1","b":"2"}'] },
  {
    name: 'a given delimiter',
    input: 'a,b~c\n1,5~2\n',
    delimiter: '~',
    columns: ['a,b', 'c'],
    output: ['0 2 {"a,b":"1,5","c":"2"}'],
  },
  {
    name: 'quotes in an unquoted field',
    input: 'a,b\n5" pipe,x "y" z\n',
    output: ['0 2 {"a":"5\\" pipe","b":"x \\"y\\" z"}'],
  },
  {
    name: 'ragged rows',
    input: 'a,b,c\n1,2\n1,2,3\n"1\n",2,3,4\n1,2,3\n',
    output: [
      '0 2 ! expected 3 fields but got 2 <1,2>',
      '1 3 {"a":"1","b":"2","c":"3"}',
      '2 4 ! expected 3 fields but got 4 <"1\n",2,3,4>',
      '3 6 {"a":"1","b":"2","c":"3"}',
    ],
  },
  {
    name: 'quotes that were not doubled, one before a delimiter',
    input: 'a,b\n1,"one\nsays "hi", yes\nend"\n2,x\n',
    output: [
      '0 2 ! a quote inside the quoted field on line 3 is not doubled <1,"one\nsays "hi", yes>',
      '1 4 ! expected 2 fields but got 1 <end">',
      '2 5 {"a":"2","b":"x"}',
    ],
  },
  {
    name: 'a quote that was not doubled',
    input: 'a,b\n1,"one\nsays "hi" yes\nend"\n2,x\n',
    output: [
      '0 2 ! a quote inside the quoted field on line 3 is not doubled <1,"one\nsays "hi" yes\nend">',
      '1 5 {"a":"2","b":"x"}',
    ],
  },
  {
    name: 'an opening quote by mistake, before rows with quotes',
    input: 'a,b\n1,"x\n2,y\n3,"z"\n4,"w"\n',
    output: [
      '0 2 ! a quote inside the quoted field on line 4 is not doubled <1,"x>',
      '1 3 {"a":"2","b":"y"}',
      '2 4 {"a":"3","b":"z"}',
      '3 5 {"a":"4","b":"w"}',
    ],
  },
  {
    name: 'an opening quote by mistake, before rows without',
    input: 'a,b\n1,"x\n2,y\n3,z\n',
    output: ['0 2 ! the quote opened on line 2 is not closed <1,"x>', '1 3 {"a":"2","b":"y"}', '2 4 {"a":"3","b":"z"}'],
  },
  {
    name: 'quotes again after going back to the next line',
    input: 'a,b\n"1,2\n,","\n',
    output: ['0 2 ! the quote opened on line 3 is not closed <"1,2>', '1 3 {"a":"","b":","}'],
  },
  {
    name: 'an input cut off inside a long cell',
    input: 'a,b\n1,x\n2,"long\ntext, with commas, many\nand',
    output: [
      '0 2 {"a":"1","b":"x"}',
      '1 3 ! the quote opened on line 3 is not closed <2,"long\ntext, with commas, many\nand>',
    ],
  },
  {
    name: 'the line of separators that Excel writes',
    input: 'sep=|\r\na;b|c\r\n1;2|3\r\n',
    output: ['0 3 {"a;b":"1;2","c":"3"}'],
  },
  { name: 'that line in quotes', input: '"SEP=;"\na;b\n1;2,3,4\n', output: ['0 3 {"a":"1","b":"2,3,4"}'] },
  { name: 'a column that begins like that line', input: 'sep,b\n1,2\n', output: ['0 2 {"sep":"1","b":"2"}'] },
  { name: 'a short column that begins like it', input: 's\n1\n', output: ['0 2 {"s":"1"}'] },
  {
    name: 'files that were joined, each with its mark and header',
    input: 'a,b\n1,"x\ny"\n\ufeffa,b\n3,4\n\ufeff"5","6,7"\na,b\n',
    output: [
      '0 2 {"a":"1","b":"x\\ny"}',
      '1 4 ! it is the header again, as where files were joined <a,b>',
      '2 5 {"a":"3","b":"4"}',
      '3 6 {"a":"5","b":"6,7"}',
      '4 7 ! it is the header again, as where files were joined <a,b>',
    ],
  },
  {
    name: 'a value that is named like the only column',
    input: 'a\na\n\ufeffa\n',
    output: ['0 2 {"a":"a"}', '1 3 ! it is the header again, as where files were joined <a>'],
  },
  {
    name: 'a NUL',
    input: 'a,b\n1,2\n3,\0\n5,6\n',
    output: ['0 2 {"a":"1","b":"2"}', '1 3 ! it holds a NUL, which no text does <3,\0>', '2 4 {"a":"5","b":"6"}'],
  },
  {
    name: 'a line that is too long',
    input: 'a,b\n1,2\n3,this is long\n5,6\n',
    maxRowBytes: 6,
    output: ['0 2 {"a":"1","b":"2"}', '1 3 ! the row is longer than 6 bytes', '2 4 {"a":"5","b":"6"}'],
  },
  {
    name: 'a last line that is too long',
    input: 'a,b\n1,2\n3,"this is long',
    maxRowBytes: 6,
    output: ['0 2 {"a":"1","b":"2"}', '1 3 ! the row is longer than 6 bytes'],
  },
  {
    name: 'an unclosed quote that outgrows the limit',
    input: 'a,b\n1,"x\n2,y\n3,z\n4,v\n5,w\n6,u\n',
    maxRowBytes: 12,
    output: [
      '0 2 ! the row is longer than 12 bytes; the quote opened on line 2 may not be closed',
      ...[2, 3, 4, 5, 6].map((a, at) => `${at + 1} ${a + 1} {"a":"${a}","b":"${'yzvwu'[at]}"}`),
    ],
  },
];

/** RFC 4180, written without a look at the parser. */
function quote(text: string): string {
  const isPlain = text !== '' && /^[^",;|\t\r\n]*$/.test(text) && text.trim() === text;
  return isPlain ? text : `"${text.replaceAll('"', '""')}"`;
}

/** Lone surrogates have no UTF-8 form. */
function whole(text: string): string {
  return Buffer.from(text).toString();
}

function letters(from: string): string {
  return from.replace(/[^a-d]/g, '');
}

describe('CsvRows', () => {
  test.each(cases)('reads $name, however the input is cut', ({ input, output, columns, maxRowBytes, delimiter }) => {
    const check = (chunks: Buffer[]): void => {
      const result = read(chunks, maxRowBytes, delimiter);
      // How much of an over-long row had arrived decides what its text holds.
      expect(summarize(result.rows).map((row) => row.replace(/(longer than .*) <[^]*$/, '$1'))).toEqual(output);
      expect(result.columns).toEqual(columns ?? result.columns);
    };
    check([Buffer.from(input)]);
    for (const chunks of cuts(input)) check(chunks);
  });

  const refused: { name: string; input: string; message: string; maxRowBytes?: number }[] = [
    {
      name: 'no bytes',
      input: '',
      message: 'Cannot read data.csv: it is empty, but a CSV file starts with a line of column names',
    },
    {
      name: 'blank lines',
      input: '\n \r\n',
      message: 'Cannot read data.csv: it is empty, but a CSV file starts with a line of column names',
    },
    {
      name: 'repeated names',
      input: 'a, b,a,c,b\n',
      message: 'Cannot read data.csv: every column needs a name of its own, but the header has more than one "a", "b"',
    },
    {
      name: 'an unclosed header',
      input: 'a,"b\n1,2\n',
      message: 'Cannot read data.csv: in the header on line 1 the quote opened on line 1 is not closed',
    },
    {
      name: 'an endless header',
      input: 'a'.repeat(20),
      maxRowBytes: 10,
      message: 'Cannot read data.csv: its header is longer than 10 bytes; is it a CSV file?',
    },
    {
      name: 'an unclosed quote over lines that are no rows',
      input: 'a,b\n1,"x\ntext\ntext\n',
      maxRowBytes: 10,
      message:
        'Cannot read data.csv: on line 2 the row is longer than 10 bytes; the quote opened on line 2 may not be closed',
    },
  ];
  test.each(refused)('refuses $name', ({ input, message, maxRowBytes }) => {
    expect(() => read([Buffer.from(input)], maxRowBytes)).toThrow(message);
  });

  test('gives out the rows before the one at which it gives up', () => {
    const parser = new CsvRows({ name: 'data.csv', maxRowBytes: 10, delimiter: undefined });
    parser.write(Buffer.from('a,b\n1,2\n3,4\n5,"x\ntext\ntext\ntext\n'));
    expect(summarize([parser.read(), parser.read()].filter((row) => row !== undefined))).toEqual([
      '0 2 {"a":"1","b":"2"}',
      '1 3 {"a":"3","b":"4"}',
    ]);
    expect(() => parser.read()).toThrow('Cannot read data.csv: on line 4 the row is longer than 10 bytes');
  });

  test('ends at the first row that is no UTF-8, after the rows before it', () => {
    const parser = new CsvRows({ name: 'data.csv', maxRowBytes: 1000, delimiter: undefined });
    parser.write(Buffer.from('a,b\n1,2\n3,\xfc\n5,6\n', 'latin1'));
    expect(summarize([parser.read()].filter((row) => row !== undefined))).toEqual(['0 2 {"a":"1","b":"2"}']);
    expect(() => parser.read()).toThrow('Cannot read data.csv: line 3 is not valid UTF-8');
    expect(() => parser.read()).toThrow('line 3 is not valid UTF-8');
  });

  test('fills short rows and passes over empty ones where it is told to', () => {
    const parser = new CsvRows({ name: 'data.csv', maxRowBytes: 1000, delimiter: undefined, fillShortRows: true });
    parser.write(Buffer.from('a,b,c\n1,2\n,,\n3\n,\n4,5,6\n1,2,3,4\n'));
    parser.end();
    const rows = Array.from({ length: 5 }, () => parser.read()).filter((row) => row !== undefined);
    expect(summarize(rows)).toEqual([
      '0 2 {"a":"1","b":"2","c":""}',
      '1 4 {"a":"3","b":"","c":""}',
      '2 6 {"a":"4","b":"5","c":"6"}',
      '3 7 ! expected 3 fields but got 4 <1,2,3,4>',
    ]);
  });

  test('passes over a whole batch of empty rows', () => {
    const parser = new CsvRows({ name: 'data.csv', maxRowBytes: 1000, delimiter: undefined, fillShortRows: true });
    parser.write(Buffer.from(`a,b\n${',\n'.repeat(500)}1,2\n`));
    parser.end();
    expect(parser.read()).toMatchObject({ index: 0, line: 502 });
  });

  test('names the columns of a very wide header', () => {
    const names = Array.from({ length: 120_000 }, (_, index) => `c${index}`);
    const parser = new CsvRows({ name: 'data.csv', maxRowBytes: 1 << 24, delimiter: undefined });
    parser.write(Buffer.from(`${names.join(',')}\n`));
    expect(parser.columns).toHaveLength(120_000);
  });

  test('gives back any cells that were quoted by the book', () => {
    const cell = fc.oneof(
      anyText().map((text) => text.replaceAll('\0', '')),
      fc.string({ unit: fc.constantFrom('"', ',', ';', '\n', '\r', ' ', 'a', '\t', '€') }),
    );
    const table = fc
      .integer({ min: 1, max: 4 })
      .chain((width) => fc.array(fc.array(cell, { minLength: width, maxLength: width }), { maxLength: 8 }));
    fc.assert(
      fc.property(table, fc.constantFrom('\n', '\r\n'), fc.integer({ min: 1, max: 40 }), (cells, lineEnd, size) => {
        const width = cells[0]?.length ?? 1;
        const names = ['p', 'q', 'r', 's'].slice(0, width);
        const lines = [names, ...cells].map((row) => row.map(quote).join(',') + lineEnd);
        const bytes = Buffer.from(lines.join(''));
        const chunks: Buffer[] = [];
        for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size));
        const { rows } = read(chunks, 100_000);
        expect(rows.map((row) => (row.kind === 'record' ? Object.values(row.fields) : row.message))).toEqual(
          cells.map((row) => row.map(whole)),
        );
        let line = 1;
        const starts = lines.map((text) => {
          const start = line;
          line += text.split('\n').length - 1;
          return start;
        });
        expect(rows.map((row) => row.line)).toEqual(starts.slice(1));
      }),
      { numRuns: 500 },
    );
  });

  test('loses no row of any input, and reads it alike however it is cut', () => {
    const soup = fc.string({
      unit: fc.constantFrom('"', '"', ',', '\n', '\r', '\r\r', ' ', 'a', 'bc,d\n'),
      maxLength: 60,
    });
    fc.assert(
      fc.property(soup, fc.integer({ min: 1, max: 9 }), (text, size) => {
        const bytes = Buffer.from(`x,y\n${text}`);
        const chunks: Buffer[] = [];
        for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size));
        const { rows } = read([bytes]);
        expect(read(chunks).rows).toEqual(rows);
        expect(rows.map((row) => row.index)).toEqual(rows.map((_, position) => position));
        const given = rows
          .map((row) => (row.kind === 'record' ? Object.values(row.fields).join('') : row.text))
          .join('');
        expect(letters(given)).toBe(letters(text));
      }),
      { numRuns: 3000 },
    );
  });
});
