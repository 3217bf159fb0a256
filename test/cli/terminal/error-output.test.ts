import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { ErrorOutput } from '../../../src/cli/terminal/error-output.ts';

function told(columns: number | undefined, isJson = false): string {
  let text = '';
  const stderr: Writable & { columns?: number } = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString();
      done();
    },
  });
  if (columns !== undefined) stderr.columns = columns;
  const message = 'Cannot read the run directory runs/none: no such file or directory (ENOENT)';
  new ErrorOutput(stderr, { isJson, runId: 'r' }).tell(message, { exitCode: 2 });
  return text;
}

test('in a narrow terminal an error is cut between words; elsewhere it is one line', () => {
  expect(told(40)).toBe(
    'error: Cannot read the run directory\n       runs/none: no such file or\n       directory (ENOENT)\n',
  );
  expect(told(undefined)).toBe('error: Cannot read the run directory runs/none: no such file or directory (ENOENT)\n');
  expect(told(40, true).trimEnd().split('\n')).toHaveLength(1);
});

test('a log for programs holds the exit code of an error, and its run', () => {
  expect(JSON.parse(told(40, true))).toMatchObject({
    event: 'error',
    level: 'error',
    message: 'Cannot read the run directory runs/none: no such file or directory (ENOENT)',
    runId: 'r',
    exitCode: 2,
  });
});
