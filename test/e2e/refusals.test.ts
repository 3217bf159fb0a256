import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  emulatorFor,
  gleaner,
  noteDefinition,
  noteRecords,
  readRun,
  root,
  temporaryDirectory,
  writeFile,
} from './harness.ts';

interface Refusal {
  name: string;
  /** Flags and arguments after `run`; NOTE, DATA and OUT stand for good ones. */
  args: string[];
  files?: Record<string, string | Buffer>;
  env?: Record<string, string>;
  says: string[];
}

const refusals: Refusal[] = [
  { name: 'no --out', args: ['NOTE', 'DATA', '--emulator'], says: ['--out'] },
  {
    name: 'an unknown flag',
    args: ['NOTE', 'DATA', '--out', 'OUT', '--emulater'],
    says: ['--emulater', 'Did you mean --emulator'],
  },
  { name: 'a missing argument', args: ['NOTE', '--out', 'OUT'], says: ["missing required argument 'input'"] },
  {
    name: 'a number that is none',
    args: ['NOTE', 'DATA', '--out', 'OUT', '--concurrency', 'many'],
    says: ['--concurrency', 'many', 'whole number from 1'],
  },
  {
    name: 'a number out of range',
    args: ['NOTE', 'DATA', '--out', 'OUT', '--max-reject-rate', '5'],
    says: ['--max-reject-rate', '0 to 1'],
  },
  {
    name: 'a bad environment variable',
    args: ['NOTE', 'DATA', '--out', 'OUT'],
    env: { GLEANER_RPM: 'fast' },
    says: ['GLEANER_RPM', 'whole number'],
  },
  { name: 'no project', args: ['NOTE', 'DATA', '--out', 'OUT'], says: ['--project', 'GOOGLE_CLOUD_PROJECT'] },
  { name: 'no location', args: ['NOTE', 'DATA', '--out', 'OUT', '--project', 'p'], says: ['--location'] },
  {
    name: 'http to another host',
    args: ['NOTE', 'DATA', '--out', 'OUT', '--base-url', 'http://example.com/v1'],
    says: ['http:', 'https:'],
  },
  {
    name: 'Google credentials for another host',
    args: ['NOTE', 'DATA', '--out', 'OUT', '--base-url', 'https://example.com/v1', '--auth', 'adc'],
    says: ['Google', 'example.com'],
  },
  {
    name: 'a token variable that is not set',
    args: ['NOTE', 'DATA', '--out', 'OUT', '--base-url', 'http://127.0.0.1:1', '--auth', 'env:NOPE'],
    says: ['NOPE', 'not set'],
  },
  {
    name: 'a missing input',
    args: ['NOTE', 'gone.jsonl', '--out', 'OUT', '--emulator'],
    says: ['gone.jsonl', 'no such file'],
  },
  {
    name: 'an input of unknown kind',
    args: ['NOTE', 'data.txt', '--out', 'OUT', '--emulator'],
    files: { 'data.txt': 'a,b\n1,2\n' },
    says: ['data.txt', '--format'],
  },
  {
    name: 'UTF-16',
    args: ['NOTE', 'wide.csv', '--out', 'OUT', '--emulator'],
    files: { 'wide.csv': Buffer.from('\uFEFFid,text\n1,x\n', 'utf16le') },
    says: ['UTF-16'],
  },
  {
    name: 'a column the prompt needs',
    args: ['NOTE', 'cols.csv', '--out', 'OUT', '--emulator'],
    files: { 'cols.csv': 'id,txet\n1,x\n' },
    says: ['text', 'txet'],
  },
  {
    name: 'an id column that the input lacks',
    args: ['NOTE', 'ids.csv', '--out', 'OUT', '--emulator'],
    files: { 'ids.csv': 'ID,text\n1,x\n' },
    says: [`the definition's "id" is "id"`, 'did you mean "ID"? Its columns are "ID", "text"'],
  },
  {
    name: 'an --id-field that the input lacks',
    args: ['NOTE', 'ids.tsv', '--out', 'OUT', '--emulator', '--id-field', 'number'],
    files: { 'ids.tsv': 'id\ttext\n1\tx\n' },
    says: ['the id field is', '"number"', 'its columns are "id", "text"'],
  },
  {
    name: 'a workbook, known by its name',
    args: ['NOTE', 'book.xlsx', '--out', 'OUT', '--emulator'],
    files: { 'book.xlsx': '' },
    says: ['a spreadsheet', 'export it as CSV'],
  },
  {
    name: 'JSON that is no JSON lines, known by its name',
    args: ['NOTE', 'list.json', '--out', 'OUT', '--emulator'],
    files: { 'list.json': '[]' },
    says: ['one object a line', 'jq', '--format jsonl'],
  },
  {
    name: 'definition and input in the wrong order',
    args: ['DATA', 'NOTE', '--out', 'OUT', '--emulator'],
    says: ['the definition comes first', 'gleaner run note.ts data.jsonl'],
  },
  { name: 'a missing definition', args: ['nothing', 'DATA', '--out', 'OUT', '--emulator'], says: ['nothing'] },
  {
    name: 'a definition with a syntax error',
    args: ['bad.ts', 'DATA', '--out', 'OUT', '--emulator'],
    files: { 'bad.ts': 'export default {\n  a: 1,,\n};\n' },
    says: ['bad.ts', '2'],
  },
  {
    name: 'an empty schema',
    args: ['empty.ts', 'DATA', '--out', 'OUT', '--emulator'],
    files: {
      'empty.ts': noteDefinition.replace(
        'z.object({ name: z.string(), total: z.number().nullable() })',
        'z.object({})',
      ),
    },
    says: ['without named properties'],
  },
  {
    name: 'a schema whose root is no object',
    args: ['list.ts', 'DATA', '--out', 'OUT', '--emulator'],
    files: {
      'list.ts': noteDefinition.replace(
        'z.object({ name: z.string(), total: z.number().nullable() })',
        'z.array(z.string())',
      ),
    },
    says: ['object'],
  },
  {
    name: '--emulator with --base-url',
    args: ['NOTE', 'DATA', '--out', 'OUT', '--emulator', '--base-url', 'http://127.0.0.1:1'],
    says: ['--emulator', '--base-url'],
  },
];

describe('gleaner run refuses, exits 2, says why, and leaves nothing', () => {
  test.each(refusals)('$name', async ({ args, files = {}, env = {}, says }) => {
    const directory = temporaryDirectory();
    writeFile(directory, 'note.ts', noteDefinition);
    writeFile(directory, 'data.jsonl', noteRecords(3));
    for (const [name, content] of Object.entries(files)) writeFileSync(join(directory, name), content);
    const names: Record<string, string> = { NOTE: 'note.ts', DATA: 'data.jsonl', OUT: 'out' };
    const { code, stderr, stdout } = await gleaner(['run', ...args.map((arg) => names[arg] ?? arg)], {
      cwd: directory,
      env,
    });
    for (const text of says) expect(stderr).toContain(text);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(stdout).toBe('');
    expect(code).toBe(2);
    expect(existsSync(join(directory, 'out'))).toBe(false);
  });

  test('a run directory that cannot be made', async () => {
    const directory = temporaryDirectory();
    const definition = writeFile(directory, 'note.ts', noteDefinition);
    const input = writeFile(directory, 'notes.jsonl', noteRecords(3));
    const file = writeFile(directory, 'file', 'in the way');
    const { code, stderr } = await gleaner(['run', definition, input, '--out', join(file, 'run'), '--emulator']);
    expect(stderr).toContain(join(file, 'run'));
    expect(code).toBe(2);
  });

  test('a run directory of another run, naming what differs', async () => {
    const directory = temporaryDirectory();
    const definition = writeFile(directory, 'note.ts', noteDefinition);
    const input = writeFile(directory, 'notes.jsonl', noteRecords(3));
    const out = join(directory, 'run');
    const { emulator, flags, env } = await emulatorFor();
    await gleaner(['run', definition, input, '--out', out, ...flags], { env });
    const before = emulator.stats().requests;

    const model = await gleaner(
      ['run', definition, input, '--out', out, ...flags, '--model', 'google/gemini-3.5-flash'],
      { env },
    );
    expect(model.stderr).toContain('the model is "google/gemini-3.5-flash" now, was "google/gemini-3.5-flash-lite"');
    writeFile(
      directory,
      'note.ts',
      noteDefinition.replace('Extract the note.', 'Extract it.').replace('name: z.string()', 'name: z.string().min(1)'),
    );
    const changed = await gleaner(['run', definition, input, '--out', out, ...flags], { env });
    expect(changed.stderr).toContain(
      'the schema of the definition changed; the instructions of the definition changed',
    );
    writeFile(directory, 'note.ts', noteDefinition);
    writeFile(directory, 'notes.jsonl', noteRecords(4));
    const grown = await gleaner(['run', definition, input, '--out', out, ...flags], { env });
    expect(grown.stderr).toContain('the input has other contents');
    expect([model.code, changed.code, grown.code]).toEqual([2, 2, 2]);
    expect(emulator.stats().requests).toBe(before);
    expect(readRun(out).usage.status).toBe('finished');
  });
});

describe('what went wrong on the command line', () => {
  test.each([
    { args: ['note', 'data.csv'], says: 'Did you mean gleaner run note data.csv?' },
    { args: ['schema', 'note'], says: 'Did you mean gleaner schema show note?' },
    { args: ['rum', 'note', 'data.csv'], says: 'Did you mean run?' },
  ])('$args', async ({ args, says }) => {
    const { code, stderr } = await gleaner(args);
    expect(stderr).toContain(says);
    expect(code).toBe(2);
  });

  test.each([
    { name: 'an unknown flag', args: ['--json-logs', '--nope'], says: '--nope' },
    { name: 'a missing argument', args: ['--json-logs'], says: "missing required argument 'definition'" },
    { name: 'a bad setting', args: ['a', 'b.csv', '--json-logs'], env: { GLEANER_RPM: 'x' }, says: 'GLEANER_RPM' },
    { name: 'a missing definition', args: ['gone', 'b.csv', '--json-logs', '--out', 'o'], says: 'gone' },
    { name: 'the variable', args: ['gone', 'b.csv'], env: { GLEANER_JSON_LOGS: '1' }, says: '--out' },
  ])('is one JSON object a line with --json-logs: $name', async ({ args, env = {}, says }) => {
    const { code, stderr } = await gleaner(['run', ...args], { cwd: temporaryDirectory(), env });
    const lines = stderr.trimEnd().split('\n');
    expect(lines).toHaveLength(1);
    const line = JSON.parse(lines[0] ?? '') as Record<string, string>;
    const { time, event, message } = line;
    expect(line).toMatchObject({ level: 'error', exitCode: 2, runId: expect.stringMatching(/^[\da-f-]{36}$/) });
    expect(new Date(time ?? '').getTime()).toBeGreaterThan(0);
    expect(event).toBe('error');
    expect(message).toContain(says);
    expect(message).not.toMatch(/^error:/);
    expect(code).toBe(2);
  });
});

describe('gleaner run ends when the service refuses all of it', () => {
  test.each([
    { status: 401, fault: 'status-401-object', says: 'give one with --auth env:NAME' },
    { status: 403, fault: 'status-403-array', says: 'roles/aiplatform.user' },
    { status: 404, fault: 'status-404-array', says: 'these are --model and --base-url' },
    { status: 400, fault: 'status-400-array', says: 'gleaner schema show' },
  ] as const)('with $status from the first call on', async ({ fault, says }) => {
    const directory = temporaryDirectory();
    const definition = writeFile(directory, 'note.ts', noteDefinition);
    const input = writeFile(directory, 'notes.jsonl', noteRecords(300));
    const out = join(directory, 'run');
    const { emulator, flags, env } = await emulatorFor({ script: [{ fault, times: Number.POSITIVE_INFINITY }] });
    const { code, stderr } = await gleaner(['run', definition, input, '--out', out, ...flags], { env });
    expect(stderr).toContain(says);
    expect(code).toBe(2);
    expect(emulator.stats().requests).toBeLessThanOrEqual(64);
    const { usage, rejects } = readRun(out);
    expect(usage).toMatchObject({ status: 'refused', records: { extracted: 0, remaining: 300 } });
    expect(rejects).toEqual([]);
  });

  test('and continues once it is let in', async () => {
    const directory = temporaryDirectory();
    const definition = writeFile(directory, 'note.ts', noteDefinition);
    const input = writeFile(directory, 'notes.jsonl', noteRecords(30));
    const out = join(directory, 'run');
    const { flags, env } = await emulatorFor({ script: [{ fault: 'status-403-array', times: 3 }] });
    const command = ['run', definition, input, '--out', out, ...flags, '--concurrency', '1'];
    const refused = await gleaner(command, { env });
    const continued = await gleaner(command, { env });
    expect([refused.code, continued.code]).toEqual([2, 0]);
    expect(readRun(out).usage).toMatchObject({
      status: 'finished',
      records: { extracted: 30, rejected: 0 },
      calls: { sent: 33 },
    });
  });

  test('but not for one odd record among the first', async () => {
    const directory = temporaryDirectory();
    const definition = writeFile(directory, 'note.ts', noteDefinition);
    const input = writeFile(directory, 'notes.jsonl', noteRecords(10));
    const out = join(directory, 'run');
    const { flags, env } = await emulatorFor({
      script: [{ fault: 'status-400-array', contains: 'Note <0>', times: Number.POSITIVE_INFINITY }],
    });
    const { code } = await gleaner(['run', definition, input, '--out', out, ...flags], { env });
    expect(code).toBe(1);
    expect(readRun(out).rejects.map(({ id, error }) => [id, error.code, error.status])).toEqual([
      ['note-0', 'request_refused', 400],
    ]);
  });

  test('even when the input is a single record', async () => {
    const directory = temporaryDirectory();
    const definition = writeFile(directory, 'note.ts', noteDefinition);
    const input = writeFile(directory, 'notes.jsonl', noteRecords(1));
    const { flags, env } = await emulatorFor({
      script: [{ fault: 'status-404-array', times: Number.POSITIVE_INFINITY }],
    });
    const { code } = await gleaner(['run', definition, input, '--out', join(directory, 'run'), ...flags], { env });
    expect(code).toBe(2);
  });

  test('when no credentials can be had', async () => {
    const directory = temporaryDirectory();
    mkdirSync(join(directory, 'home'));
    const definition = writeFile(directory, 'note.ts', noteDefinition);
    const input = writeFile(directory, 'notes.jsonl', noteRecords(3));
    const env = { HOME: join(directory, 'home'), METADATA_SERVER_DETECTION: 'none' };
    const { code, stderr } = await gleaner(
      ['run', definition, input, '--out', join(directory, 'run'), '--project', 'p', '--location', 'global'],
      { env },
    );
    expect(stderr).toContain('gcloud auth application-default login');
    expect(code).toBe(2);
  });
});

test('a refusal of a definition that Node loads, with a gleaner of its own, is said in its words', async () => {
  const project = temporaryDirectory();
  mkdirSync(join(project, 'node_modules'));
  symlinkSync(root, join(project, 'node_modules/gleaner'), 'dir');
  const guarded = `
import { GleanerError } from 'gleaner';
const refuse = () => {
  throw new GleanerError('definition-invalid', 'Cannot use the definition: choose a vendor first');
};
export default new Proxy({}, { get: refuse });
`;
  const definition = writeFile(project, 'guarded.mjs', guarded);
  const data = writeFile(project, 'data.jsonl', noteRecords(1));
  const result = await gleaner(['run', definition, data, '--out', join(project, 'out'), '--emulator'], {
    cwd: project,
  });
  expect(result.code).toBe(2);
  expect(result.stderr).toContain('error: Cannot use the definition: choose a vendor first');
});
