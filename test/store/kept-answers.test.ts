import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { AnsweredEntry } from '../../src/store/entries.ts';
import { KeptAnswers, requestKey } from '../../src/store/kept-answers.ts';
import { contentKey } from '../../src/store/recover.ts';
import { RunDirectory } from '../../src/store/run-directory.ts';
import { completion } from '../run/record/scripted-run.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const key = (text: string): string => requestKey({ messages: [{ role: 'user', content: text }] });

function kept(id: string, text: string, content: string): AnsweredEntry {
  return { id, fingerprint: `f-${id}`, request: key(text), completion: completion({ content }) };
}

function fileWith(...lines: AnsweredEntry[]): string {
  const path = join(temporaryDirectory(), 'answered.jsonl');
  writeFileSync(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  return path;
}

const nothingEnded = (): boolean => false;

test('each answer is given once, to the request it answers', () => {
  const answers = KeptAnswers.open(
    fileWith(kept('a', 'x', '1'), kept('a', 'x', '2'), kept('a', 'y', '3')),
    nothingEnded,
  );
  const record = { id: 'a', fingerprint: 'f-a' };
  expect(answers.take(record, key('x'))?.completion.content).toBe('1');
  expect(answers.take(record, key('x'))?.completion.content).toBe('2');
  expect(answers.take(record, key('x'))).toBeUndefined();
  expect(answers.take(record, key('y'))?.completion.content).toBe('3');
  expect(answers.take({ id: 'a', fingerprint: 'other' }, key('y'))).toBeUndefined();
});

test('answers of records that have ended, or that were taken back, leave the file', () => {
  const path = fileWith(
    kept('done', 'x', '1'),
    kept('taken back', 'x', '2'),
    kept('open', 'x', '3'),
    { id: 'taken back', fingerprint: 'f-taken back' },
    kept('open', 'y', '4'),
  );
  const answers = KeptAnswers.open(path, (contents) => contents === contentKey('done', 'f-done'));
  expect(readFileSync(path, 'utf8').trimEnd().split('\n')).toHaveLength(2);
  expect(answers.take({ id: 'taken back', fingerprint: 'f-taken back' }, key('x'))).toBeUndefined();
  expect(answers.take({ id: 'open', fingerprint: 'f-open' }, key('y'))?.completion.content).toBe('4');
});

test('a line that a kill has torn is an answer that was not kept', () => {
  const path = fileWith(kept('a', 'x', '1'));
  appendFileSync(path, '{"id":"a","fing');
  const answers = KeptAnswers.open(path, nothingEnded);
  expect(answers.take({ id: 'a', fingerprint: 'f-a' }, key('x'))?.completion.content).toBe('1');
});

test('where there is no file, nothing is kept and none is made', () => {
  const path = join(temporaryDirectory(), 'answered.jsonl');
  const answers = KeptAnswers.open(path, nothingEnded);
  expect(answers.take({ id: 'a', fingerprint: 'f' }, key('x'))).toBeUndefined();
  expect(answers.isSpent).toBe(true);
  expect(existsSync(path)).toBe(false);
});

test('a reject that would be answered the same is taken back, one that failed in transport is not', () => {
  const answers = KeptAnswers.open(fileWith(kept('a', 'x', '1'), kept('b', 'x', '2')), nothingEnded);
  expect(answers.end({ id: 'a', fingerprint: 'f-a' }, true)).toEqual({ id: 'a', fingerprint: 'f-a' });
  expect(answers.end({ id: 'c', fingerprint: 'f-c' }, true)).toBeUndefined();
  expect(answers.isSpent).toBe(false);
  expect(answers.end({ id: 'b', fingerprint: 'f-b' }, false)).toBeUndefined();
  expect(answers.isSpent).toBe(false);
});

test('the directory writes an answer before the call, and forgets them all in the end', async () => {
  const directory = await RunDirectory.open(join(temporaryDirectory(), 'run'));
  const path = directory.file('answered');
  expect(existsSync(path)).toBe(false);
  directory.commit({ answered: kept('a', 'x', '1') });
  directory.flush();
  expect(readFileSync(path, 'utf8')).toContain('"f-a"');
  directory.endAnswered();
  expect(existsSync(path)).toBe(false);
  directory.checkPlaces();
  directory.close();
});
