import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { first, Repository } from '../repository.ts';

test('stored results are validated with the definition as it stands, refinements included', async () => {
  const repository = Repository.withInvoice();
  const rows = [
    { number: 'A-1', total: 1, currency: 'EUR' },
    { number: 'A-2', total: '2', currency: 'EUR' },
    { number: 'A-3', total: null, currency: 'CHF' },
    { number: '', total: 4, currency: 'CHF' },
  ];
  const lines = rows.map((data, index) => `${JSON.stringify({ id: `${index}`, index, data })}\n`).join('');
  repository.write('runs/one/results.jsonl', lines);
  repository.write('two.jsonl.gz', gzipSync(lines));
  repository.define(['number: z.string().refine((text) => text !== "")', ...first.slice(1)]);
  const { code, stdout, stderr } = await repository.gleaner(
    'schema',
    'replay',
    'invoice',
    'runs/one',
    'two.jsonl.gz',
    '--format',
    'json',
  );
  expect(code).toBe(1);
  expect(stderr).toContain('6 of 8 results are refused');
  expect(JSON.parse(stdout)).toMatchObject({
    rows: 8,
    failed: 6,
    problems: [
      { path: '/currency', rule: 'enum', rows: 4, file: 'runs/one/results.jsonl', line: 3 },
      { path: '/total', rule: 'type', rows: 2, file: 'runs/one/results.jsonl', line: 2 },
    ],
  });
  repository.define(['number: z.string().refine((text) => text !== "")', 'total: z.any()', 'currency: z.string()']);
  const refined = await repository.gleaner('schema', 'replay', 'invoice', 'runs/one');
  expect([refined.code, refined.stderr]).toEqual([1, expect.stringContaining('first at runs/one/results.jsonl:4')]);
  repository.define(['number: z.string().transform(Number)', 'total: z.any()', 'currency: z.string()']);
  const transformed = await repository.gleaner('schema', 'replay', 'invoice', 'runs/one');
  expect([transformed.code, transformed.stderr]).toEqual([
    0,
    expect.stringContaining('zod is not asked, as the schema has a transform at number'),
  ]);
});

test('a torn last line is told and left out, other lines that are no results fail, a missing file is refused', async () => {
  const repository = Repository.withInvoice();
  const good = JSON.stringify({ id: '1', data: { number: '1', total: 1, currency: 'EUR' } });
  repository.write('torn.jsonl', `${good}\n${good.slice(0, 20)}`);
  const torn = await repository.gleaner('schema', 'replay', 'invoice', 'torn.jsonl');
  expect([torn.code, torn.stderr]).toEqual([0, expect.stringContaining('the last line of torn.jsonl is cut off')]);
  repository.write('broken.jsonl', `nonsense\n${good}\n{"id":"2"}\n`);
  const broken = await repository.gleaner('schema', 'replay', 'invoice', 'broken.jsonl');
  expect(broken.code).toBe(1);
  expect(broken.stderr).toContain('2 of 3 results are refused');
  repository.write('empty.jsonl', '');
  expect((await repository.gleaner('schema', 'replay', 'invoice', 'empty.jsonl')).code).toBe(0);
  expect((await repository.gleaner('schema', 'replay', 'invoice', 'missing.jsonl')).code).toBe(2);
  expect((await repository.gleaner('schema', 'replay', 'invoice', 'schemas')).code).toBe(2);
});
