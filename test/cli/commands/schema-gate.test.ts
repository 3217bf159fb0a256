import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkJson, definition, first, Repository, type CommandResult } from '../repository.ts';

const formats = ['text', 'json', 'github', 'sarif', 'junit', 'markdown'] as const;
const against = ['--against', 'git:main'];
const broken = [...first, 'vat: z.number()'];
const refined = ['number: z.string().refine((text) => text.length > 3)', ...first.slice(1)];

/** A branch off main, on which the edit is made. */
async function branch(edit: (repository: Repository) => void): Promise<Repository> {
  const repository = await Repository.locked();
  repository.git('checkout', '-q', '-b', 'edit');
  edit(repository);
  return repository;
}

/** What each format says of the branch, against main. */
async function expectEveryFormat(
  repository: Repository,
  code: number,
  says: readonly RegExp[],
  flags: readonly string[] = [],
): Promise<void> {
  for (const format of formats) {
    const said = await repository.gleaner('schema', 'check', ...against, ...flags, '--format', format);
    expect({ format, code: said.code }).toEqual({ format, code });
    const text = format === 'text' ? said.stderr : said.stdout;
    for (const word of says) expect(`${format}: ${text}`).toMatch(word);
  }
}

function accept(repository: Repository, ...args: string[]): Promise<CommandResult> {
  return repository.gleaner('schema', 'accept', ...args, ...against);
}

/** Merges the branch into main, with all that it wrote down. */
async function merge(repository: Repository): Promise<void> {
  await repository.gleaner('schema', 'lock');
  repository.commit('Edit');
  repository.git('checkout', '-q', '-B', 'main');
}

describe('the gate cannot be walked past in one pull request', () => {
  test('by a lower mode in the project file', async () => {
    const repository = await branch((one) => {
      one.define(broken);
      writeFileSync(join(one.path, 'gleaner.config.json'), '{ "flags": { "mode": "none" } }');
    });
    const said = await repository.gleaner('schema', 'check', ...against);
    expect(said).toMatchObject({ code: 1 });
    expect(said.stderr).toContain('compatibility became none where the baseline demands backward');
    expect((await repository.gleaner('schema', 'check', ...against, '--mode', 'none')).code).toBe(0);
  });

  test.each([
    ['with a break in the same edit', broken],
    ['without one, for the next edit', first],
  ])('by another folder of snapshots in the project file, %s', async (_name, fields) => {
    const repository = await branch((one) => {
      one.define(fields);
      writeFileSync(join(one.path, 'gleaner.config.json'), '{ "flags": { "snapshots": "other" } }');
    });
    await expectEveryFormat(repository, 2, [/has its snapshots in schemas\/snapshots, and other/]);
    // Locked anew in the other folder, it is compared with what it was all the same.
    await repository.gleaner('schema', 'lock');
    expect((await repository.gleaner('schema', 'check', ...against)).code).toBe(fields === broken ? 1 : 0);
    // With the folder moved there is nothing to say but of the break.
    rmSync(join(repository.path, 'other'), { recursive: true });
    repository.git('mv', 'schemas/snapshots', 'other');
    const moved = await repository.gleaner('schema', 'check', ...against);
    expect(moved).toMatchObject({
      code: fields === broken ? 1 : 0,
      stderr: expect.stringContaining('with snapshot 1'),
    });
  });

  test('by another folder, where the folder of before was one of the project file, or a definition is gone', async () => {
    const repository = await Repository.locked();
    writeFileSync(join(repository.path, 'gleaner.config.json'), '{ "flags": { "snapshots": "kept" } }');
    repository.git('mv', 'schemas/snapshots', 'kept');
    repository.commit('Keep snapshots elsewhere');
    repository.git('checkout', '-q', '-b', 'edit');
    writeFileSync(join(repository.path, 'gleaner.config.json'), '{ "flags": { "snapshots": "empty" } }');
    repository.define(broken);
    await expectEveryFormat(repository, 2, [/has its snapshots in kept, and empty/]);
    repository.write('schemas/other.ts', definition(['page: z.number()'], '', 'other'));
    rmSync(join(repository.path, 'schemas/invoice.ts'));
    await expectEveryFormat(repository, 1, [/invoice was removed/]);
  });

  test('by a project file that asks for less of the reader, of refinements, of older snapshots or of the lock', async () => {
    const repository = await Repository.locked();
    const project = (flags: object): void =>
      writeFileSync(
        join(repository.path, 'gleaner.config.json'),
        JSON.stringify({ commands: { 'schema check': flags } }),
      );
    project({ unseen: 'fail', locked: true });
    repository.commit('Be strict');
    repository.git('checkout', '-q', '-b', 'edit');
    project({ reader: 'zod' });
    repository.define(refined);
    const said = await repository.gleaner('schema', 'check', ...against);
    expect(said.code).toBe(1);
    for (const name of ['reader is validator', 'unseen is fail']) expect(said.stderr).toContain(name);
    repository.define([...first, 'vat: z.number().default(0)']);
    expect((await repository.gleaner('schema', 'check', ...against)).code).toBe(1);
    expect((await repository.gleaner('schema', 'check', ...against, '--reader', 'zod')).code).toBe(1);
    await repository.gleaner('schema', 'lock');
    expect((await repository.gleaner('schema', 'check', ...against, '--reader', 'zod')).code).toBe(0);
  });

  test.each([
    ['with a break in the same edit', broken],
    ['without one, for the next edit', first],
  ])('by a lower compatibility, %s; accepted it passes, once', async (_name, fields) => {
    const edit = (one: Repository): void => one.define(fields, "\n  compatibility: 'none',");
    const repository = await branch(edit);
    await expectEveryFormat(repository, 1, [
      /compatibility became none where the baseline demands backward|"weakened": \{/,
    ]);
    expect((await accept(repository, 'invoice', '--reason', 'A new start')).code).toBe(0);
    await expectEveryFormat(repository, 0, [/A new start/]);
    await merge(repository);
    expect((await repository.gleaner('schema', 'check', ...against)).code).toBe(0);

    // The way back is no break; the same step taken again is a new one.
    repository.define(first);
    await merge(repository);
    edit(repository);
    expect((await repository.gleaner('schema', 'check', ...against)).code).toBe(1);
  });

  test('by a mode that demands the other direction only', async () => {
    const repository = await branch((one) => one.define(first, "\n  compatibility: 'forward',"));
    const { code, stderr } = await repository.gleaner('schema', 'check', ...against);
    expect(code).toBe(1);
    expect(stderr).toContain("Set the definition's compatibility to backward again");
    repository.define(first, "\n  compatibility: 'full',");
    expect((await repository.gleaner('schema', 'check', ...against)).code).toBe(0);
  });

  test.each([
    ['the schema left as it is', first],
    ['a break in the same edit', broken],
  ])('by another name, %s: both names are told, until it is accepted', async (_name, fields) => {
    const repository = await branch((one) => one.define(fields, '', 'bill'));
    await expectEveryFormat(repository, 1, [/invoice was renamed to bill/, /accept invoice --removed/]);
    await accept(repository, 'invoice', '--removed', '--reason', 'It is the bill now');
    await expectEveryFormat(repository, 0, [/It is the bill now/]);
  });

  test('by a definition that is deleted, with its snapshots and without; accepted it passes, once', async () => {
    const repository = await branch((one) => {
      one.write('schemas/other.ts', definition(['page: z.number()'], '', 'other'));
      rmSync(join(one.path, 'schemas/invoice.ts'));
    });
    await expectEveryFormat(repository, 1, [/invoice was removed/]);
    rmSync(join(repository.path, 'schemas/snapshots/invoice'), { recursive: true });
    await expectEveryFormat(repository, 1, [/invoice was removed/]);
    const wrong = await accept(repository, 'invocie', '--removed', '--reason', 'x');
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('has no invocie') });
    await accept(repository, 'invoice', '--removed', '--reason', 'Nobody reads it');
    await expectEveryFormat(repository, 0, [/invoice was removed, which was accepted on .*Nobody reads it/]);
    await merge(repository);

    // It comes back, and with it readers.
    repository.define(broken);
    await repository.gleaner('schema', 'accept', 'invoice', '--reason', 'A new start');
    await merge(repository);
    rmSync(join(repository.path, 'schemas/invoice.ts'));
    expect((await repository.gleaner('schema', 'check', ...against)).code).toBe(1);
  });

  test('by deleting the last definition', async () => {
    const repository = await branch((one) => rmSync(join(one.path, 'schemas/invoice.ts')));
    await expectEveryFormat(repository, 1, [/invoice was removed/]);
    rmSync(join(repository.path, 'schemas'), { recursive: true });
    await expectEveryFormat(repository, 1, [/invoice was removed/]);
    // Without a baseline there is nothing that could be gone.
    expect((await repository.gleaner('schema', 'check')).code).toBe(2);
  });

  test('by a snapshot that was edited', async () => {
    const repository = await Repository.locked();
    const path = join(repository.path, 'schemas/snapshots/invoice/1.json');
    const text = readFileSync(path, 'utf8');
    expect(text).toContain('"compatibility": "backward"');
    writeFileSync(path, text.replace('"compatibility": "backward"', '"compatibility": "none"'));
    const { code, stderr } = await repository.gleaner('schema', 'check');
    expect(code).toBe(2);
    expect(stderr).toContain('does not fit its seal');
  });

  test('by a refinement, where that is not wanted; accepted it passes, once', async () => {
    const repository = await branch((one) => one.define(refined));
    const strict = ['--unseen', 'fail'];
    expect((await repository.gleaner('schema', 'check', ...against)).code).toBe(0);
    await expectEveryFormat(
      repository,
      1,
      [/refinement at number is new|"refusedUnseen": \[\s*\{\s*"path": "number"/, /breaking|breaks|"error"/],
      strict,
    );
    const { stdout } = await repository.gleaner('schema', 'check', ...against, ...strict, '--format', 'github');
    expect(stdout).toContain('::error file=schemas/invoice.ts,line=8,');
    await accept(repository, 'invoice', ...strict, '--reason', 'All are longer');
    await expectEveryFormat(repository, 0, [/All are longer/], strict);
    await merge(repository);
    expect((await repository.gleaner('schema', 'check', ...against, ...strict)).code).toBe(0);
    repository.define(first);
    await merge(repository);
    repository.define(refined);
    expect((await repository.gleaner('schema', 'check', ...against, ...strict)).code).toBe(1);
  });

  test('snapshots of before modes were written down still hold', async () => {
    const repository = await Repository.locked();
    const path = join(repository.path, 'schemas/snapshots/invoice/1.json');
    const {
      seal: _seal,
      compatibility: _mode,
      ...old
    } = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
    writeFileSync(path, `${JSON.stringify(old, null, 2)}\n`);
    expect((await repository.gleaner('schema', 'check', '--locked')).code).toBe(0);
    repository.define(first, "\n  compatibility: 'none',");
    expect((await repository.gleaner('schema', 'check')).code).toBe(1);
  });

  test('by an acceptance that was given for other readers, or for the same step before', async () => {
    const repository = await Repository.locked();
    repository.define(broken);
    await repository.gleaner('schema', 'accept', 'invoice', '--reader', 'zod', '--reason', 'All read with zod');
    expect((await repository.gleaner('schema', 'check', '--reader', 'zod')).code).toBe(0);
    expect((await repository.gleaner('schema', 'check')).code).toBe(1);
    await repository.gleaner('schema', 'accept', 'invoice', '--reason', 'Nobody reads it');
    expect((await repository.gleaner('schema', 'check')).code).toBe(0);
    await repository.gleaner('schema', 'lock');
    repository.define(first);
    await repository.gleaner('schema', 'lock');
    repository.define(broken);
    expect((await repository.gleaner('schema', 'check')).code).toBe(1);
  });
});

describe('what cannot be checked does not keep the rest from being checked', () => {
  test('a definition that does not load is told beside the verdicts of the others', async () => {
    const repository = await branch((one) => {
      one.write('schemas/broken.ts', 'throw new Error("out of order");\n');
      one.define(broken);
    });
    await expectEveryFormat(repository, 2, [/schemas\/broken\.ts/, /out of order/, /vat/]);
    const accepted = await accept(repository, 'invoice', '--reason', 'Nobody reads it');
    expect(accepted.code).toBe(0);
    const locked = await repository.gleaner('schema', 'lock');
    expect(locked).toMatchObject({ code: 2, stderr: expect.stringMatching(/wrote .*2\.json.*out of order/s) });
  });

  test('a definition whose schema no model can fill, and one whose snapshots are torn', async () => {
    const repository = await branch((one) => {
      one.write('schemas/never.ts', definition(['page: z.never()'], '', 'never'));
      one.write('schemas/other.ts', definition(['page: z.number()'], '', 'other'));
      one.write('schemas/snapshots/other/1.json', '<<<<<<< ours\n{}\n');
      one.define(broken);
    });
    await expectEveryFormat(repository, 2, [/never/, /conflict markers/, /vat/]);
  });

  test('two definitions of one name', async () => {
    const repository = await branch((one) => one.write('schemas/second.ts', definition(first)));
    await expectEveryFormat(repository, 2, [/are both named invoice/]);
    expect((await checkJson(repository, ...against)).report.definitions).toMatchObject([{ verdict: 'compatible' }]);
  });

  test('what seems to be gone may be in a module that does not load', async () => {
    const repository = await branch((one) => {
      one.write('schemas/invoice.ts', 'throw new Error("out of order");\n');
      one.write('schemas/other.ts', definition(first, '', 'other'));
    });
    const { code, report } = await checkJson(repository, ...against);
    expect(code).toBe(2);
    expect(report.removed).toEqual([]);
    const refused = await accept(repository, 'invoice', '--removed', '--reason', 'x');
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('while a definition does not load') });
  });
});

describe('in a monorepo', () => {
  const file = 'packages/billing/schemas/invoice.ts';

  async function packaged(): Promise<Repository> {
    const repository = await Repository.locked();
    mkdirSync(join(repository.path, 'packages/billing'), { recursive: true });
    repository.git('mv', 'schemas', 'packages/billing/schemas');
    repository.commit('Move in');
    return repository;
  }

  test('snapshots beside a definition are found from the root', async () => {
    const repository = await packaged();
    repository.write(file, definition(broken));
    for (const given of [[], against]) {
      const { code, stderr } = await repository.gleaner('schema', 'check', file, ...given);
      expect([code, stderr]).toEqual([1, expect.stringContaining('invoice: breaking with snapshot 1')]);
    }
    const accepted = await repository.gleaner('schema', 'accept', file, '--reason', 'Fine');
    expect(accepted.stderr).toContain('packages/billing/schemas/snapshots/invoice/accepted');
    expect((await repository.gleaner('schema', 'check', file)).code).toBe(0);
    const locked = await repository.gleaner('schema', 'lock', file);
    expect(locked.stderr).toContain('wrote packages/billing/schemas/snapshots/invoice/2.json');
  });

  test('snapshots that were deleted in the branch are found in the baseline', async () => {
    const repository = await packaged();
    repository.write(file, definition(broken));
    rmSync(join(repository.path, 'packages/billing/schemas/snapshots'), { recursive: true });
    expect((await repository.gleaner('schema', 'check', file, ...against)).code).toBe(1);
  });

  test('snapshots that were taken from the root before stay where they are', async () => {
    const repository = await packaged();
    repository.git('mv', 'packages/billing/schemas/snapshots', 'schemas/snapshots'.replace('schemas/', ''));
    mkdirSync(join(repository.path, 'schemas'));
    repository.git('mv', 'snapshots', 'schemas/snapshots');
    repository.commit('Keep them at the root');
    repository.write(file, definition(broken));
    expect((await repository.gleaner('schema', 'check', file)).code).toBe(1);
    rmSync(join(repository.path, 'schemas'), { recursive: true });
    expect((await repository.gleaner('schema', 'check', file, ...against)).code).toBe(1);
  });
});
