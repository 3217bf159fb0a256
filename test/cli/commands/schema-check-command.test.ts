import { createRequire } from 'node:module';
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkJson, definition, first, Repository } from '../repository.ts';

describe('schema check', () => {
  test('an optional field passes, and the snapshot is said to be outdated', async () => {
    const repository = await Repository.locked();
    repository.define([...first, 'note: z.string().optional()']);
    const { code, report } = await checkJson(repository);
    expect(code).toBe(0);
    expect(report.definitions[0]).toMatchObject({ verdict: 'compatible', lock: 'outdated' });
    expect((await repository.gleaner('schema', 'check', '--locked')).code).toBe(1);
    expect((await repository.gleaner('schema', 'check', '--mode', 'full')).code).toBe(1);
    await repository.gleaner('schema', 'lock');
    expect((await repository.gleaner('schema', 'check', '--locked')).code).toBe(0);
  });

  test('a newer zod is told from an edited definition, and breaks no lock', async () => {
    const repository = Repository.withInvoice();
    const fields = [...first, 'mail: z.email().nullable()'];
    // The zod 4 that zod 3.25 holds has another pattern for addresses than zod 4 itself.
    const early = createRequire(import.meta.url).resolve('zod3/v4');
    repository.write('schemas/invoice.ts', definition(fields).replace("'zod'", JSON.stringify(early)));
    await repository.gleaner('schema', 'lock');
    expect((await repository.gleaner('schema', 'check', '--locked')).code).toBe(0);

    repository.define(fields);
    const updated = await repository.gleaner('schema', 'check', '--locked');
    expect(updated.code).toBe(0);
    expect(updated.stderr).toMatch(/zod changed \(from zod 4\.0\.\S+ to zod 4\.\S+\), not the definition/);
    expect((await checkJson(repository, '--locked')).report.definitions[0]?.lock).toBe('rewritten');

    repository.define([...first, 'mail: z.email().nullish()']);
    const edited = await repository.gleaner('schema', 'check', '--locked');
    expect(edited.code).toBe(1);
    expect(edited.stderr).not.toContain('zod changed');
  });

  test('the mode of the definition counts, and the flag more', async () => {
    const repository = await Repository.locked();
    repository.define([...first, 'vat: z.number()'], "\n  compatibility: 'none',");
    expect((await repository.gleaner('schema', 'check', '--mode', 'none')).code).toBe(0);
    expect((await repository.gleaner('schema', 'check', '--mode', 'backward')).code).toBe(1);
    repository.define(first, "\n  compatibility: 'sideways',");
    const wrong = await repository.gleaner('schema', 'check');
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain('"compatibility" must be one of backward, forward, full, none');
  });

  test('every snapshot is compared with --transitive', async () => {
    const repository = await Repository.locked();
    repository.define([...first, 'vat: z.number().optional()']);
    await repository.gleaner('schema', 'lock');
    repository.define([...first, 'vat: z.string().optional()']);
    await repository.gleaner('schema', 'accept', 'invoice', '--reason', 'Nobody used it');
    await repository.gleaner('schema', 'lock');
    const { code, report } = await checkJson(repository, '--transitive');
    expect(report.definitions[0]?.comparisons.map(({ baseline, verdict }) => [baseline.path, verdict])).toEqual([
      ['schemas/snapshots/invoice/3.json', 'compatible'],
      ['schemas/snapshots/invoice/2.json', 'accepted'],
      ['schemas/snapshots/invoice/1.json', 'compatible'],
    ]);
    expect(code).toBe(0);
  });

  test('a zod reader fills in defaults and drops unknown keys', async () => {
    const repository = await Repository.locked();
    repository.define(['number: z.string()', "currency: z.enum(['EUR', 'USD'])", "status: z.string().default('open')"]);
    expect((await repository.gleaner('schema', 'check')).code).toBe(1);
    expect((await repository.gleaner('schema', 'check', '--reader', 'zod')).code).toBe(0);
  });

  test('a changed instruction and a new refinement are told, as no schema shows them', async () => {
    const repository = await Repository.locked();
    const edited = definition(['number: z.string().refine((text) => text.length > 3)', ...first.slice(1)]);
    repository.write('schemas/invoice.ts', edited.replace('Extract the invoice.', 'Extract the bill.'));
    const { code, report } = await checkJson(repository);
    expect(code).toBe(0);
    expect(report.definitions[0]?.unseen).toEqual([
      { path: 'number', kind: 'refinement', digest: expect.stringMatching(/^[0-9a-f]{12}$/) },
    ]);
    expect(report.definitions[0]?.notes.join('\n')).toMatch(/Instructions or prompt changed/);
    expect(report.definitions[0]?.notes.join('\n')).toMatch(
      /refinement at number; check stored results with gleaner schema replay/,
    );
    const lock = await repository.gleaner('schema', 'lock');
    expect(lock.stderr).toContain('instructions or prompt, refinements or transforms');
  });
});

describe('baselines from git', () => {
  test('a tag, a commit, a remote branch, a detached head and a directory below the root all work', async () => {
    const repository = await Repository.locked();
    repository.git('tag', '-a', '-m', 'One', 'v1');
    repository.git('update-ref', 'refs/remotes/origin/release', 'HEAD');
    const commit = repository.git('rev-parse', 'HEAD');
    repository.define([...first, 'vat: z.number()']);
    await repository.gleaner('schema', 'lock');
    repository.commit('Ask for the VAT');
    repository.git('checkout', '-q', '--detach');
    for (const ref of ['v1', commit, commit.slice(0, 10), 'origin/release', 'release', 'HEAD~1', 'merge-base:v1']) {
      const { code, stderr } = await repository.gleaner('schema', 'check', '--against', `git:${ref}`);
      expect([ref, code, stderr]).toEqual([ref, 1, expect.stringContaining('1 breaking')]);
    }

    const outer = new Repository();
    outer.git('init', '-q', '-b', 'main');
    cpSync(join(repository.path, 'schemas'), join(outer.path, 'packages/billing/schemas'), { recursive: true });
    outer.commit('Move in');
    const inner = outer.at(join(outer.path, 'packages/billing'));
    inner.define([...first, 'vat: z.string()']);
    const { stdout, code } = await inner.gleaner('schema', 'check', '--against', 'git:main', '--format', 'github');
    expect(code).toBe(1);
    expect(stdout).toContain('::error file=packages/billing/schemas/invoice.ts,line=11,');
  });

  test('a renamed folder of snapshots goes on with its history, and a copy does not', async () => {
    const repository = await Repository.locked();
    renameSync(join(repository.path, 'schemas/snapshots/invoice'), join(repository.path, 'schemas/snapshots/bill'));
    repository.define([...first, 'vat: z.number()'], '', 'bill');
    const renamed = await checkJson(repository, '--against', 'git:main');
    expect(renamed.report.definitions[0]).toMatchObject({ name: 'bill', verdict: 'breaking' });
    expect(renamed.code).toBe(1);

    cpSync(join(repository.path, 'schemas/snapshots/bill'), join(repository.path, 'schemas/snapshots/invoice'), {
      recursive: true,
    });
    const copied = await checkJson(repository, '--against', 'git:main');
    expect(copied.report.definitions[0]?.verdict).toBe('new');

    rmSync(join(repository.path, 'schemas/snapshots/bill'), { recursive: true });
    const lost = await checkJson(repository);
    expect(lost.report.definitions[0]?.verdict).toBe('new');
    expect(lost.report.removed).toMatchObject([{ name: 'invoice', acceptance: null }]);
    expect(lost.code).toBe(1);
  });

  test('a whole folder that moved is found as well', async () => {
    const repository = await Repository.locked();
    mkdirSync(join(repository.path, 'packages'));
    renameSync(join(repository.path, 'schemas'), join(repository.path, 'packages/schemas'));
    const inner = repository.at(join(repository.path, 'packages'));
    inner.define([...first, 'vat: z.number()']);
    expect((await inner.gleaner('schema', 'check', '--against', 'git:main')).code).toBe(1);
  });

  test('what cannot be compared with is refused', async () => {
    const repository = await Repository.locked();
    const refused: [string, string][] = [
      ['git:no-such-branch', 'there is no such branch, tag or commit'],
      ['git:', 'name a branch, tag or commit'],
      ['git:--upload-pack=touch hacked', 'name a branch, tag or commit'],
      ['no-such-folder', 'Cannot find the baseline no-such-folder'],
      ['schemas/invoice.ts', 'is no JSON'],
    ];
    for (const [against, says] of refused) {
      const { code, stderr } = await repository.gleaner('schema', 'check', '--against', against);
      expect([against, code, stderr]).toEqual([against, 2, expect.stringContaining(says)]);
    }
    const outside = new Repository();
    outside.define(first);
    const { code, stderr } = await outside.gleaner('schema', 'check', '--against', 'git:main');
    expect(code).toBe(2);
    expect(stderr).toContain('is in no git repository');
    expect((await new Repository().gleaner('schema', 'check')).code).toBe(2);
  });

  test('the code of the other ref is never run', async () => {
    const repository = await Repository.locked();
    repository.write(
      'schemas/invoice.ts',
      `import { writeFileSync } from 'node:fs';\nwriteFileSync('ran', '');\n${definition(first)}`,
    );
    repository.commit('Do harm when loaded');
    repository.define(first);
    expect((await repository.gleaner('schema', 'check', '--against', 'git:main')).code).toBe(0);
    expect(existsSync(join(repository.path, 'ran'))).toBe(false);
  });
});

describe('other baselines', () => {
  test('a copied folder, a checkout, a snapshot and a bare JSON Schema', async () => {
    const repository = await Repository.locked();
    cpSync(join(repository.path, 'schemas'), join(repository.path, 'old/schemas'), { recursive: true });
    rmSync(join(repository.path, 'old/schemas/invoice.ts'));
    const snapshot = JSON.parse(readFileSync(join(repository.path, 'schemas/snapshots/invoice/1.json'), 'utf8')) as {
      schema: unknown;
    };
    repository.write('bare/invoice.json', JSON.stringify(snapshot.schema));
    repository.write('empty/readme.txt', '');
    repository.define([...first, 'vat: z.number()']);
    const breaking = [
      'old',
      'old/schemas/snapshots',
      'old/schemas/snapshots/invoice',
      'schemas/snapshots/invoice/1.json',
      'bare',
      'bare/invoice.json',
    ];
    for (const against of breaking) {
      const { code, stderr } = await repository.gleaner('schema', 'check', '--against', against);
      expect([against, code, stderr]).toEqual([against, 1, expect.stringContaining('1 breaking')]);
    }
    const empty = await repository.gleaner('schema', 'check', '--against', 'empty');
    expect([empty.code, empty.stderr]).toEqual([0, expect.stringContaining('1 new')]);
  });

  test('a snapshot that was edited, or that a merge left torn, is no baseline', async () => {
    const repository = await Repository.locked();
    const path = join(repository.path, 'schemas/snapshots/invoice/1.json');
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, text.replace('"USD"', '"DEM"'));
    const edited = await repository.gleaner('schema', 'check');
    expect([edited.code, edited.stderr]).toEqual([2, expect.stringContaining('it was edited after it was written')]);
    writeFileSync(path, `<<<<<<< ours\n${text}=======\n${text}>>>>>>> theirs\n`);
    const torn = await repository.gleaner('schema', 'check');
    expect([torn.code, torn.stderr]).toEqual([2, expect.stringContaining('conflict markers')]);
  });

  test('two schemas, of any kind, are compared by schema diff', async () => {
    const repository = await Repository.locked();
    repository.define([...first, 'vat: z.number()']);
    repository.write('old.json', JSON.stringify({ type: 'integer' }));
    repository.write('new.schema.json', JSON.stringify({ type: 'number' }));
    const widened = await repository.gleaner('schema', 'diff', 'old.json', 'new.schema.json');
    expect(widened.code).toBe(0);
    expect(widened.stderr).toContain('new: compatible with old.json (backward)');
    expect((await repository.gleaner('schema', 'diff', 'old.json', 'new.schema.json', '--mode', 'forward')).code).toBe(
      1,
    );
    const locked = await repository.gleaner('schema', 'diff', 'schemas/snapshots/invoice/1.json', 'invoice');
    expect(locked.code).toBe(1);
    expect(locked.stderr).toContain('required-property-added');
    repository.define(first);
    repository.write('shown.json', (await repository.gleaner('schema', 'show', 'invoice')).stdout);
    repository.define([...first, 'vat: z.number()']);
    expect((await repository.gleaner('schema', 'diff', 'shown.json', 'invoice')).stderr).toContain(
      'breaking with shown.json',
    );
    repository.write('package.json', JSON.stringify({ name: 'x', version: '1' }));
    const wrong = await repository.gleaner('schema', 'diff', 'package.json', 'new.schema.json');
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('neither a snapshot nor a JSON Schema')]);
  });
});
