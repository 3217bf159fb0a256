import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readAnswers } from '../../src/eval/read-answers.ts';
import { temporaryDirectory } from '../store/temporary-directory.ts';

test('a run directory without results is refused: all of its gold would count as missing', () => {
  const directory = join(temporaryDirectory(), 'run');
  mkdirSync(directory);
  expect(() => [...readAnswers(directory)]).toThrow(`Cannot read the results ${directory}: no such file or directory`);
  writeFileSync(join(directory, 'results.jsonl'), '');
  expect([...readAnswers(directory)]).toEqual([]);
});
