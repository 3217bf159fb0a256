import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadDefinition } from '../../src/extraction/load-definition.ts';
import { compilePrompt } from '../../src/extraction/prompt.ts';
import { initDefinition } from '../../src/init/init-definition.ts';
import { deriveSchema } from '../../src/schema/derive.ts';

let directory = '';
beforeEach(() => void (directory = mkdtempSync(join(tmpdir(), 'gleaner-init-'))));
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function file(name: string, content: string): string {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
}

test('what is written for a CSV loads, and asks for the fields that were named', async () => {
  const data = file('Rechnungen März.csv', 'nr;Inhalt\n7;Eine Rechnung\n8;Noch eine\n');
  const made = await initDefinition(data, {
    directory,
    fields: 'company, total: number?, items[]: {name, price: number}',
  });
  expect(made).toMatchObject({ name: 'Rechnungen-Ma-rz', id: 'nr', texts: ['Inhalt'], origin: undefined });
  expect(made.written).toEqual([join('schemas', 'Rechnungen-Ma-rz.ts'), 'package.json']);
  const { extraction } = await loadDefinition(made.name, { cwd: directory });
  expect(extraction).toMatchObject({ id: 'nr', prompt: '{{Inhalt}}', name: made.name });
  const { schema } = await deriveSchema(extraction.schema);
  expect(Object.keys(schema['properties'] as object)).toEqual(['company', 'total', 'items']);
  expect(JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'))).toMatchObject({ type: 'module' });
});

test('names with quotes, backslashes, line ends and markup come through whole', async () => {
  const odd = 'it\'s "so" \\ `x` ${y} \u2028 */';
  const data = file(
    'odd.jsonl',
    `${JSON.stringify({ [odd]: 'some text', other: 'b' })}\n${JSON.stringify({ [odd]: 'text' })}\n`,
  );
  const fields = [{ name: odd, type: { kind: 'enum', values: [odd, 'x'] } as const, description: odd }];
  const { name, texts } = await initDefinition(data, { directory, fields });
  expect(texts).toEqual([odd, 'other'].filter((text) => texts.includes(text)));
  const { extraction } = await loadDefinition(name, { cwd: directory });
  const { schema } = await deriveSchema(extraction.schema);
  expect(schema['properties']).toEqual({ [odd]: { type: 'string', enum: [odd, 'x'], description: odd } });
  expect(compilePrompt(extraction).render({ [odd]: 'some text' })).toMatchObject({ ok: true });
});

test('a column that some records lack is optional in the template', async () => {
  const data = file('mixed.jsonl', '{"id":1,"subject":"a","body":"b"}\n{"id":2,"body":"c"}\n');
  const { name } = await initDefinition(data, { directory, texts: ['subject', 'body'] });
  const { extraction } = await loadDefinition(name, { cwd: directory });
  const render = compilePrompt(extraction).render({ id: 2, body: 'c' });
  expect(render).toMatchObject({ ok: true, messages: [{}, { content: 'subject: \nbody: c' }] });
});

test('a JSON Schema gives the fields, and its notes stand in the file', async () => {
  const data = file('a.csv', 'id,text\n1,x\n');
  const jsonSchema = {
    type: 'object',
    properties: {
      when: { type: 'string', format: 'date' },
      tags: { type: 'array', items: { type: 'string' }, uniqueItems: true },
    },
    required: ['when'],
  };
  const { path, notes } = await initDefinition(data, { directory, jsonSchema });
  expect(notes).toHaveLength(2);
  const text = readFileSync(join(directory, path), 'utf8');
  for (const note of notes) expect(text).toContain(note);
  await expect(loadDefinition('a', { cwd: directory })).resolves.toMatchObject({ extraction: { name: 'a' } });
});

test('no file is overwritten', async () => {
  const data = file('a.csv', 'id,text\n1,x\n');
  mkdirSync(join(directory, 'schemas'));
  writeFileSync(join(directory, 'schemas/a.mjs'), 'mine');
  await expect(initDefinition(data, { directory })).rejects.toThrow(
    /it is there already, and nothing is written over it; edit it, or give another name/,
  );
  file('package.json', '{"name":"mine"}');
  const { written } = await initDefinition(data, { directory, name: 'b' });
  expect(written).toEqual([join('schemas', 'b.ts')]);
  expect(readFileSync(join(directory, 'package.json'), 'utf8')).toBe('{"name":"mine"}');
  await expect(initDefinition(data, { directory, name: 'b' })).rejects.toThrow(/is there already/);
});

test('a package.json above is the one that counts', async () => {
  file('package.json', '{"name":"whole"}');
  const data = file('a.csv', 'id,text\n1,x\n');
  mkdirSync(join(directory, 'part'));
  const { written } = await initDefinition(data, { directory: join(directory, 'part') });
  expect(written).toEqual([join('schemas', 'a.ts')]);
});

test.each<[string, string, object, RegExp]>([
  [
    'a name with a slash',
    'id,text\n1,x\n',
    { name: '../a' },
    /Cannot name a definition "\.\.\/a": a name has 1 to 64 letters/,
  ],
  [
    'an unknown id column',
    'id,text\n1,x\n',
    { id: 'idd' },
    /Cannot use the column "idd": .* has none of that name; did you mean "id"\?/,
  ],
  ['an unknown text column', 'id,text\n1,x\n', { texts: ['txt'] }, /Cannot use the column "txt"/],
  ['a header alone', 'id,text\n', {}, /it holds no record/],
  ['ids alone', 'id\n1\n2\n', {}, /Cannot tell what of .* a model is to read/],
  ['fields and a schema', 'id,text\n1,x\n', { fields: 'a', jsonSchema: {} }, /give one of them/],
  ['a column with braces', 'id,a{b\n1,x\n', { texts: ['a{b'] }, /its name has braces/],
  ['fields that cannot be read', 'id,text\n1,x\n', { fields: 'a: b' }, /at column 4 there is no type "b"/],
])('%s is refused, and nothing is written', async (_name, content, options, message) => {
  const data = file('a.csv', content);
  await expect(initDefinition(data, { directory, ...options })).rejects.toThrow(message);
  await expect(loadDefinition('a', { cwd: directory })).rejects.toThrow(/Cannot find/);
});
