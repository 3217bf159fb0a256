import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { readReport } from '../../src/export/read-report.ts';
import { defineExtraction } from '../../src/extraction/define-extraction.ts';
import { run } from '../../src/run/run.ts';
import { completion } from '../run/record/scripted-run.ts';
import { temporaryDirectory } from '../store/temporary-directory.ts';
import { runDirectory } from './run-fixture.ts';

const note = defineExtraction({
  name: 'note',
  model: 'google/gemini-3.5-flash-lite',
  schema: z.object({ word: z.string() }),
  instructions: 'Say the word.',
  prompt: '{{text}}',
});
const client = { complete: () => Promise.resolve(completion({ content: '{"word":"yes"}' })) };

test('readReport tells of a directory what run told at its end, and gives the page', async () => {
  const out = join(temporaryDirectory(), 'run');
  const { out: _out, session: _session, ...usage } = await run(note, { input: [{ text: 'Say yes' }], out, client });
  const report = readReport(out);
  expect(report).toMatchObject({ isRunning: false, isEmulated: false, usage });
  expect(report.usage).toEqual(usage);
  expect(report.page()).toContain('<title>note: ');
  expect(report).not.toHaveProperty('evidence');

  rmSync(join(out, 'report.html'));
  expect(() => report.page()).toThrow('report.html: it is written when a session ends');
  writeFileSync(join(out, 'usage.json'), '{"records":1}');
  expect(() => readReport(out)).toThrow('it is no usage report; repeat the run command to mend it');
});

test('readReport refuses a run in which no session has ended, and what is no run', () => {
  expect(() => readReport(runDirectory({ status: 'running' }))).toThrow(
    'it is written when a session ends, and none has',
  );
  expect(() => readReport('/nowhere/run')).toThrow('Cannot read the run directory /nowhere/run');
});
