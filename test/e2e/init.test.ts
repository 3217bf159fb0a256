import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { gleaner, readRun, temporaryDirectory, writeFile } from './harness.ts';

const flats = `id,text
f1,"Sunny two-room flat.
City: Exampleton
Rent: 780.00 EUR"
f2,"Room in shared house.
City: Port Elswick
Rent: 410.50"
`;

test('from a file to results in the commands that init names', async () => {
  const cwd = temporaryDirectory();
  writeFile(cwd, 'my flats.csv', flats);
  const made = await gleaner(['init', 'my flats.csv', '--name', 'flat'], { cwd });
  expect(made).toMatchObject({ code: 0, stdout: '' });
  expect(made.stderr).toContain('Wrote schemas/flat.ts and package.json: ids come from "id", the model reads "text"');

  const commands = [...made.stderr.matchAll(/^ {2}npx gleaner (.*)$/gm)].map(([, line = '']) =>
    [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? ''),
  );
  expect(commands.map(([name]) => name)).toEqual(['preview', 'run']);
  for (const command of commands) expect(await gleaner(command, { cwd })).toMatchObject({ code: 0 });
  expect(readRun(join(cwd, 'runs/flat')).results.map(({ data }) => data)).toEqual([
    { city: 'Exampleton', rent: 780 },
    { city: 'Port Elswick', rent: 410.5 },
  ]);
  expect(await gleaner(['init', 'my flats.csv', '--name', 'flat'], { cwd })).toMatchObject({ code: 2 });
});

test.each<[string, string[]]>([
  [
    'fields that are named',
    [
      '--fields',
      'company?, total: number?, day: date, kind: sale|refund, items[]: {name, price: number}, paid: boolean, link: url?',
    ],
  ],
  ['a JSON Schema', ['--from', 'schema.json']],
])('%s run at once', async (_name, flags) => {
  const cwd = temporaryDirectory();
  writeFile(cwd, 'notes.jsonl', '{"id":"a","text":"Total: 3.50"}\n{"id":"b","text":"Total: 4.50"}\n');
  const schema = {
    type: 'object',
    properties: { total: { type: ['number', 'null'] }, lines: { type: 'array', items: { $ref: '#/$defs/Line' } } },
    required: ['total', 'lines'],
    additionalProperties: false,
    $defs: { Line: { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] } },
  };
  writeFile(cwd, 'schema.json', JSON.stringify(schema));
  expect(await gleaner(['init', 'notes.jsonl', ...flags], { cwd })).toMatchObject({ code: 0 });
  const run = await gleaner(['run', 'notes', 'notes.jsonl', '--out', 'run', '--emulator'], { cwd });
  expect(run.stderr).toContain('2 extracted, 0 rejected');
  expect(readFileSync(join(cwd, 'schemas/notes.ts'), 'utf8')).toContain('defineExtraction');
});

test('an error in the fields is marked, and nothing is written', async () => {
  const cwd = temporaryDirectory();
  writeFile(cwd, 'notes.csv', 'id,text\n1,a\n');
  const { code, stderr } = await gleaner(['init', 'notes.csv', '--fields', 'company, total: nmber'], { cwd });
  expect(code).toBe(2);
  expect(stderr).toContain('  company, total: nmber\n                  ^\n');
  expect(stderr).toContain('at column 17 there is no type "nmber"; did you mean number?');
});

test('with -q a run that ends as wanted says nothing, and one that does not says why', async () => {
  const cwd = temporaryDirectory();
  writeFile(cwd, 'notes.jsonl', '{"id":"a","text":"Total: 3.50"}\n');
  await gleaner(['init', 'notes.jsonl', '--fields', 'total: number?'], { cwd });
  const run = ['run', 'notes', 'notes.jsonl', '--emulator', '-q'];
  expect(await gleaner([...run, '--out', 'a'], { cwd })).toMatchObject({ code: 0, signal: null, terminal: '' });
  const few = await gleaner([...run, '--out', 'b', '--min-records', '2'], { cwd });
  expect(few.code).toBe(1);
  expect(few.stderr).toContain('--min-records wants 2');
});
