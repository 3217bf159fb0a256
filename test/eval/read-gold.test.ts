import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readGold } from '../../src/eval/read-gold.ts';

const read = async (line: object, fields?: readonly string[]) => {
  const directory = mkdtempSync(join(tmpdir(), 'gleaner-gold-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const path = join(directory, 'gold.jsonl');
  writeFileSync(path, `${JSON.stringify({ id: 'a', ...line })}\n`);
  return (await readGold(path, { fields })).records.get('a');
};

test('a line with its values in data is read as a line of results is, whatever stands beside', async () => {
  expect(await read({ index: 3, attempts: 1, data: { total: 5 } })).toEqual({ total: 5 });
  expect(await read({ text: 'TOTAL 5', data: { total: 5 } }, ['total'])).toEqual({ total: 5 });
});

test('where data is a field of the schema, a gold line that has it keeps it, and a line of results is still one', async () => {
  const fields = ['data', 'total'];
  const record = { data: { street: 'Quay 1' }, total: 5 };
  expect(await read(record, fields)).toEqual(record);
  expect(await read({ data: { street: 'Quay 1' } }, fields)).toEqual({ data: { street: 'Quay 1' } });
  expect(await read({ index: 0, tokens: {}, data: record }, fields)).toEqual(record);
  expect(await read({ data: record }, fields)).toEqual(record);
});
