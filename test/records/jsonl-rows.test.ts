import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { JsonlRows } from '../../src/records/jsonl-rows.ts';
import type { SourceRow } from '../../src/records/record.ts';
import { cuts, summarize } from './read-rows.ts';
import { anyText } from '../any-text.ts';

function rowsOf(chunks: Iterable<Buffer>, maxRowBytes = 1000): SourceRow[] {
  const parser = new JsonlRows({ name: 'data.jsonl', maxRowBytes });
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
  return rows;
}

const cases: { name: string; input: string | Buffer; output: string[]; maxRowBytes?: number }[] = [
  { name: 'nothing', input: '', output: [] },
  { name: 'one line', input: '{"a":1}\n', output: ['0 1 {"a":1}'] },
  { name: 'no final line end', input: '{"a":1}\n{"a":2}', output: ['0 1 {"a":1}', '1 2 {"a":2}'] },
  { name: 'CRLF', input: '{"a":1}\r\n{"a":2}\r\n', output: ['0 1 {"a":1}', '1 2 {"a":2}'] },
  { name: 'blank lines', input: '\n\r\n{"a":1}\n  \t\n\n{"a":2}\n\n', output: ['0 3 {"a":1}', '1 6 {"a":2}'] },
  { name: 'text in several bytes', input: '{"ä":"€😀\u2028"}', output: ['0 1 {"ä":"€😀\u2028"}'] },
  { name: 'a replacement character', input: '{"a":"\ufffd"}', output: ['0 1 {"a":"\ufffd"}'] },
  { name: '__proto__ as data', input: '{"__proto__":{"b":1}}', output: ['0 1 {"__proto__":{"b":1}}'] },
  {
    name: 'broken JSON between sound lines',
    input: '{"a":1}\n{"a":x}\r\n{"a":3}\n{"a":',
    output: [
      '0 1 {"a":1}',
      '1 2 ! expected a JSON object but the text is not valid JSON from column 6 on <{"a":x}>',
      '2 3 {"a":3}',
      '3 4 ! the JSON ends too early <{"a":>',
    ],
  },
  {
    name: 'values that are no objects',
    input: '[1]\nnull\n"x"\n12',
    output: [
      '0 1 ! expected a JSON object but got an array <[1]>',
      '1 2 ! expected a JSON object but got null <null>',
      '2 3 ! expected a JSON object but got a string <"x">',
      '3 4 ! expected a JSON object but got a number <12>',
    ],
  },
  {
    name: 'files that were joined with their marks',
    input: '{"a":1}\n\ufeff{"a":2}\n',
    output: ['0 1 {"a":1}', '1 2 {"a":2}'],
  },
  {
    name: 'a member that stands twice',
    input: '{"a":1,"a":1}\n{"a":{"a":1}}',
    output: ['0 1 ! one of its objects has two members of the same name <{"a":1,"a":1}>', '1 2 {"a":{"a":1}}'],
  },
  {
    name: 'digits that a double cannot hold',
    input: '{"a":[9007199254740993]}',
    output: ['0 1 {"a":["9007199254740993"]}'],
  },
  {
    name: 'a last line that is too long',
    input: '{"a":1}\n{"a":"long"}',
    maxRowBytes: 7,
    output: ['0 1 {"a":1}', '1 2 ! the line is longer than 7 bytes'],
  },
  {
    name: 'a line that is too long in the middle',
    input: '{"a":"long"}\n{"a":1}\n',
    maxRowBytes: 7,
    output: ['0 1 ! the line is longer than 7 bytes', '1 2 {"a":1}'],
  },
];

describe('JsonlRows', () => {
  test.each(cases)('reads $name, however the input is cut', ({ input, output, maxRowBytes }) => {
    // How much of an over-long line had arrived decides what its text holds.
    const read = (chunks: Buffer[]): string[] =>
      summarize(rowsOf(chunks, maxRowBytes)).map((row) => row.replace(/(longer than .*) <[^]*$/, '$1'));
    expect(read([Buffer.from(input)])).toEqual(output);
    for (const chunks of cuts(input)) expect(read(chunks)).toEqual(output);
  });

  test('ends at the first line that is no UTF-8', () => {
    expect(() => rowsOf([Buffer.from('{"a":1}\n{"a":"\xfc"}\n', 'latin1')])).toThrow(
      'Cannot read data.jsonl: line 2 is not valid UTF-8',
    );
  });

  test('gives back any objects written one a line', () => {
    const object = fc.dictionary(anyText(), fc.jsonValue());
    fc.assert(
      fc.property(fc.array(object), fc.integer({ min: 1, max: 50 }), (objects, size) => {
        const bytes = Buffer.from(objects.map((item) => `${JSON.stringify(item)}\n`).join(''));
        const chunks: Buffer[] = [];
        for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size));
        const rows = rowsOf(chunks, 1_000_000);
        expect(rows.map((row) => (row.kind === 'record' ? JSON.stringify(row.fields) : row.message))).toEqual(
          objects.map((item) => JSON.stringify(JSON.parse(JSON.stringify(item)))),
        );
        expect(rows.map((row) => row.line)).toEqual(objects.map((_, position) => position + 1));
      }),
    );
  });

  test('rejects nesting that would overflow the stack of later steps', () => {
    const deep = `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
    const [row, next] = rowsOf([Buffer.from(`${deep}\n{"a":[[[1]]]}`)], 1_000_000);
    expect(row).toMatchObject({ kind: 'unreadable', message: expect.stringContaining('at most 500 levels') });
    expect(next).toMatchObject({ kind: 'record', index: 1 });
  });

  test('says where deep broken JSON breaks without overflowing the stack', () => {
    const [row] = rowsOf([Buffer.from(`{"a":${'['.repeat(100_000)}x`)], 1_000_000);
    expect(row).toMatchObject({ message: expect.stringContaining('from column 100006 on') });
  });

  test('holds nothing of an over-long line and bounds its text', () => {
    const parser = new JsonlRows({ name: 'data.jsonl', maxRowBytes: 1 << 20 });
    const chunk = Buffer.alloc(1 << 16, 'ä');
    const rows: SourceRow[] = [];
    for (let count = 0; count < 1000; count += 1) {
      parser.write(chunk);
      const row = parser.read();
      if (row !== undefined) rows.push(row);
    }
    parser.write(Buffer.from('\n{"a":1}\n'));
    const last = parser.read();
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({ kind: 'unreadable', text: 'ä'.repeat(8192) });
    expect(last).toEqual({ kind: 'record', index: 1, line: 2, fields: { a: 1 } });
  });
});
