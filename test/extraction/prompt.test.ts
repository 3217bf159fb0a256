import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { ContentPart } from '../../src/completion/request.ts';
import { defineExtraction } from '../../src/extraction/define-extraction.ts';
import { checkChunkColumn, checkPlaceholders, compilePrompt } from '../../src/extraction/prompt.ts';
import type { Extraction } from '../../src/extraction/definition.ts';
import type { RecordFields } from '../../src/records/record.ts';

function compile(prompt: string | ((record: RecordFields) => string | ContentPart[])) {
  const schema = z.object({ a: z.string() });
  return compilePrompt(defineExtraction({ name: 'x', schema, instructions: 'Be exact.', prompt }));
}

function renderedText(template: string, fields: RecordFields): unknown {
  const rendered = compile(template).render(fields);
  return rendered.ok ? rendered.messages[1]?.content : rendered;
}

describe('template prompts', () => {
  it.each<{ name: string; template: string; fields: RecordFields; output: string }>([
    { name: 'one column', template: '{{text}}', fields: { text: 'Total 5' }, output: 'Total 5' },
    { name: 'spaces inside the braces', template: 'A {{  text }} B', fields: { text: 'x' }, output: 'A x B' },
    {
      name: 'names with spaces and dots',
      template: '{{full name}}/{{a.b}}',
      fields: { 'full name': 'x', 'a.b': 'y' },
      output: 'x/y',
    },
    { name: 'no escaping', template: '{{t}}', fields: { t: '<a href="x">&</a>' }, output: '<a href="x">&</a>' },
    { name: 'no second expansion', template: '{{a}}{{b}}', fields: { a: '{{b}}', b: '$& $1' }, output: '{{b}}$& $1' },
    {
      name: 'JSON values',
      template: '{{n}} {{l}} {{o}} {{f}}',
      fields: { n: 1.5, l: [1, 'a'], o: { k: null }, f: false },
      output: '1.5 [1,"a"] {"k":null} false',
    },
    { name: 'null as nothing', template: '[{{n}}]', fields: { n: null }, output: '[]' },
    { name: 'escaped braces', template: '\\{{text}} {{text}}', fields: { text: 'x' }, output: '{{text}} x' },
    {
      name: 'braces around no name',
      template: '{{}} {{ }} { {t} } {{t',
      fields: { t: 'x' },
      output: '{{}} {{ }} { {t} } {{t',
    },
    { name: 'an optional column', template: '{{t}}[{{note?}}]', fields: { t: 'x', note: 'n' }, output: 'x[n]' },
    { name: 'an optional column that is absent', template: '{{t}}[{{ note? }}]', fields: { t: 'x' }, output: 'x[]' },
    {
      name: 'a column with a question mark',
      template: '{{paid?}}',
      fields: { 'paid?': 'yes', paid: 1 },
      output: 'yes',
    },
    { name: 'a question mark alone', template: '{{?}}{{t}}', fields: { t: 'x' }, output: '{{?}}x' },
    { name: 'three braces', template: '{{{t}}}', fields: { t: 'x' }, output: '{x}' },
  ])('renders $name', ({ template, fields, output }) => {
    expect(renderedText(template, fields)).toBe(output);
  });

  it('puts the instructions first, as system message', () => {
    expect(compile('{{t}}').render({ t: 'x' })).toEqual({
      ok: true,
      messages: [
        { role: 'system', content: 'Be exact.' },
        { role: 'user', content: 'x' },
      ],
    });
  });

  it('lists its placeholders once each', () => {
    expect(compile('{{b}} {{a}} {{ b }}').placeholders).toEqual(['b', 'a']);
  });

  it('demands no column for an optional placeholder', () => {
    expect(compile('{{b}} {{a?}}').placeholders).toEqual(['b']);
  });

  it('names a missing column and those that there are, but no values', () => {
    const rendered = compile('{{text}}').render({ txt: 'secret', id: '1' });
    expect(rendered).toEqual({
      ok: false,
      message: 'The record has no "text", which the prompt uses; did you mean {{txt}}? Its columns are "txt", "id"',
    });
  });

  it('does not take inherited properties for columns', () => {
    expect(compile('{{constructor}}').render({ a: 1 })).toMatchObject({ ok: false });
    expect(renderedText('{{__proto__}}', Object.fromEntries([['__proto__', 'x']]))).toBe('x');
  });

  it('rejects a record that leaves the prompt empty', () => {
    expect(compile('{{t}}').render({ t: ' ' })).toEqual({ ok: false, message: 'The prompt is empty for this record' });
  });

  it('gives back any value between any texts as it stands', () => {
    const plain = fc.string().filter((text) => !/[{}\\]/.test(text));
    fc.assert(
      fc.property(plain, fc.string(), plain, (before, value, after) => {
        expect(renderedText(`${before}.{{column}}${after}`, { column: value })).toBe(`${before}.${value}${after}`);
      }),
    );
  });
});

describe('function prompts', () => {
  it('take text and content parts', () => {
    expect(compile((record) => `Total ${String(record['n'])}`).render({ n: 5 })).toMatchObject({
      messages: [{}, { role: 'user', content: 'Total 5' }],
    });
    const parts: ContentPart[] = [{ type: 'image_url', image_url: 'gs://bucket/a.png' }];
    expect(compile(() => parts).render({})).toMatchObject({ messages: [{}, { content: parts }] });
  });

  it('reject the record when they throw, with one line', () => {
    const prompt = compile(() => {
      throw new TypeError('no text\nat line 1');
    });
    expect(prompt.render({})).toEqual({
      ok: false,
      isOfDefinition: true,
      message: `The definition's "prompt" function failed: no text`,
    });
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['a promise', Promise.resolve('x')],
    ['a list without content parts', []],
    ['a list without content parts', ['text']],
    ['an object', { type: 'text', text: 'x' }],
  ])('reject the record when they return %s', (got, value) => {
    const rendered = compile(() => value as string).render({});
    expect(rendered).toMatchObject({
      ok: false,
      message: expect.stringMatching(new RegExp(`must return .*got ${got}$`)),
    });
  });
});

describe('checkPlaceholders', () => {
  it('finds nothing wrong where all columns are there', () => {
    expect(checkPlaceholders(['a', 'b'], ['b', 'c', 'a'])).toBeUndefined();
  });

  it('names the placeholder, the column that is likely meant, and all columns', () => {
    expect(checkPlaceholders(['Text'], ['id', 'text'])).toBe(
      'Cannot fill the prompt: it uses {{Text}}, but the input has no such column; did you mean {{text}}? Its columns are "id", "text"',
    );
    expect(checkPlaceholders(['body'], ['id', 'text'])).toMatch(/; its columns are "id", "text"$/);
  });
});

describe('prompt functions of somebody else', () => {
  const traps = {
    get() {
      throw new Error('hands off');
    },
  };
  it.each<{ name: string; prompt: () => unknown; message: string }>([
    {
      name: 'throws an object without a prototype',
      prompt: () => {
        throw Object.create(null) as Error;
      },
      message: 'failed: something that cannot be turned into text',
    },
    {
      name: 'throws an error that cannot be read',
      prompt: () => {
        throw Object.defineProperty(new Error('x'), 'message', {
          get() {
            throw new Error('no');
          },
        });
      },
      message: 'failed: something that cannot be turned into text',
    },
    { name: 'returns a bigint', prompt: () => [{ type: 'text', text: 'x', n: 1n }], message: 'a bigint at /0/n' },
    { name: 'returns a proxy', prompt: () => new Proxy([], traps), message: 'failed: hands off' },
  ])('$name: the definition is at fault, the run goes on', ({ prompt, message }) => {
    const rendered = compile(prompt as () => string).render({});
    expect(rendered).toEqual({ ok: false, isOfDefinition: true, message: expect.stringContaining(message) });
  });
});

it('a record without the column that is read in parts is told by name, where the prompt is a function', () => {
  const long = defineExtraction({
    name: 'x',
    schema: z.object({ a: z.string() }),
    instructions: 'Be exact.',
    prompt: ({ text }: { text?: string }) => `Text: ${text}`,
    chunk: { chars: 1000, field: 'txt' },
  }) as unknown as Extraction;
  expect(compilePrompt(long).render({ text: 'tea' })).toEqual({
    ok: false,
    message: 'The record has no "txt", which chunk.field names; did you mean "text"? Its columns are "text"',
  });
  expect(compilePrompt(long).render({ txt: null })).toMatchObject({ ok: true });
  expect(checkChunkColumn(long, ['id', 'text'])).toBe(
    'Cannot read records in parts: chunk.field is "txt", but the input has no such column; did you mean "text"? Its columns are "id", "text"',
  );
  expect(checkChunkColumn(long, ['txt'])).toBeUndefined();
});
