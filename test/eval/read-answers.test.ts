import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readAnswers, readEvidence } from '../../src/eval/read-answers.ts';
import { temporaryDirectory } from '../store/temporary-directory.ts';

test('a run directory without results is refused: all of its gold would count as missing', () => {
  const directory = join(temporaryDirectory(), 'run');
  mkdirSync(directory);
  expect(() => [...readAnswers(directory)]).toThrow(`Cannot read the results ${directory}: no such file or directory`);
  writeFileSync(join(directory, 'results.jsonl'), '');
  expect([...readAnswers(directory)]).toEqual([]);
});

test.each(['garbage', '[]', '{"id":"b"}', '{"id":"b","evidence":[{"start":0}]}', '{"id":7,"evidence":[]}'])(
  'a line that is no evidence is named, with how to make the file again: %s',
  (garbage) => {
    const directory = temporaryDirectory();
    const line = '{"id":"a","evidence":[{"path":"/total","start":0,"end":1,"match":"exact","occurrences":1}]}\n';
    const path = join(directory, 'evidence.jsonl');
    writeFileSync(path, line);
    expect(readEvidence(directory, new Set(['a']))?.get('a')).toHaveLength(1);
    writeFileSync(path, `${line}${garbage}\n${line}`);
    expect(() => readEvidence(directory, new Set(['a']))).toThrow(
      `line 2 of ${path} is no evidence of a result; make the file again with gleaner evidence ${directory}`,
    );
  },
);
