import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findRun } from '../../src/export/find-run.ts';
import { GleanerError } from '../../src/gleaner-error.ts';
import { temporaryDirectory } from '../store/temporary-directory.ts';

function refusalOf(path: string): GleanerError {
  try {
    findRun(path);
  } catch (error) {
    if (error instanceof GleanerError) return error;
  }
  throw new Error('It was not refused');
}

test('a run whose parts are not merged yet is known by them, and told from one that is not there', () => {
  const directory = temporaryDirectory();
  const out = join(directory, 'night');
  expect(refusalOf(out).message).toContain('no such file or directory');
  mkdirSync(`${out}.fleet`);
  for (const spelled of [out, `${out}/`]) {
    const { message, facts } = refusalOf(spelled);
    expect(message).toContain(`was submitted to workers, who have not merged it yet; its parts stand in ${out}.fleet`);
    expect(facts).toEqual({ advice: 'pool-status' });
  }
  mkdirSync(out);
  expect(refusalOf(out).message).toContain('have not merged it yet');
});
