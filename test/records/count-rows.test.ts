import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { countRows } from '../../src/records/count-rows.ts';
import { readRows } from './read-rows.ts';

const odd = '\ufeff{"a":1}\r\n\n  \n{"a":\n[]\n{"a":1,"a":2}\n"last"';

test('countRows counts what reading gives, rows that cannot be read included', async () => {
  const rows = await readRows('jsonl', [odd]);
  expect(rows.map(({ kind }) => kind)).toEqual(['record', 'unreadable', 'unreadable', 'unreadable', 'unreadable']);
  expect(await countRows('-', { format: 'jsonl', stdin: stdin(odd) })).toEqual({ rows: 5, isEnd: true });
  expect(await countRows('-', { format: 'csv', stdin: stdin('a\n1\n"2\n3"\n') })).toEqual({ rows: 2, isEnd: true });
});

test('countRows looks no further than its limit', async () => {
  expect(await countRows('-', { format: 'jsonl', stdin: stdin(odd) }, 3)).toEqual({ rows: 3, isEnd: false });
  expect(await countRows('-', { format: 'jsonl', stdin: stdin(odd) }, 6)).toEqual({ rows: 5, isEnd: true });
});

function stdin(text: string): Readable {
  return Readable.from([Buffer.from(text)]);
}
