import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { judgeAnswer, judgeValue } from '../../src/answer/judge-answer.ts';
import type { Completion } from '../../src/completion/response.ts';
import type { Answered, Budget, RecordTask } from '../../src/run/ports.ts';
import { extractRecord } from '../../src/run/record/extract-record.ts';
import { requestKey } from '../../src/store/kept-answers.ts';
import { severalReadings, type ReadingsOptions } from '../../src/strategy/several-readings.ts';
import { completion, receipt, scriptRun, someUsage, type ScriptedRun, type Turn } from '../run/record/scripted-run.ts';
import { ApiError } from '../../src/completion/api-error.ts';

const schema = z.object({ company: z.string(), total: z.number() });

function answer(company: string, total: number): Completion {
  return completion({ content: JSON.stringify({ company, total }) });
}

const invalid = completion({ content: '{"company":"Acme"}' });

function play(turns: readonly Turn[], options: Partial<ReadingsOptions> & { budget?: Budget } = {}): ScriptedRun {
  const { budget, ...own } = options;
  const run = scriptRun({ turns, ...(budget === undefined ? {} : { budget }) });
  run.context.buildRequest = (messages, changes) => ({
    model: changes?.model ?? 'google/gemini-test',
    messages,
    ...(changes?.settings?.seed === undefined ? {} : { seed: changes.settings.seed }),
    ...(changes?.n === undefined ? {} : { n: changes.n }),
  });
  // As in a run directory, where nothing is kept of this record yet.
  run.context.answers = { take: () => undefined };
  run.context.strategy = severalReadings({
    judge: (given) => judgeAnswer(given, schema),
    judgeAgain: ({ value }) => judgeValue(value, '', schema),
    tools: [],
    maxToolRounds: 4,
    maxReasks: 1,
    readings: [{}, {}, {}],
    inOneCall: false,
    thoughtTagMarker: undefined,
    comparators: new Map(),
    ...own,
  });
  return run;
}

describe('readings in calls of their own', () => {
  test('the record ends once, with what most readings agree in; each call stands in the ledger', async () => {
    const run = play([answer('Acme', 12.5), answer('Acme', 72.5), answer('ACME', 12.5)]);
    await extractRecord(receipt, run.context);
    expect(run.outcomes).toMatchObject([
      {
        status: 'extracted',
        attempts: 3,
        usage: { total: 3 * someUsage.total },
        data: { company: 'Acme', total: 12.5 },
        confidence: { '/company': 1, '/total': 0.6667 },
      },
    ]);
    expect(run.settled.map(({ kind, outcome, sample }) => [kind, outcome, sample])).toEqual([
      ['first', 'part', 1],
      ['sample', 'part', 2],
      ['sample', 'extracted', 3],
    ]);
  });

  test('an invalid reading agrees with nothing, and is not sent back while there are others', async () => {
    const run = play([answer('Acme', 12.5), invalid, answer('Acme', 12.5)]);
    await extractRecord(receipt, run.context);
    expect(run.outcomes).toMatchObject([{ confidence: { '/company': 0.6667, '/total': 0.6667 } }]);
    expect(run.settled.map(({ outcome }) => outcome)).toEqual(['part', 'invalid', 'extracted']);
  });

  test('an answer that is made of several counts as mended where one of them was', async () => {
    const mended = completion({ content: "{'company':'Acme','total':1}" });
    const run = play([mended, answer('Bolt', 2), answer('Acme', 3), answer('Cord', 2)], { readings: [{}, {}, {}, {}] });
    await extractRecord(receipt, run.context);
    expect(run.outcomes).toMatchObject([{ data: { company: 'Acme', total: 2 }, repaired: 'notation' }]);
  });

  test('where none can be used, the last is sent back', async () => {
    const run = play([invalid, invalid, invalid, answer('Acme', 12.5)]);
    await extractRecord(receipt, run.context);
    expect(run.settled.map(({ kind, sample }) => [kind, sample])).toEqual([
      ['first', 1],
      ['sample', 2],
      ['sample', 3],
      ['re-ask', 3],
    ]);
    expect(run.outcomes).toMatchObject([{ status: 'extracted', confidence: { '/total': 0.3333 } }]);
  });

  test('where nothing helps, the record is rejected for its last answer', async () => {
    const run = play([invalid, invalid, invalid, invalid]);
    await extractRecord(receipt, run.context);
    expect(run.outcomes).toMatchObject([{ status: 'rejected', reason: { code: 'schema_violation' }, attempts: 4 }]);
  });

  test('values that agree one by one and not together give way to the answer most like all others', async () => {
    const ordered = z.object({ low: z.number(), high: z.number() }).refine(({ low, high }) => low <= high, 'low first');
    const pair = (low: number, high: number) => completion({ content: JSON.stringify({ low, high }) });
    const run = play([pair(1, 2), pair(5, 9), pair(5, 9), pair(1, 2), pair(1, 1)], {
      readings: [{}, {}, {}, {}, {}],
      judge: (given) => judgeAnswer(given, ordered),
      judgeAgain: ({ value }) => judgeValue(value, '', ordered),
    });
    await extractRecord(receipt, run.context);
    expect(run.outcomes).toMatchObject([{ data: { low: 1, high: 2 } }]);
    const torn = play([pair(5, 9), pair(5, 6), pair(1, 3), pair(4, 4), pair(3, 3)], {
      readings: [{}, {}, {}, {}, {}],
      judge: (given) => judgeAnswer(given, ordered),
      judgeAgain: ({ value }) => judgeValue(value, '', ordered),
      comparators: new Map(),
    });
    await extractRecord(receipt, torn.context);
    expect(torn.outcomes).toMatchObject([{ data: { low: 5, high: 9 }, confidence: { '/low': 0.4, '/high': 0.2 } }]);
  });

  test('a reading with other instructions and another model is asked for so', async () => {
    const readings = [{}, { instructions: 'Read it backwards.' }, { changes: { model: 'google/other' } }];
    const run = play([answer('A', 1), answer('A', 1), answer('A', 1)], { readings });
    await extractRecord(receipt, run.context);
    expect(run.requests.map(({ model, messages }) => [model, messages[0]?.content, messages[1]?.content])).toEqual([
      ['google/gemini-test', 'Extract the receipt.', receipt.fields['text']],
      ['google/gemini-test', 'Read it backwards.', receipt.fields['text']],
      ['google/other', 'Extract the receipt.', receipt.fields['text']],
    ]);
  });

  test('a reading that fails in transport is repeated, the others are not', async () => {
    const down = new ApiError('Unavailable', { kind: 'status', status: 503 });
    const run = play([answer('A', 1), down, answer('A', 1), answer('A', 1)]);
    await extractRecord(receipt, run.context);
    expect(run.settled.map(({ kind, sample }) => [kind, sample])).toEqual([
      ['first', 1],
      ['sample', 2],
      ['retry', 2],
      ['sample', 3],
    ]);
    expect(run.permitsOut()).toBe(0);
  });
});

describe('readings in one call', () => {
  const choices = (...given: [string, number][]): Completion => {
    const raw = {
      choices: given.map(([company, total], index) => ({
        index,
        finish_reason: 'stop',
        message: { role: 'assistant', content: JSON.stringify({ company, total }) },
      })),
    };
    return completion({ content: raw.choices[0]?.message.content, raw });
  };

  test('all answers of one call are judged, and billed once', async () => {
    const run = play([choices(['Acme', 1], ['Acme', 2], ['Acme', 2])], { inOneCall: true });
    await extractRecord(receipt, run.context);
    expect(run.requests).toMatchObject([{ n: 3 }]);
    expect(run.settled).toMatchObject([{ kind: 'first', outcome: 'extracted', samples: 3, tokens: someUsage }]);
    expect(run.outcomes).toMatchObject([{ data: { company: 'Acme', total: 2 }, attempts: 1, usage: someUsage }]);
  });

  test('those that the service does not give are asked for one by one', async () => {
    const run = play([answer('Acme', 1), answer('Acme', 1), answer('Acme', 2)], { inOneCall: true });
    await extractRecord(receipt, run.context);
    expect(run.requests.map(({ n }) => n)).toEqual([3, undefined, undefined]);
    expect(run.settled.map(({ sample, samples }) => [sample, samples])).toEqual([
      [undefined, 3],
      [2, undefined],
      [3, undefined],
    ]);
    expect(run.outcomes).toMatchObject([{ data: { total: 1 }, confidence: { '/total': 0.6667 } }]);
  });

  test('where none of them can be used, the last is sent back alone', async () => {
    const bad: [string, number] = ['Acme', 'x' as unknown as number];
    const run = play([choices(bad, bad, bad), answer('Acme', 1)], { inOneCall: true });
    await extractRecord(receipt, run.context);
    expect(run.requests.map(({ n, messages }) => [n, messages.length])).toEqual([
      [3, 2],
      [undefined, 4],
    ]);
    expect(run.outcomes).toMatchObject([{ status: 'extracted', confidence: { '/total': 0.3333 } }]);
  });
});

describe('a record that was left in the middle', () => {
  /** What one session has kept, as the next one finds it. */
  function keptBy(run: ScriptedRun): Map<string, Answered[]> {
    const kept = new Map<string, Answered[]>();
    for (const { request = '', completion: came } of run.kept) {
      if (came === undefined) continue;
      kept.set(request, [...(kept.get(request) ?? []), structuredClone({ completion: came })]);
    }
    return kept;
  }

  test('goes on from where it was, and pays for no answer twice', async () => {
    const killed = play([answer('A', 1), answer('A', 2), () => new Promise<never>(() => undefined)]);
    void extractRecord(receipt, killed.context);
    await new Promise(setImmediate);
    expect(killed.settled).toHaveLength(2);
    const kept = keptBy(killed);

    const run = play([answer('A', 2)]);
    run.context.answers = { take: (_task: RecordTask, key: string) => kept.get(key)?.shift() };
    await extractRecord(receipt, run.context);
    expect(run.requests).toHaveLength(1);
    expect(run.settled).toMatchObject([{ kind: 'sample', sample: 3, attempt: 3 }]);
    expect(run.outcomes).toMatchObject([
      { data: { total: 2 }, confidence: { '/total': 0.6667 }, attempts: 3, usage: { total: 3 * someUsage.total } },
    ]);
  });

  test('whose answers are all there ends without a call', async () => {
    const run = play([]);
    const request = run.context.buildRequest(receipt.messages);
    const waiting = [answer('A', 1), answer('A', 1), answer('A', 1)].map((came) => ({ completion: came }));
    run.context.answers = { take: (_task, key) => (key === requestKey(request) ? waiting.shift() : undefined) };
    await extractRecord(receipt, run.context);
    expect(run.requests).toEqual([]);
    expect(run.outcomes).toMatchObject([{ status: 'extracted', attempts: 3 }]);
  });
});
