import { expect, it } from 'vitest';
import { isNamePattern, readNamePattern } from '../../src/cloud-storage/name-pattern.ts';

it.each([
  {
    pattern: 'in/*.jsonl.gz',
    prefix: 'in/',
    takes: ['in/a.jsonl.gz', 'in/.jsonl.gz'],
    leaves: ['in/a/b.jsonl.gz', 'in/a.jsonl', 'xin/a.jsonl.gz'],
  },
  {
    pattern: 'in/**.csv',
    prefix: 'in/',
    takes: ['in/a.csv', 'in/2026/01/b.csv'],
    leaves: ['in/a.csv.gz', 'out/a.csv'],
  },
  {
    pattern: 'day-?.csv',
    prefix: 'day-',
    takes: ['day-1.csv', 'day-ä.csv', 'day-😀.csv'],
    leaves: ['day-.csv', 'day-12.csv', 'day-/.csv'],
  },
  { pattern: 'p[a-c1].csv', prefix: 'p', takes: ['pa.csv', 'pb.csv', 'p1.csv'], leaves: ['pd.csv', 'p.csv'] },
  { pattern: 'p[!a-c].csv', prefix: 'p', takes: ['pd.csv', 'p-.csv'], leaves: ['pa.csv'] },
  { pattern: 'a.b+(c)/*', prefix: 'a.b+(c)/', takes: ['a.b+(c)/x'], leaves: ['aXb+(c)/x', 'a.bb(c)/x'] },
  { pattern: 'p[.csv*', prefix: 'p', takes: ['p[.csv', 'p[.csv.gz'], leaves: ['p.csv'] },
  { pattern: 'p[]^\\-]x*', prefix: 'p', takes: [], leaves: ['p'] },
])('$pattern', ({ pattern, prefix, takes, leaves }) => {
  const read = readNamePattern(pattern);
  expect(isNamePattern(pattern)).toBe(true);
  expect(read.prefix).toBe(prefix);
  expect(takes.filter((name) => !read.matches(name))).toEqual([]);
  expect(leaves.filter((name) => read.matches(name))).toEqual([]);
});
