import { Writable } from 'node:stream';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { main } from '../../../src/cli/main.ts';
import { temporaryDirectory } from '../../e2e/harness.ts';

async function estimate(flags: readonly string[]) {
  const directory = temporaryDirectory();
  const definition = join(directory, 'note.mjs');
  writeFileSync(
    definition,
    `import { defineExtraction } from 'gleaner';
    import { z } from 'zod';
    export default defineExtraction({
      name: 'note', model: 'google/gemini-3.5-flash-lite', schema: z.object({ name: z.string() }),
      instructions: 'Extract the note.', prompt: '{{text}}', id: 'id',
      request: { maxTokens: 512, thinking: { budget: 0 } },
    });`,
  );
  const input = join(directory, 'notes.csv');
  writeFileSync(input, `id,text\n${Array.from({ length: 30 }, (_, row) => `r${row},Person ${row}\n`).join('')}`);
  const output = { stdout: '', stderr: '' };
  const collect = (name: keyof typeof output): Writable =>
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        output[name] += chunk.toString();
        done();
      },
    });
  const code = await main(['estimate', definition, input, ...flags], {
    stdin: process.stdin,
    stdout: collect('stdout'),
    stderr: collect('stderr'),
    environment: {},
    runId: 'test',
    onStopSignal: () => () => undefined,
  });
  return { code, ...output };
}

test('several models are estimated one after another, each with its own price', async () => {
  const names = ['google/gemini-3.5-flash-lite', 'google/gemini-2.5-flash-lite'];
  const { code, stdout } = await estimate(['--model', names.join(','), '--json']);
  const estimates = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { model: string; records: number; usd: { expected: number } });
  expect([code, estimates.map(({ model, records }) => [model, records])]).toEqual([
    0,
    names.map((model) => [model, 30]),
  ]);
  const [first, second] = estimates.map(({ usd }) => usd.expected);
  expect(first).toBeGreaterThan(0);
  expect(second).not.toBe(first);
});

test('a model that refuses the settings hides nothing of the others, and a name that nobody knows is said', async () => {
  const names = ['google/gemini-2.5-pro', 'google/gemini-3.5-flash-light', 'google/gemini-3.5-flash-lite'];
  const { code, stdout, stderr } = await estimate(['--model', names.join(',')]);
  expect(code).toBe(2);
  expect(stderr).toMatch(/^google\/gemini-2\.5-pro: Cannot run .*takes a thinking_budget of 128 to 32768, got 0\n$/);
  expect(stdout).toContain('note with google/gemini-3.5-flash-light: rough');
  expect(stdout).toContain('did you mean google/gemini-3.5-flash-lite?');
  expect(stdout).toMatch(/note with google\/gemini-3\.5-flash-lite: rough[^]*cost {6}about \$/);
});
