import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  accountFor,
  emulatorFor,
  gleaner,
  noteDefinition,
  noteRecords,
  readLines,
  readRun,
  temporaryDirectory,
  writeFile,
} from './harness.ts';

/** The smallest PNG there is: one pixel. */
const PIXEL = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

interface Call {
  role: string;
  content: unknown;
  tool_calls?: unknown[];
  extra_content?: unknown;
}

test('tools of a definition are called until the answer comes, with thought signatures and files going back', async () => {
  const directory = temporaryDirectory();
  const definition = writeFile(
    directory,
    'order.ts',
    `
import { defineExtraction, defineTool } from 'gleaner';
import { z } from 'zod';
import { appendFileSync } from 'node:fs';
const lookUp = defineTool({
  name: 'look_up_order',
  description: 'Finds the order a note speaks of',
  parameters: z.object({ name: z.string() }),
  handler: async ({ name }, { record }) => {
    appendFileSync(${JSON.stringify(join(directory, 'handled.txt'))}, record.id + '\\n');
    return { content: { order: 'O-1', name }, files: [{ mime_type: 'image/png', display_name: 'o.png', file_uri: 'gs://bucket/o.png' }] };
  },
});
export default defineExtraction({
  name: 'order',
  model: 'google/gemini-3.1-pro-preview',
  schema: z.object({ name: z.string(), total: z.number().nullable() }),
  instructions: 'Extract the note.',
  prompt: '{{text}}',
  id: 'id',
  tools: [lookUp],
});
`,
  );
  const input = writeFile(directory, 'notes.jsonl', noteRecords(4));
  const out = join(directory, 'run');
  const { emulator, flags, env } = await emulatorFor();
  const { code, stderr } = await gleaner(['run', definition, input, '--out', out, ...flags], { env });
  expect(stderr).toContain('4 extracted');
  expect(code).toBe(0);
  const run = readRun(out);
  accountFor(run);
  expect(readFileSync(join(directory, 'handled.txt'), 'utf8').trim().split('\n').sort()).toEqual([
    'note-0',
    'note-1',
    'note-2',
    'note-3',
  ]);
  expect(run.attempts.filter(({ id }) => id === 'note-2').map(({ kind, outcome }) => [kind, outcome])).toEqual([
    ['first', 'tool_calls'],
    ['tool', 'extracted'],
  ]);
  expect(run.usage.tokens).toMatchObject({ total: emulator.stats().tokens.total, wasted: 0 });
  const second = emulator.requests().find(({ body }) => JSON.stringify(body).includes('"role":"tool"'));
  const { messages = [] } = (second?.body ?? {}) as { messages?: Call[] };
  const [, , turn, answer] = messages;
  expect(JSON.stringify(turn)).toContain('thought_signature');
  expect(answer).toMatchObject({
    role: 'tool',
    extra_content: { google: { parts: [{ file_data: { file_uri: 'gs://bucket/o.png' } }] } },
  });
});

test('a handler that fails rejects its record, saying so', async () => {
  const directory = temporaryDirectory();
  const body = (handler: string, more: string) => `
import { defineExtraction, defineTool } from 'gleaner';
import { z } from 'zod';
const tool = defineTool({ name: 'look_up', description: 'Looks up', parameters: z.object({ name: z.string() }), handler: ${handler} });
export default defineExtraction({
  name: 'order', model: 'google/gemini-2.5-flash', schema: z.object({ name: z.string() }),
  instructions: 'x', prompt: '{{text}}', id: 'id', tools: [tool], ${more}
});
`;
  const input = writeFile(directory, 'notes.jsonl', noteRecords(2));
  const failing = writeFile(directory, 'failing.ts', body(`() => { throw new Error('the order book is closed') }`, ''));
  const first = await gleaner(['run', failing, input, '--out', join(directory, 'a'), '--emulator']);
  expect(first.code).toBe(1);
  expect(readRun(join(directory, 'a')).rejects.map(({ error }) => [error.code, error.message])).toEqual([
    ['tool_error', expect.stringContaining('the order book is closed')],
    ['tool_error', expect.stringContaining('the order book is closed')],
  ]);
});

test('pictures are written into the run directory, and the result names them', async () => {
  const directory = temporaryDirectory();
  const definition = writeFile(
    directory,
    'paint.ts',
    `
import { defineExtraction } from 'gleaner';
import { z } from 'zod';
export default defineExtraction({
  name: 'paint',
  model: 'google/gemini-3-pro-image-preview',
  schema: z.object({ images: z.array(z.object({ path: z.string(), mimeType: z.string(), bytes: z.number() })).min(1), text: z.string().nullable() }),
  instructions: 'Paint what the note says.',
  prompt: '{{text}}',
  id: 'id',
  request: { modalities: ['image'] },
});
`,
  );
  const input = writeFile(directory, 'notes.jsonl', `{"id":"../../evil","text":"a cat"}\n${noteRecords(1)}`);
  const out = join(directory, 'run');
  const { code } = await gleaner(['run', definition, input, '--out', out, '--emulator']);
  expect(code).toBe(0);
  const { results } = readRun(out);
  const [cat] = results.filter(({ id }) => id === '../../evil');
  expect(cat?.data).toMatchObject({ images: [{ path: 'images/000000-1.png', mimeType: 'image/png' }] });
  const bytes = readFileSync(join(out, 'images/000000-1.png'));
  expect(bytes.subarray(1, 4).toString()).toBe('PNG');
  expect((cat?.data as { images: { bytes: number }[] } | undefined)?.images[0]?.bytes).toBe(bytes.length);
});

test('prompts may be content parts; local files are put inside with their type', async () => {
  const directory = temporaryDirectory();
  writeFileSync(join(directory, 'pixel.png'), PIXEL);
  const definition = writeFile(
    directory,
    'look.ts',
    `
import { defineExtraction } from 'gleaner';
import { z } from 'zod';
export default defineExtraction({
  name: 'look',
  model: 'google/gemini-2.5-flash',
  schema: z.object({ name: z.string() }),
  instructions: 'Say what is to be seen.',
  prompt: (record: { id: string; file: string }) => [
    { type: 'text', text: 'Name: ' + record.id },
    { type: 'image_url', image_url: { url: record.file } },
    { type: 'input_audio', input_audio: { format: 'audio/mp3', data: 'gs://bucket/pixel.mp3' } },
  ],
  id: 'id',
});
`,
  );
  const lines = [
    'pixel.png',
    'gs://bucket/scones.jpg',
    'https://example.com/a.png',
    'missing.png',
    'ftp://example.com/a.png',
  ];
  const input = writeFile(
    directory,
    'files.jsonl',
    lines.map((file, index) => JSON.stringify({ id: `f${index}`, file })).join('\n'),
  );
  const out = join(directory, 'run');
  const { emulator, flags, env } = await emulatorFor();
  const { code } = await gleaner(['run', definition, input, '--out', out, ...flags, '--max-reject-rate', '0.4'], {
    env,
    cwd: directory,
  });
  expect(code).toBe(0);
  const run = readRun(out);
  expect(run.results.map(({ id }) => id).sort()).toEqual(['f0', 'f1', 'f2']);
  expect(run.rejects.map(({ id, error }) => [id, error.code])).toEqual([
    ['f3', 'bad_record'],
    ['f4', 'bad_record'],
  ]);
  const sent = emulator.requests().map(({ body }) => JSON.stringify(body));
  expect(sent.some((text) => text.includes(`data:image/png;base64,${PIXEL.toString('base64')}`))).toBe(true);
});

test('thoughts are cut from the answer, and kept only where content may be logged', async () => {
  const directory = temporaryDirectory();
  const definition = writeFile(
    directory,
    'note.ts',
    noteDefinition
      .replace('thinking: { budget: 0 }', 'thinking: { budget: 200, includeThoughts: true }')
      .replace('gemini-3.5-flash-lite', 'gemini-2.5-flash'),
  );
  const input = writeFile(directory, 'notes.jsonl', noteRecords(3));
  const { flags, env } = await emulatorFor();
  const quiet = await gleaner(['run', definition, input, '--out', join(directory, 'quiet'), ...flags], { env });
  const told = await gleaner(['run', definition, input, '--out', join(directory, 'told'), ...flags, '--log-content'], {
    env,
  });
  expect([quiet.code, told.code]).toEqual([0, 0]);
  const thoughts = (name: string) =>
    readLines<{ thoughts?: string; content?: string }>(join(directory, name, 'attempts.jsonl')).map(
      (line) => line.thoughts,
    );
  expect(thoughts('quiet')).toEqual([undefined, undefined, undefined]);
  for (const text of thoughts('told')) expect(text?.length).toBeGreaterThan(0);
  expect(readRun(join(directory, 'quiet')).usage.tokens.reasoning).toBeGreaterThan(0);
});

test('a request that its model refuses is refused before anything is sent', async () => {
  const directory = temporaryDirectory();
  const definition = writeFile(
    directory,
    'note.ts',
    noteDefinition
      .replace('thinking: { budget: 0 }', "thinking: { level: 'minimal' }")
      .replace('gemini-3.5-flash-lite', 'gemini-3.8-flash'),
  );
  const input = writeFile(directory, 'notes.jsonl', noteRecords(3));
  const { emulator, flags, env } = await emulatorFor();
  const { code, stderr } = await gleaner(['run', definition, input, '--out', join(directory, 'run'), ...flags], {
    env,
  });
  expect(stderr).toContain('minimal');
  expect(code).toBe(2);
  expect(emulator.stats().requests).toBe(0);
});
