import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkJson, first, Repository } from '../cli/repository.ts';
import { gleaner } from './harness.ts';

const built = (args: readonly string[], cwd: string) => gleaner(args, { cwd });

test('a break fails with its witness, is accepted, and the acceptance ends when the baseline moves', async () => {
  const repository = Repository.withInvoice(built);
  const fresh = await repository.gleaner('schema', 'check');
  expect(fresh.code).toBe(0);
  expect(fresh.stderr).toContain('invoice: new');
  expect(fresh.stdout).toBe('');

  const lock = await repository.gleaner('schema', 'lock');
  expect(lock.stderr).toContain('invoice: wrote schemas/snapshots/invoice/1.json');
  const again = await repository.gleaner('schema', 'lock');
  expect(again.stderr).toContain('invoice: unchanged since snapshot 1');
  expect(readdirSync(join(repository.path, 'schemas/snapshots/invoice'))).toEqual(['1.json']);
  repository.commit('Add the invoice');

  repository.git('switch', '-q', '-c', 'vat');
  repository.define([...first, 'vat: z.number()']);
  const { code, report } = await checkJson(repository, '--against', 'git:main');
  expect(code).toBe(1);
  expect(report.isOk).toBe(false);
  const [comparison] = report.definitions[0]?.comparisons ?? [];
  expect(comparison?.backward.verdict).toBe('breaking');
  expect(comparison?.backward.witness).toHaveProperty('currency');
  expect(comparison?.backward.witness).not.toHaveProperty('vat');
  expect(comparison?.changes).toMatchObject([{ rule: 'required-property-added', line: 11, isFailing: true }]);
  const told = await repository.gleaner('schema', 'check', '--against', 'git:main');
  expect(told.code).toBe(1);
  expect(told.stderr).toContain('Make vat optional with .optional()');
  expect(told.stderr).toContain('gleaner schema accept schemas/invoice.ts --against git:main');

  const unexplained = await repository.gleaner('schema', 'accept', 'invoice', '--reason', ' ');
  expect(unexplained.code).toBe(2);
  const accept = await repository.gleaner(
    'schema',
    'accept',
    'invoice',
    '--reason',
    'Old results are archived',
    '--against',
    'git:main',
  );
  expect(accept.code).toBe(0);
  const accepted = readdirSync(join(repository.path, 'schemas/snapshots/invoice/accepted'));
  expect(accepted).toHaveLength(1);
  const record: unknown = JSON.parse(
    readFileSync(join(repository.path, 'schemas/snapshots/invoice/accepted', accepted[0] ?? ''), 'utf8'),
  );
  expect(record).toMatchObject({
    name: 'invoice',
    reason: 'Old results are archived',
    directions: ['backward'],
    rules: ['required-property-added'],
  });
  await repository.gleaner('schema', 'lock');
  repository.commit('Ask for the VAT');
  const passing = await checkJson(repository, '--against', 'git:merge-base:main');
  expect(passing.code).toBe(0);
  expect(passing.report.definitions[0]?.verdict).toBe('accepted');

  // The acceptance is for this very edit, not for the next one.
  repository.define([...first, 'vat: z.number()', 'due: z.string()']);
  const other = await checkJson(repository, '--against', 'git:main');
  expect(other.code).toBe(1);
  expect(other.report.definitions[0]?.staleAcceptances).toHaveLength(1);
  repository.git('checkout', '-q', '--', '.');

  repository.git('switch', '-q', 'main');
  repository.git('merge', '-q', '--no-ff', '-m', 'Merge vat', 'vat');
  const merged = await checkJson(repository, '--against', 'git:main');
  expect(merged.code).toBe(0);
  expect(merged.report.definitions[0]?.verdict).toBe('compatible');
  expect(merged.report.definitions[0]?.staleAcceptances).toEqual([`schemas/snapshots/invoice/accepted/${accepted[0]}`]);

  // Going back is another break, which nobody accepted.
  repository.define(first);
  const back = await checkJson(repository);
  expect(back.code).toBe(1);
  expect(back.report.definitions[0]?.comparisons[0]?.baseline.path).toBe('schemas/snapshots/invoice/2.json');
}, 120_000);

test('a shallow clone says how to fetch more', async () => {
  const repository = await Repository.locked(built);
  repository.git('tag', 'v1');
  repository.define([...first, 'note: z.string().optional()']);
  repository.commit('Add a note');
  const clone = new Repository(built);
  clone.git('clone', '-q', '--depth', '1', '--no-tags', `file://${repository.path}`, 'clone');
  const shallow = clone.at(join(clone.path, 'clone'));
  for (const ref of ['v1', 'HEAD~1', 'merge-base:v1']) {
    const { code, stderr } = await shallow.gleaner('schema', 'check', '--against', `git:${ref}`);
    expect([ref, code]).toEqual([ref, 2]);
    expect(stderr).toContain('fetch-depth: 0');
  }
  expect((await shallow.gleaner('schema', 'check', '--against', 'git:main')).code).toBe(0);
}, 60_000);

test('500 definitions are checked against git in one go', async () => {
  const repository = new Repository(built);
  repository.git('init', '-q', '-b', 'main');
  const source = (index: number, field: string): string =>
    `export const e${index} = defineExtraction({ name: 'e${index}', instructions: 'Read.', prompt: '{{text}}', schema: z.object({ a: z.string(), ${field} }) });\n`;
  const head = "import { defineExtraction } from 'gleaner';\nimport { z } from 'zod';\n";
  const module = (field: (index: number) => string): string =>
    head + Array.from({ length: 500 }, (_, index) => source(index, field(index))).join('');
  repository.write(
    'schemas/all.ts',
    module(() => 'b: z.number()'),
  );
  await repository.gleaner('schema', 'lock');
  repository.commit('Add 500');
  repository.write(
    'schemas/all.ts',
    module((index) => (index % 2 === 0 ? 'b: z.number()' : 'b: z.int()')),
  );
  const { code, stderr } = await repository.gleaner('schema', 'check', '--against', 'git:main');
  expect(code).toBe(1);
  expect(stderr).toContain('250 breaking, 250 compatible');
}, 120_000);
