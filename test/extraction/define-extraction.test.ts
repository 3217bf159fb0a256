import { describe, expect, expectTypeOf, it } from 'vitest';
import * as zod4 from 'zod';
import * as mini from 'zod/mini';
import * as zod3 from 'zod3';
import { defineExtraction } from '../../src/extraction/define-extraction.ts';
import type { Extraction, RequestSettings } from '../../src/extraction/definition.ts';
import type { SchemaOutput } from '../../src/schema/zod-schema.ts';
import type { JsonValue } from '../../src/json/value.ts';
import { GleanerError } from '../../src/gleaner-error.ts';

const schema = zod4.object({ total: zod4.number() });
const receipt = {
  name: 'receipt',
  model: 'google/gemini-3.5-flash-lite',
  schema,
  instructions: 'Extract the receipt.',
  prompt: '{{text}}',
};

interface Receipt {
  id: string;
  text: string;
}

function textOf(record: Receipt): string {
  return record.text;
}

describe('types of defineExtraction', () => {
  it('refuses schemas of what is no object, for every generation of zod', () => {
    // @ts-expect-error: an answer is an object
    defineExtraction({ ...receipt, schema: zod4.string() });
    // @ts-expect-error
    defineExtraction({ ...receipt, schema: zod4.array(schema) });
    // @ts-expect-error
    defineExtraction({ ...receipt, schema: mini.nullable(mini.number()) });
    // @ts-expect-error
    defineExtraction({ ...receipt, schema: zod3.z.enum(['a', 'b']) });
    // Objects by other ways.
    defineExtraction({ ...receipt, schema: zod4.record(zod4.string(), zod4.number()) });
    defineExtraction({ ...receipt, schema: zod4.union([schema, zod4.object({ reason: zod4.string() })]) });
    defineExtraction({ ...receipt, schema: schema.transform(({ total }) => total) });
    defineExtraction({ ...receipt, schema: zod4.preprocess((value) => value, schema) });
    defineExtraction({ ...receipt, schema: mini.object({ total: mini.number() }) });
    defineExtraction({ ...receipt, schema: zod3.z.object({ total: zod3.z.number() }) });
  });

  it('refuses thinking that is set twice', () => {
    const define = (request: RequestSettings) => () => defineExtraction({ ...receipt, request });
    // @ts-expect-error: by budget or by level
    expect(define({ thinking: { budget: 0, level: 'low' } })).toThrow(GleanerError);
    // @ts-expect-error: reasoningEffort sets thinking too
    expect(define({ thinking: { budget: 0 }, reasoningEffort: 'low' })).toThrow(GleanerError);
    expect(define({ thinking: { level: 'low', includeThoughts: true } })).not.toThrow();
    expect(define({ reasoningEffort: 'low', temperature: 0 })).not.toThrow();
  });

  it('gives an annotated record type to every reader of the extraction', () => {
    const extraction = defineExtraction({ ...receipt, prompt: textOf, id: 'id' });
    expectTypeOf(extraction).toEqualTypeOf<Extraction<typeof schema, Receipt>>();
    expectTypeOf(extraction.prompt).extract<(record: Receipt) => unknown>().parameter(0).toEqualTypeOf<Receipt>();
    // Functions such as run() take any extraction, whatever its records are.
    expectTypeOf(extraction).toExtend<Extraction>();
  });

  it('takes the record type from id as well', () => {
    const extraction = defineExtraction({ ...receipt, id: (record: { number: number }) => record.number });
    expectTypeOf(extraction).toEqualTypeOf<Extraction<typeof schema, { number: number }>>();
  });

  it('refuses an id that is no column of the record', () => {
    // @ts-expect-error: Receipt has no such column; a file may have it, so nothing is refused before one is read
    expect(defineExtraction({ ...receipt, prompt: textOf, id: 'ident' }).id).toBe('ident');
  });

  it('makes fields JSON values where no record type is named', () => {
    defineExtraction({
      ...receipt,
      id: 'id',
      prompt: (record) => {
        expectTypeOf(record['text']).toEqualTypeOf<JsonValue | undefined>();
        return String(record['text']);
      },
    });
  });

  it('lets the type of results flow out, for every generation of zod', () => {
    const four = defineExtraction({ ...receipt, schema: zod4.object({ n: zod4.string().transform(Number) }) });
    expectTypeOf<SchemaOutput<typeof four.schema>>().toEqualTypeOf<{ n: number }>();
    const three = defineExtraction({ ...receipt, schema: zod3.object({ n: zod3.number().nullable() }) });
    expectTypeOf<SchemaOutput<typeof three.schema>>().toEqualTypeOf<{ n: number | null }>();
    const small = defineExtraction({ ...receipt, schema: mini.object({ n: mini.optional(mini.number()) }) });
    expectTypeOf<SchemaOutput<typeof small.schema>>().toEqualTypeOf<{ n?: number | undefined }>();
    expectTypeOf(three).toExtend<Extraction>();
  });

  it('refuses options that do not exist and schemas that are none', () => {
    // @ts-expect-error: no such option
    expect(() => defineExtraction({ ...receipt, promt: 'x' })).toThrow(GleanerError);
    // @ts-expect-error: no zod schema
    expect(() => defineExtraction({ ...receipt, schema: { type: 'object' } })).toThrow(GleanerError);
  });
});

describe('defineExtraction', () => {
  it('returns a frozen definition with the options as given', () => {
    const extraction = defineExtraction({ ...receipt, id: 'id', request: { temperature: 0 } });
    expect(extraction).toEqual({ ...receipt, id: 'id', request: { temperature: 0 }, kind: 'gleaner.extraction' });
    expect(Object.isFrozen(extraction)).toBe(true);
  });

  it('takes a finished definition as the base of another', () => {
    expect(defineExtraction({ ...defineExtraction(receipt), name: 'invoice' }).name).toBe('invoice');
  });

  it.each<[string, unknown, string[]]>([
    ['no options', undefined, ['takes one object', 'got nothing']],
    ['no name', { ...receipt, name: undefined }, ['"name" must be', 'got nothing']],
    ['a name with spaces', { ...receipt, name: 'my receipts' }, ['"name" must be', '"my receipts"']],
    ['a model without publisher', { ...receipt, model: 'gemini-3.5-flash' }, ['"google/gemini-3.5-flash"']],
    ['an empty model', { ...receipt, model: '' }, ['"model" must name', 'got ""']],
    [
      'a schema that is JSON Schema',
      { ...receipt, schema: { type: 'object' } },
      ['must be a zod schema', 'got an object'],
    ],
    ['a schema constructor', { ...receipt, schema: zod4.object }, ['must be a zod schema', 'got a function']],
    ['empty instructions', { ...receipt, instructions: '  ' }, ['"instructions" must be', 'an empty string']],
    ['a number as prompt', { ...receipt, prompt: 3 }, ['"prompt" must be', 'got a number']],
    ['an empty id', { ...receipt, id: '' }, ['"id" must be', 'an empty string']],
    [
      'a misspelled option',
      { ...receipt, instruction: 'x' },
      ['unknown option "instruction"', 'did you mean "instructions"?'],
    ],
    ['an unknown option', { ...receipt, zzz: 1 }, ['unknown option "zzz"', 'known options are name, model']],
    [
      'settings in snake case',
      { ...receipt, request: { max_tokens: 5 } },
      ['"request.max_tokens"', 'did you mean "request.maxTokens"?'],
    ],
    [
      'a hot temperature',
      { ...receipt, request: { temperature: 2.1 } },
      ['"request.temperature" must be from 0 to 2, got 2.1'],
    ],
    ['a temperature as text', { ...receipt, request: { temperature: '0' } }, ['got "0"']],
    ['topP above 1', { ...receipt, request: { topP: 1.5 } }, ['from 0 to 1']],
    ['no tokens', { ...receipt, request: { maxTokens: 0 } }, ['at least 1, got 0']],
    ['half a token', { ...receipt, request: { maxTokens: 1.5 } }, ['got 1.5']],
    ['NaN', { ...receipt, request: { temperature: NaN } }, ['"request.temperature"']],
    ['a single stop', { ...receipt, request: { stop: 'END' } }, ['a list of texts']],
    [
      'thinking and effort',
      { ...receipt, request: { thinking: { budget: 0 }, reasoningEffort: 'low' } },
      ['exclude each other'],
    ],
    [
      'two ways of thinking',
      { ...receipt, request: { thinking: { budget: 0, level: 'low' } } },
      ['either "budget" or "level"'],
    ],
    [
      'an unknown level',
      { ...receipt, request: { thinking: { level: 'deep' } } },
      ['one of minimal, low', 'got "deep"'],
    ],
    ['an unknown effort', { ...receipt, request: { reasoningEffort: 'max' } }, ['one of none, minimal']],
    ['settings that are a list', { ...receipt, request: [] }, ['"request" must be an object', 'got an array']],
  ])('refuses %s and says what would be right', (_case, options, parts) => {
    const define = (): unknown => defineExtraction(options as typeof receipt);
    expect(define).toThrow(GleanerError);
    for (const part of parts) expect(define).toThrow(part);
  });
});
