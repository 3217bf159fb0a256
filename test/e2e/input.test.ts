import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { gleaner, noteDefinition, readRun, temporaryDirectory, writeFile } from './harness.ts';

describe('input as it is found', () => {
  test('keeps the digits of numbers that a double cannot hold, from ids to rejects', async () => {
    const directory = temporaryDirectory();
    const definition = writeFile(directory, 'note.ts', noteDefinition);
    const lines = ['{"id":9007199254740993,"text":"a"}', '{"id":9007199254740992,"text":"b"}', '{"id":1e400}'];
    const input = writeFile(directory, 'notes.jsonl', lines.join('\n'));
    const out = join(directory, 'run');
    const { code } = await gleaner(['run', definition, input, '--out', out, '--emulator']);

    const run = readRun(out);
    expect(run.results.map(({ id }) => id).sort()).toEqual(['9007199254740992', '9007199254740993']);
    expect(run.rejects).toMatchObject([{ id: '1e400', error: { code: 'bad_record' }, record: { id: '1e400' } }]);
    expect(code).toBe(1);
  });

  test('takes the first JSON line for no header', async () => {
    const directory = temporaryDirectory();
    const definition = writeFile(directory, 'note.ts', noteDefinition);
    const input = writeFile(directory, 'notes.jsonl', '{"id":"a"}\n{"id":"b","text":"Total 5"}\n');
    const out = join(directory, 'run');
    await gleaner(['run', definition, input, '--out', out, '--emulator']);

    const run = readRun(out);
    expect(run.results).toMatchObject([{ id: 'b' }]);
    expect(run.rejects).toMatchObject([{ id: 'a', error: { code: 'bad_record' } }]);
  });
});
