import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { askForDefinition } from '../../../src/cli/terminal/ask-for-definition.ts';
import type { InputSurvey } from '../../../src/init/survey/survey-input.ts';

const survey: InputSurvey = {
  input: 'a.csv',
  format: 'csv',
  records: 2,
  columns: [
    { name: 'id', values: ['1', '2'], isEverywhere: true },
    { name: 'text', values: ['Total: 1.50', 'Total: 2.50'], isEverywhere: true },
  ],
};

const ENTER = '\r';
const CTRL_C = '\u0003';

/** Types the keys, each when something was shown since the last. */
function terminalThatTypes(...keys: string[]): { stdin: PassThrough; stderr: PassThrough; shown: () => string } {
  const stdin = new PassThrough();
  const stderr = new PassThrough();
  let shown = '';
  stderr.on('data', (chunk: Buffer) => {
    shown += chunk.toString();
    const key = keys.shift();
    if (key !== undefined) setTimeout(() => stdin.write(key), 20);
  });
  return { stdin, stderr, shown: () => shown };
}

test('Enter takes what was guessed', async () => {
  const { shown, ...terminal } = terminalThatTypes(...Array<string>(40).fill(ENTER));
  expect(await askForDefinition(survey, {}, terminal)).toEqual({ id: 'id', texts: ['text'], fields: 'total: number?' });
  expect(shown()).toContain('Which column holds the ids?');
});

test('what flags said is not asked', async () => {
  const { shown, ...terminal } = terminalThatTypes(ENTER, ENTER, ENTER);
  expect(await askForDefinition(survey, { id: 'id', fields: 'a' }, terminal)).toEqual({ id: 'id', texts: ['text'] });
  expect(shown()).not.toContain('ids');
});

test('who gives up gets nothing', async () => {
  const { shown: _shown, ...terminal } = terminalThatTypes(CTRL_C);
  expect(await askForDefinition(survey, {}, terminal)).toBeUndefined();
});
