import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkDefinitions, compareSchemas, formatReport, parseSnapshot, schemaHash } from 'gleaner/evolution';

const source = new URL('../../src/', import.meta.url).pathname;

/** What is loaded with a module: its own files, and packages. Imports of types and those that are made later do not count. */
function loadedWith(entry: string): { files: Set<string>; packages: Set<string> } {
  const files = new Set<string>();
  const packages = new Set<string>();
  const queue = [join(source, entry)];
  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    const name = relative(source, file);
    if (files.has(name)) continue;
    files.add(name);
    const statements = readFileSync(file, 'utf8').matchAll(/^(?:import|export) (?!type )([^;]*?)'([^']+)';$/gm);
    for (const [, names = '', from = ''] of statements) {
      const given = names
        .match(/\{([^}]*)\}/)?.[1]
        ?.split(',')
        .filter((one) => one.trim() !== '') ?? [''];
      if (!/\bfrom\s*$/.test(names) || given.every((one) => one.trim().startsWith('type '))) continue;
      if (from.startsWith('.')) queue.push(join(dirname(file), from));
      else if (!from.startsWith('node:')) packages.add(from);
    }
  }
  return { files, packages };
}

describe('gleaner/evolution', () => {
  it('loads nothing of the pipeline, and no zod before a definition is read', () => {
    const { files, packages } = loadedWith('evolution/index.ts');
    expect(files).toContain(join('evolution', 'engine', 'compare-schemas.ts'));
    const rooms = new Set([...files].map((file) => file.split('/')[0]));
    const others = [...files].filter((file) =>
      /^(?:run|vertex|store|records|extraction|pacing|answer|report|cli)\//.test(file),
    );
    expect(others).toEqual([]);
    expect([...rooms].filter((room) => room !== undefined && !room.endsWith('.ts')).sort()).toEqual([
      'evolution',
      'files',
      'json',
      'json-schema',
      'packages',
      'schema',
      'zod',
    ]);
    expect([...packages]).toEqual(['@eslint-community/regexpp', 'fastest-levenshtein']);
  });

  it('has the whole check: compare, snapshot, check and print', () => {
    const older = { type: 'object', properties: { total: { type: 'number' } }, required: ['total'] };
    const newer = { ...older, properties: { total: { type: 'integer' } } };
    const { backward, forward, changes } = compareSchemas(older, newer);
    expect([backward.verdict, forward.verdict, changes.length]).toEqual(['breaking', 'compatible', 1]);
    expect(backward.witness).toEqual({ total: 0.1 });

    const unseen: [] = [];
    const snapshot = parseSnapshot({
      name: 'receipt',
      number: 1,
      date: '2026-01-02',
      gleaner: '1.0.0',
      hash: schemaHash(older),
      unseen,
      schema: older,
    });
    if (typeof snapshot === 'string') throw new Error(snapshot);
    const content = { name: 'receipt', schema: newer, hash: schemaHash(newer), unseen };
    const report = checkDefinitions(
      [{ content, reference: 'r.ts', file: 'r.ts', source: '', mode: 'backward', acceptances: [], locked: snapshot }],
      {
        label: 'snapshots',
        schemas: new Map([['receipt', [{ ...snapshot, label: '1', path: '1.json' }]]]),
        others: new Map(),
      },
      { reader: 'validator', againstOption: 'snapshots' },
    );
    expect(report.definitions.map(({ verdict }) => verdict)).toEqual(['breaking']);
    expect(formatReport(report, 'text', '1.0.0')).toContain('total');
  });
});
