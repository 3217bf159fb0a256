import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { paintFor } from '../../../src/cli/terminal/colour.ts';
import { createReporter } from '../../../src/cli/terminal/create-reporter.ts';
import { ErrorOutput } from '../../../src/cli/terminal/error-output.ts';

const RED_ERROR = '\u001b[31merror:\u001b[39m';

function screen(): { stderr: Writable & { isTTY: boolean }; text: () => string } {
  let text = '';
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString();
      done();
    },
  });
  return { stderr: Object.assign(stream, { isTTY: true }), text: () => text };
}

test.each([
  { where: 'a terminal', isTTY: true, environment: {}, isPainted: true },
  { where: 'a terminal with an empty NO_COLOR', isTTY: true, environment: { NO_COLOR: '' }, isPainted: true },
  { where: 'a terminal with NO_COLOR', isTTY: true, environment: { NO_COLOR: '0' }, isPainted: false },
  { where: 'a terminal without abilities', isTTY: true, environment: { TERM: 'dumb' }, isPainted: false },
  { where: 'a pipe', isTTY: false, environment: {}, isPainted: false },
])('errors are red in $where: $isPainted', ({ isTTY, environment, isPainted }) => {
  const { stderr, text } = screen();
  const errors = new ErrorOutput(stderr, { isJson: false, runId: 'r', paint: paintFor({ isTTY }, environment) });
  errors.tell('Cannot read a.csv: error: it says', { exitCode: 2 });
  errors.usage("error: unknown option '--x'\n", []);
  const mark = isPainted ? RED_ERROR : 'error:';
  expect(text()).toBe(`${mark} Cannot read a.csv: error: it says\n${mark} unknown option '--x'\n`);
});

test.each([
  { exitCode: 0, code: 32 },
  { exitCode: 1, code: 33 },
  { exitCode: 2, code: 31 },
  { exitCode: 3, code: 33 },
  { exitCode: 4, code: 33 },
])('the line that says how a run ended has the colour of its exit code $exitCode, and no other line', async (end) => {
  const { stderr, text } = screen();
  const reporter = await createReporter(stderr, { isJson: false, runId: 'r', paint: paintFor(stderr, {}) });
  reporter.end({ exitCode: end.exitCode } as never, () => 'receipt: \u001b[5mended\n  records  5');
  expect(text()).toBe(`\u001b[${end.code}mreceipt: \\u001b[5mended\u001b[39m\n  records  5\n`);
});
