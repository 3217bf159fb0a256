import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { root } from '../e2e/harness.ts';

const reliability = readFileSync(join(root, 'docs/reliability.md'), 'utf8');
const security = readFileSync(join(root, 'SECURITY.md'), 'utf8');

/** The lines of promises, and those below them that name tests. */
const pages = [
  { name: 'docs/reliability.md', page: reliability, promised: reliability.split('## The torture')[0] ?? '', least: 30 },
  { name: 'SECURITY.md', page: security, promised: security.split('## What is not promised')[0] ?? '', least: 18 },
];

/** `test/e2e/resume.test.ts`: "a name" */
const referencesIn = (page: string) =>
  [...page.matchAll(/`(test\/[\w/.-]+\.test\.ts)`: "([^"]+)"/g)].map(([, file = '', name = '']) => ({ file, name }));

describe.each(pages)('$name names a test for each promise', ({ page, promised, least }) => {
  test('and every promise has one', () => {
    const promises = promised.split(/^- /m).slice(1);
    expect(promises.length).toBeGreaterThanOrEqual(least);
    for (const promise of promises) expect(promise).toMatch(/^ {2}- `test\//m);
    const mentioned = [...page.matchAll(/test\/[\w/.-]+\.test\.ts/g)].length;
    expect(referencesIn(page)).toHaveLength(mentioned);
  });

  test.each(referencesIn(page))('$file: $name', ({ file, name }) => {
    const path = join(root, file);
    expect(existsSync(path), `${file} does not exist`).toBe(true);
    const source = readFileSync(path, 'utf8');
    const titles = [...source.matchAll(/(?:'((?:[^'\\\n]|\\.)*)'|`([^`]*)`|"([^"\n]*)")/g)].map(
      ([, single, template, double]) => single?.replaceAll("\\'", "'") ?? template ?? double ?? '',
    );
    expect(titles, `${file} has no test of this name`).toContain(name);
  });
});
