import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { root } from '../e2e/harness.ts';

const page = readFileSync(join(root, 'docs/reliability.md'), 'utf8');
/** `test/e2e/resume.test.ts`: "a name" */
const references = [...page.matchAll(/`(test\/[\w/.-]+\.test\.ts)`: "([^"]+)"/g)].map(([, file = '', name = '']) => ({
  file,
  name,
}));

describe('docs/reliability.md names a test for each promise', () => {
  test('and every promise has one', () => {
    const promises = page.split('## The torture')[0]?.split(/^- /m).slice(1) ?? [];
    expect(promises.length).toBeGreaterThan(35);
    for (const promise of promises) expect(promise).toMatch(/^ {2}- `test\//m);
    const mentioned = [...page.matchAll(/test\/[\w/.-]+\.test\.ts/g)].length;
    expect(references).toHaveLength(mentioned);
  });

  test.each(references)('$file: $name', ({ file, name }) => {
    const path = join(root, file);
    expect(existsSync(path), `${file} does not exist`).toBe(true);
    const source = readFileSync(path, 'utf8');
    const titles = [...source.matchAll(/(?:'((?:[^'\\\n]|\\.)*)'|`([^`]*)`|"([^"\n]*)")/g)].map(
      ([, single, template, double]) => single?.replaceAll("\\'", "'") ?? template ?? double ?? '',
    );
    expect(titles, `${file} has no test of this name`).toContain(name);
  });
});
