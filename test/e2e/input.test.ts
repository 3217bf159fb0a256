import { writeFileSync } from 'node:fs';
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

  test('stops before it pays for a file in another encoding, and reads it when told which', async () => {
    const directory = temporaryDirectory();
    const definition = writeFile(directory, 'note.ts', noteDefinition);
    const input = join(directory, 'notes.csv');
    writeFileSync(input, Buffer.from('id,text\na,gr\xf6\xdfe \x80 5\nb,plain\n', 'latin1'));
    const out = join(directory, 'run');
    const refused = await gleaner(['run', definition, input, '--out', out, '--emulator']);
    expect(refused.stderr).toContain(
      'line 2 is not valid UTF-8; give its encoding, for example --encoding windows-1252',
    );
    expect(refused.code).toBe(2);

    const second = join(directory, 'second');
    const command = ['run', definition, input, '--out', second, '--emulator', '--encoding', 'windows-1252'];
    const { code } = await gleaner(command);
    expect(readRun(second).results).toHaveLength(2);
    expect(code).toBe(0);
  });

  test('names the encoding, too, where it is met midway', async () => {
    const directory = temporaryDirectory();
    const definition = writeFile(directory, 'note.ts', noteDefinition);
    const input = join(directory, 'notes.jsonl');
    writeFileSync(
      input,
      Buffer.from('{"id":"a","text":"x"}\n{"id":"b","text":"\xf6"}\n{"id":"c","text":"y"}\n', 'latin1'),
    );
    const out = join(directory, 'run');
    const { code, stderr } = await gleaner(['run', definition, input, '--out', out, '--emulator']);
    expect(stderr.replaceAll(/\s+/g, ' ')).toContain('line 2 is not valid UTF-8; give its encoding');
    expect(code).toBe(2);
    expect(readRun(out).results).toMatchObject([{ id: 'a' }]);
  });

  test('takes rows as a spreadsheet leaves them', async () => {
    const directory = temporaryDirectory();
    const definition = writeFile(directory, 'note.ts', noteDefinition);
    const input = writeFile(directory, 'notes.csv', 'sep=;\r\nid;text;note\r\na;Total 5\r\n;;\r\n');
    const out = join(directory, 'run');
    const { code } = await gleaner(['run', definition, input, '--out', out, '--emulator', '--fill-short-rows']);
    expect(readRun(out).results).toMatchObject([{ id: 'a', index: 0 }]);
    expect(code).toBe(0);
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
