import { Readable, Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { main } from '../../src/cli/main.ts';
import { result, runDirectory } from '../export/run-fixture.ts';

test('on a screen the lines of a status break between words; into a pipe they go as they are', async () => {
  const directory = runDirectory({ results: [result(0, { a: 1 })], status: 'running', input: 'id\n' });
  const lines = async (columns?: number): Promise<string[]> => {
    let text = '';
    const stdout = new Writable({
      write(chunk, _encoding, done) {
        text += String(chunk);
        done();
      },
    });
    const code = await main(['status', directory], {
      stdin: Readable.from([]),
      stdout: columns === undefined ? stdout : Object.assign(stdout, { columns }),
      stderr: new Writable({ write: (_chunk, _encoding, done) => done() }),
      environment: {},
      runId: 'r-1',
      onStopSignal: () => () => undefined,
    });
    expect(code).toBe(0);
    return text.trimEnd().split('\n');
  };
  const piped = await lines();
  const shown = await lines(50);
  expect(Math.max(...piped.map((line) => line.length))).toBeGreaterThan(50);
  expect(shown.length).toBeGreaterThan(piped.length);
  // A path stays whole.
  for (const line of shown.filter((text) => !text.includes(directory))) expect(line.length).toBeLessThanOrEqual(50);
});
