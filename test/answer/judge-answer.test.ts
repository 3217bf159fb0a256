import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as z4 from 'zod';
import * as mini from 'zod/mini';
import { z as z3 } from 'zod3';
import { judgeAnswer, type AnswerVerdict } from '../../src/answer/judge-answer.ts';
import { isPassingEnd, readFinish } from '../../src/answer/finish.ts';
import { PROBLEM_TABLE } from '../../src/answer/problem.ts';
import { readCompletion, type Completion } from '../../src/completion/response.ts';

const receipt = z4.object({ company: z4.string(), total: z4.number().nullable() });
const good = '{"company":"Kedai Ubi","total":12.5}';

function completion(content: unknown, finish: string | undefined = 'stop', usage?: object): Completion {
  const read = readCompletion({
    object: 'chat.completion',
    choices: [{ index: 0, finish_reason: finish, message: { role: 'assistant', content } }],
    usage,
  });
  if (read === undefined) throw new TypeError('Expected a completion');
  return read;
}

function body(value: object): Completion {
  const read = readCompletion({ object: 'chat.completion', ...value });
  if (read === undefined) throw new TypeError('Expected a completion');
  return read;
}

const cutByThinking = {
  prompt_tokens: 20,
  total_tokens: 516,
  completion_tokens: 18,
  completion_tokens_details: { reasoning_tokens: 478 },
};

describe('judgeAnswer() accepts', () => {
  const cases: { name: string; completion: Completion; repaired?: string }[] = [
    { name: 'a plain answer', completion: completion(good) },
    { name: 'an answer without a finish reason', completion: completion(good, undefined) },
    { name: 'an answer in text parts', completion: completion([{ type: 'text', text: good }]) },
    { name: 'a fenced answer', completion: completion(`\`\`\`json\n${good}\n\`\`\``), repaired: 'fence' },
    {
      name: 'an answer with a trailing comma',
      completion: completion('{"company":"A","total":null,}'),
      repaired: 'notation',
    },
    { name: 'a complete answer that ends at the cap', completion: completion(good, 'length') },
    {
      name: 'a complete answer flooded with space',
      completion: completion(good + '\n'.repeat(5_000), 'length'),
    },
    {
      name: 'a complete answer whose fence was cut',
      completion: completion(`\`\`\`json\n${good}\n`, 'length'),
      repaired: 'fence',
    },
    { name: 'the end of a self-deployed container', completion: completion(good, 'eos_token') },
  ];
  test.each(cases)('$name', async ({ completion, repaired }) => {
    const verdict = await judgeAnswer(completion, receipt);
    expect(verdict).toMatchObject({ status: 'valid', json: { company: expect.any(String) } });
    expect(verdict.status === 'valid' && verdict.repaired).toBe(repaired);
  });
});

describe('judgeAnswer() refuses', () => {
  const cases: { name: string; completion: Completion; code: string; message: string }[] = [
    {
      name: 'prose',
      completion: completion('I cannot read SECRET'),
      code: 'invalid_json',
      message: 'The answer is not one JSON value: the text holds no JSON object; ',
    },
    {
      name: 'an answer cut off at stop',
      completion: completion('{"company":"A","total":1'),
      code: 'invalid_json',
      message: 'the JSON ends too early, after 24 characters',
    },
    {
      name: 'a missing field',
      completion: completion('{"company":"A"}'),
      code: 'schema_violation',
      message: 'the schema refuses it: /total: Invalid input: expected number, received undefined; ',
    },
    {
      name: 'an array',
      completion: completion(`[${good}]`),
      code: 'schema_violation',
      message: 'expected object, received array',
    },
    {
      name: 'an empty answer',
      completion: completion(''),
      code: 'empty_answer',
      message: 'without any text; simplify the schema',
    },
    { name: 'a blank answer', completion: completion(' \n'), code: 'empty_answer', message: 'without any text' },
    { name: 'a null answer', completion: completion(null), code: 'empty_answer', message: 'without any text' },
    {
      name: 'a blocked prompt',
      completion: body({ usage: {} }),
      code: 'content_filter',
      message: 'the response holds no choices',
    },
    {
      name: 'a prompt blocked with empty choices',
      completion: body({ choices: [], usage: { prompt_tokens: 9, total_tokens: 9 } }),
      code: 'content_filter',
      message: 'no choices',
    },
    {
      name: 'a response with nothing in it',
      completion: body({ choices: [] }),
      code: 'unexpected_finish',
      message: 'neither choices nor usage; ends such as OTHER',
    },
    {
      name: 'a filter with a reason and a part of the answer',
      completion: completion(good, 'content_filter: RECITATION'),
      code: 'content_filter',
      message: 'the finish reason is "content_filter: RECITATION"',
    },
    {
      name: 'a filtered answer with a null message',
      completion: body({ choices: [{ finish_reason: 'content_filter', message: null }] }),
      code: 'content_filter',
      message: 'content_filter',
    },
    { name: 'a refusal', completion: completion(good, 'refusal'), code: 'refusal', message: 'declined' },
    {
      name: 'a refusal in the message',
      completion: body({ choices: [{ finish_reason: 'stop', message: { refusal: 'I will not say SECRET' } }] }),
      code: 'refusal',
      message: 'declined',
    },
    {
      name: 'a tool call',
      completion: completion(null, 'tool_calls'),
      code: 'unexpected_finish',
      message: '"tool_calls"',
    },
    {
      name: 'a malformed function call',
      completion: completion(good, 'function_call_filter: MALFORMED_FUNCTION_CALL'),
      code: 'unexpected_finish',
      message: '"function_call_filter: MALFORMED_FUNCTION_CALL"',
    },
    {
      name: 'thinking that ate the cap, without a message',
      completion: body({ choices: [{ finish_reason: 'length' }], usage: { prompt_tokens: 20, total_tokens: 520 } }),
      code: 'truncated_thinking',
      message: '500 of 500 tokens went into thinking; raise request.maxTokens or lower the thinking budget',
    },
    {
      name: 'thinking that left a few tokens',
      completion: completion('{"company":"SECRET', 'length', cutByThinking),
      code: 'truncated_thinking',
      message: '478 of 500 tokens went into thinking',
    },
    {
      name: 'an answer too long',
      completion: completion('{"company":"SECRET', 'length', {
        prompt_tokens: 20,
        completion_tokens: 500,
        total_tokens: 520,
      }),
      code: 'truncated_answer',
      message: '500 of 500 tokens went into the answer; raise request.maxTokens',
    },
    {
      name: 'a loop',
      completion: completion(`{"company":"${'SECRET '.repeat(100)}`, 'length'),
      code: 'truncated_loop',
      message: 'the last 700 characters repeat a stretch of 7, 100 times',
    },
    {
      name: 'a number cut at the cap, which JSON alone cannot tell',
      completion: completion('12', 'length', { prompt_tokens: 20, completion_tokens: 2, total_tokens: 22 }),
      code: 'truncated_answer',
      message: '2 of 500 tokens went into the answer',
    },
    {
      name: 'an object at the cap with text after it, which may be a first draft',
      completion: completion(`${good} No, it is {"comp`, 'length'),
      code: 'truncated_answer',
      message: 'after 53 characters',
    },
    {
      name: 'a draft at the cap before more text',
      completion: completion(`${good} No, it is`, 'length'),
      code: 'invalid_json',
      message: 'words after the object were cut off, which may take it back',
    },
    {
      name: 'an answer at the cap in notation that needs mending',
      completion: completion('{"company":"A","total":null,}', 'length'),
      code: 'truncated_answer',
      message: 'after 29 characters',
    },
    {
      name: 'a complete answer at the cap that the schema refuses',
      completion: completion('{"company":1,"total":2}', 'length'),
      code: 'schema_violation',
      message: '/company',
    },
  ];
  test.each(cases)('$name', async ({ completion, code, message }) => {
    const verdict = await judgeAnswer(completion, receipt, { maxTokens: 500 });
    expect(verdict).toMatchObject({ status: 'invalid', code, text: completion.content });
    expect(verdict).toHaveProperty('message', expect.stringContaining(message));
    expect(verdict).toHaveProperty('message', expect.not.stringContaining('SECRET'));
  });
});

describe('judgeAnswer() with zod 3 and zod 4', () => {
  const schemas = {
    'zod 3': z3.object({ kind: z3.enum(['a', 'b']), items: z3.array(z3.object({ 'a/b': z3.number() })) }),
    'zod 4': z4.object({ kind: z4.enum(['a', 'b']), items: z4.array(z4.object({ 'a/b': z4.number() })) }),
  };
  test.each(Object.entries(schemas))(
    '%s: points at each issue and keeps values out of the message',
    async (_name, schema) => {
      const verdict = await judgeAnswer(completion('{"kind":"SECRET","items":[{"a/b":1},{"a/b":"SECRET"}]}'), schema);
      expect(verdict).toMatchObject({
        code: 'schema_violation',
        issues: [{ path: '/kind' }, { path: '/items/1/a~1b' }],
        message: expect.stringMatching(/\/kind: Invalid.*; \/items\/1\/a~1b: .*number/),
      });
      expect(verdict).toHaveProperty('message', expect.not.stringContaining('SECRET'));
    },
  );
});

test('judgeAnswer() applies transforms and defaults', async () => {
  const schema = z4.object({ total: z4.string().transform(Number), currency: z4.string().default('EUR') });
  expect(await judgeAnswer(completion('{"total":"3"}'), schema)).toMatchObject({ data: { total: 3, currency: 'EUR' } });
});

test('judgeAnswer() waits for asynchronous checks and runs them once', async () => {
  let checks = 0;
  const isKnown = receipt.refine(async ({ company }) => {
    checks += 1;
    return company === 'Kedai Ubi';
  }, 'Unknown company');
  expect(await judgeAnswer(completion(good), isKnown)).toMatchObject({ status: 'valid' });
  expect(checks).toBe(1);
  expect(await judgeAnswer(completion('{"company":"A","total":1}'), isKnown)).toMatchObject({
    code: 'schema_violation',
    issues: [{ path: '', message: 'Unknown company' }],
  });
});

function fail(): never {
  throw new TypeError('SECRET is no company');
}

describe('judgeAnswer() turns a throwing check into a schema violation', () => {
  const schemas = {
    'zod 3': z3.object({ company: z3.string().transform(fail) }),
    'zod 4': z4.object({ company: z4.string().transform(fail) }),
    'zod/mini': mini.object({ company: mini.pipe(mini.string(), mini.transform(fail)) }),
    'zod 3 asynchronous': z3.object({ company: z3.string().transform(async () => fail()) }),
    'zod 4 asynchronous': z4.object({ company: z4.string().transform(async () => fail()) }),
  };
  test.each(Object.entries(schemas))('%s', async (_name, schema) => {
    const verdict: AnswerVerdict<unknown> = await judgeAnswer(completion(good), schema);
    expect(verdict).toMatchObject({
      code: 'schema_violation',
      reason: "the schema's own check threw: TypeError",
      issues: [{ path: '', message: "the schema's own check threw: TypeError: SECRET is no company" }],
    });
    expect(verdict).toHaveProperty('message', expect.not.stringContaining('SECRET'));
  });
});

test('judgeAnswer() keeps message and issues bounded', async () => {
  const schema = z4.object({ rows: z4.array(z4.number({ error: 'x'.repeat(10_000) })) });
  const verdict = await judgeAnswer(
    completion(JSON.stringify({ rows: Array.from({ length: 5_000 }, () => 'a') })),
    schema,
  );
  expect(verdict).toMatchObject({ code: 'schema_violation', message: expect.stringContaining('; 4997 more; ') });
  expect(verdict.status === 'invalid' && verdict.message.length).toBeLessThan(2_000);
  expect(verdict.status === 'invalid' && verdict.issues.length).toBe(100);
});

test('judgeAnswer() survives an answer that nests without end, also under a recursive schema', async () => {
  const tree: z4.ZodType = z4.object({ child: z4.lazy(() => tree).optional() });
  const deep = `${'{"child":'.repeat(100_000)}{}${'}'.repeat(100_000)}`;
  expect(await judgeAnswer(completion(deep), tree)).toMatchObject({
    code: 'invalid_json',
    reason: expect.stringContaining('nested too deeply'),
  });
});

test('judgeAnswer() never throws, whatever the completion', async () => {
  const finish = fc.oneof(fc.constantFrom(undefined, 'stop', 'length', 'content_filter: X', 'refusal'), fc.string());
  const content = fc.oneof(fc.string(), fc.json(), fc.constant(undefined), fc.constant(good));
  const count = fc.nat(2_000);
  const completions = fc.record({
    id: fc.constant(undefined),
    model: fc.constant(undefined),
    content,
    thoughts: fc.constant(undefined),
    toolCalls: fc.constant([]),
    media: fc.constant([]),
    extraContent: fc.constant(undefined),
    refusal: fc.option(fc.string(), { nil: undefined }),
    finishReason: finish,
    usage: fc.option(fc.record({ prompt: count, cached: count, completion: count, reasoning: count, total: count }), {
      nil: undefined,
    }),
    trafficType: fc.constant(undefined),
    raw: fc.dictionary(fc.constantFrom('choices', 'usage'), fc.jsonValue() as fc.Arbitrary<null>),
  });
  await fc.assert(
    fc.asyncProperty(completions, async (completion) => {
      const verdict = await judgeAnswer(completion, receipt, { maxTokens: 500 });
      const isSound =
        verdict.status === 'valid' ? receipt.safeParse(verdict.data).success : verdict.code in PROBLEM_TABLE;
      expect(isSound).toBe(true);
    }),
    { numRuns: 1_000 },
  );
});

test.each([
  [undefined, 'stop'],
  ['STOP', 'stop'],
  ['MAX_TOKENS', 'length'],
  ['content_filter: PROHIBITED_CONTENT', 'content_filter'],
  ['stopped', 'unexpected'],
  ['', 'unexpected'],
  ['constructor', 'unexpected'],
])('readFinish(%j) is %s', (reason, finish) => {
  expect(readFinish(reason)).toBe(finish);
});

describe('what the schema makes of an answer is written as plain JSON', () => {
  const priced = (price: z4.ZodType) => z4.object({ items: z4.array(z4.object({ price })) });
  const answer = completion('{"items":[{"price":"12,50"}]}');
  const cases: { name: string; price: z4.ZodType; problem: string }[] = [
    { name: 'NaN', price: z4.string().transform(Number), problem: 'the schema made NaN' },
    { name: 'an invalid date', price: z4.string().transform((text) => new Date(text)), problem: 'an invalid Date' },
    { name: 'a set', price: z4.string().transform((text) => new Set([text])), problem: 'a Set' },
    { name: 'a map', price: z4.string().transform((text) => new Map([[text, 1]])), problem: 'a Map' },
    { name: 'a negative zero', price: z4.string().transform(() => -0), problem: 'a negative zero' },
    { name: 'a bigint', price: z4.string().transform(() => 12n), problem: 'a bigint' },
  ];
  test.each(cases)('$name is told with its path, and not asked for again', async ({ price, problem }) => {
    const verdict = await judgeAnswer(answer, priced(price));
    expect(verdict).toMatchObject({
      status: 'invalid',
      code: 'schema_violation',
      isFinal: true,
      message: expect.stringContaining(`cannot be written: /items/0/price: the schema made`) as unknown,
      issues: [{ path: '/items/0/price', message: expect.stringContaining(problem) as unknown }],
    });
  });

  test('a toJSON is asked once, so that it cannot change its mind', async () => {
    let asked = 0;
    const moody = z4.string().transform(() => ({
      toJSON: () => {
        asked += 1;
        if (asked > 1) throw new Error('asked twice');
        return 1;
      },
    }));
    const verdict = await judgeAnswer(answer, priced(moody));
    expect(verdict).toMatchObject({ status: 'valid', json: { items: [{ price: 1 }] } });
    expect(JSON.stringify(verdict.status === 'valid' && verdict.json)).toBe('{"items":[{"price":1}]}');
    expect(asked).toBe(1);
  });

  test('data stays what the schema made; what the model answered is there where it says otherwise', async () => {
    const dated = z4.object({ date: z4.string().transform((text) => new Date(text)) });
    const verdict = await judgeAnswer(completion('{"date":"2026-01-05"}'), dated);
    expect(verdict).toEqual({
      status: 'valid',
      data: { date: new Date('2026-01-05') },
      json: { date: '2026-01-05T00:00:00.000Z' },
      answer: { date: '2026-01-05' },
    });
    expect(await judgeAnswer(completion(good), receipt)).not.toHaveProperty('answer');
  });
});

describe('what cannot be kept of an answer', () => {
  test('digits: nothing is asked again, as the model could only round them', async () => {
    const verdict = await judgeAnswer(completion('{"company":"A","total":12345678901234567890}'), receipt);
    expect(verdict).toMatchObject({
      status: 'invalid',
      code: 'schema_violation',
      isFinal: true,
      message:
        'The answer cannot be kept as it is: /total: the number has more digits than can be kept; make it a string in the schema',
      issues: [{ path: '/total' }],
    });
  });

  test('a name with two values: asked again', async () => {
    const verdict = await judgeAnswer(completion('{"company":"A","total":1,"total":2}'), receipt);
    expect(verdict).toMatchObject({
      code: 'invalid_json',
      reason: '/total: a name stands twice in an object, with different values',
    });
    expect(verdict).not.toHaveProperty('isFinal');
  });

  test('a backslash that has become a control character: asked again, with what to do', async () => {
    const verdict = await judgeAnswer(completion('{"company":"\\frac{1}{2}","total":1}'), receipt);
    expect(verdict).toMatchObject({ code: 'invalid_json', reason: expect.stringContaining('each backslash as') });
  });

  test('bytes that are no text: asked again', async () => {
    const broken: Completion = { ...completion('{"company":"Caf\ufffd","total":1}'), hasBrokenText: true };
    expect(await judgeAnswer(broken, receipt)).toMatchObject({
      code: 'invalid_json',
      reason: 'bytes of the answer are no UTF-8',
    });
    const sent = completion('{"company":"Caf\ufffd","total":1}');
    expect(await judgeAnswer(sent, receipt)).toMatchObject({ status: 'valid', data: { company: 'Caf\ufffd' } });
  });

  test('it counts in an answer that ends at the cap, too', async () => {
    const cut = completion('{"company":"A","total":1,"total":2}', 'length');
    expect(await judgeAnswer(cut, receipt)).toMatchObject({ code: 'invalid_json' });
  });
});

describe('ends of other servers', () => {
  test.each(['end_turn', 'tool_calls', 'COMPLETE'])('%s with an answer is an answer', async (finish) => {
    expect(await judgeAnswer(completion(good, finish), receipt)).toMatchObject({ status: 'valid' });
  });

  test('tool_calls without text is none', async () => {
    expect(await judgeAnswer(completion(null, 'tool_calls'), receipt)).toMatchObject({ code: 'unexpected_finish' });
  });

  test('an answer that a server took for thoughts is read, a draft among thoughts is not', async () => {
    const thinking = (thoughts: string): Completion => ({ ...completion(null), thoughts });
    expect(await judgeAnswer(thinking(`\n${good}`), receipt)).toMatchObject({ status: 'valid' });
    expect(await judgeAnswer(thinking(`Maybe ${good}`), receipt)).toMatchObject({ code: 'empty_answer' });
    expect(await judgeAnswer({ ...completion('{}'), thoughts: good }, receipt)).toMatchObject({
      code: 'schema_violation',
    });
  });

  const passing = ['MALFORMED_FUNCTION_CALL', 'function_call_filter: MALFORMED_FUNCTION_CALL', 'OTHER', 'error'];
  test.each(passing)('%s passes', (finish) => expect(isPassingEnd(completion(null, finish))).toBe(true));
  const lasting = ['stop', 'length', 'SAFETY', 'content_filter: OTHER', 'LANGUAGE', 'refusal', 'tool_calls'];
  test.each(lasting)('%s does not pass', (finish) => expect(isPassingEnd(completion(null, finish))).toBe(false));

  test('a response without choices passes, unless its prompt was billed', () => {
    expect(isPassingEnd(body({ choices: [] }))).toBe(true);
    expect(isPassingEnd(body({ choices: [], usage: { prompt_tokens: 3, total_tokens: 3 } }))).toBe(false);
    expect(isPassingEnd(completion(good, undefined))).toBe(false);
  });
});

test('a whole object in a closed fence is no truncated answer, whatever is cut off after it', async () => {
  const verdict = await judgeAnswer(
    completion('```json\n' + good + '\n```\nThe total stands at the', 'length'),
    receipt,
  );
  expect(verdict).toMatchObject({ status: 'valid', repaired: 'prose' });
});
