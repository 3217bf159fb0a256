import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { judgeAnswer, judgeValue } from '../../src/answer/judge-answer.ts';
import type { Completion } from '../../src/completion/response.ts';
import { ApiError } from '../../src/completion/api-error.ts';
import { extractRecord } from '../../src/run/record/extract-record.ts';
import { singleStage } from '../../src/run/record/single-stage.ts';
import { cascade, type CascadeGate, type CascadeOptions } from '../../src/strategy/cascade.ts';
import { severalReadings } from '../../src/strategy/several-readings.ts';
import { completion, receipt, scriptRun, type ScriptedRun, type Turn } from '../run/record/scripted-run.ts';

const schema = z.object({ company: z.string(), total: z.number() });
const stage = {
  judge: (given: Completion) => judgeAnswer(given, schema),
  tools: [],
  maxToolRounds: 4,
  maxReasks: 1,
};

function answer(total: number, company = 'Acme'): Completion {
  return completion({ content: JSON.stringify({ company, total }) });
}

const invalid = completion({ content: '{"company":"Acme"}' });
const cutOff = completion({ content: '{"company":"Ac', finishReason: 'length' });

function play(turns: readonly Turn[], options: Partial<CascadeOptions> = {}): ScriptedRun {
  const run = scriptRun({ turns });
  // As in a run directory, where nothing is kept of this record yet.
  run.context.answers = { take: () => undefined };
  run.context.strategy = cascade({
    cheap: singleStage(stage),
    strong: singleStage(stage),
    cheapChanges: undefined,
    strongChanges: { model: 'google/strong' },
    when: new Set(['invalid', 'truncated', 'ungrounded', 'disagree', 'repaired']),
    isGrounded: ({ json }) => JSON.stringify(json).includes('12.5'),
    gate: undefined,
    ...options,
  });
  return run;
}

function callsOf(run: ScriptedRun): unknown[] {
  return run.settled.map(({ kind, stage: asked, outcome, code }) => [kind, asked, outcome, code]);
}

describe('by rules', () => {
  test('what the cheap model answers well is kept, and says whose it is', async () => {
    const run = play([answer(12.5)]);
    await extractRecord(receipt, run.context);
    expect(run.requests.map(({ model }) => model)).toEqual(['google/gemini-test']);
    expect(run.outcomes).toMatchObject([{ status: 'extracted', stage: 'cheap', data: { total: 12.5 } }]);
  });

  test('an answer that stays invalid is asked of the strong model, whose word counts', async () => {
    const run = play([invalid, invalid, answer(99)]);
    await extractRecord(receipt, run.context);
    expect(callsOf(run)).toEqual([
      ['first', 'cheap', 'invalid', 'schema_violation'],
      ['re-ask', 'cheap', 'invalid', 'schema_violation'],
      ['escalation', 'strong', 'extracted', undefined],
    ]);
    expect(run.requests.map(({ model }) => model)).toEqual([
      'google/gemini-test',
      'google/gemini-test',
      'google/strong',
    ]);
    expect(run.outcomes).toMatchObject([{ stage: 'strong', data: { total: 99 }, attempts: 3 }]);
  });

  test.each<[string, Completion]>([
    ['truncated_answer', cutOff],
    ['ungrounded', answer(7)],
    ['repaired', completion({ content: '```json\n{"company":"Acme","total":12.5}\n```' })],
  ])('%s', async (code, given) => {
    const run = play([given, answer(99)]);
    await extractRecord(receipt, run.context);
    expect(run.settled.map(({ stage: asked, code: why }) => [asked, why])).toEqual([
      ['cheap', code],
      ['strong', undefined],
    ]);
    const kept = play([given], { when: new Set() });
    await extractRecord(receipt, kept.context);
    expect(kept.settled).toHaveLength(1);
  });

  test('readings that differ are asked of the strong model, once', async () => {
    const readings = severalReadings({
      ...stage,
      readings: [{}, {}],
      inOneCall: false,
      thoughtTagMarker: undefined,
      comparators: new Map(),
      judgeAgain: ({ value }) => judgeValue(value, '', schema),
    });
    const same = play([answer(12.5), answer(12.5)], { cheap: readings });
    await extractRecord(receipt, same.context);
    expect(same.outcomes).toMatchObject([{ stage: 'cheap', confidence: { '/total': 1 } }]);
    const torn = play([answer(12.5), answer(12.51), answer(12.5)], { cheap: readings });
    await extractRecord(receipt, torn.context);
    expect(callsOf(torn)).toEqual([
      ['first', 'cheap', 'part', undefined],
      ['sample', 'cheap', 'escalated', 'disagree'],
      ['escalation', 'strong', 'extracted', undefined],
    ]);
  });

  test('where the strong model finds none either, the record is rejected for its answer', async () => {
    const run = play([cutOff, invalid, invalid]);
    await extractRecord(receipt, run.context);
    expect(run.outcomes).toMatchObject([{ status: 'rejected', reason: { code: 'schema_violation' } }]);
    expect(run.settled.map(({ kind }) => kind)).toEqual(['first', 'escalation', 're-ask']);
  });

  test('what fails in transport is no matter of the answer: nothing is escalated', async () => {
    const down = new ApiError('Down', { kind: 'status', status: 503 });
    const run = play([down, down, down, down, down]);
    await extractRecord(receipt, run.context);
    expect(run.outcomes).toMatchObject([{ status: 'rejected', reason: { code: 'service_error' } }]);
    expect(run.settled.every(({ stage: asked }) => asked === 'cheap')).toBe(true);
  });

  test('both models are reserved for, and every answer but the last is kept for a resume', async () => {
    const run = play([invalid, invalid, answer(1)]);
    expect(run.context.strategy.allOf?.(receipt).map(({ stage: asked, changes }) => [asked, changes?.model])).toEqual([
      ['cheap', undefined],
      ['strong', 'google/strong'],
    ]);
    await extractRecord(receipt, run.context);
    expect(run.kept).toHaveLength(2);
  });
});

describe('with a promise', () => {
  const gate = (facts: Partial<CascadeGate>): CascadeGate => ({
    reasonAgainst: () => undefined,
    isTrial: () => false,
    agrees: (cheap, strong) =>
      strong.kind === 'extracted' && JSON.stringify(cheap.json) === JSON.stringify(strong.valid.json),
    ...facts,
  });
  const when = new Set(['invalid', 'truncated'] as const);

  test.each([
    [12.5, true],
    [99, false],
  ])('a record of the calibration gets the strong answer %f, and tells whether they agree', async (strong, agrees) => {
    const run = play([answer(12.5), answer(strong)], {
      when,
      gate: gate({ reasonAgainst: () => 'calibration', isTrial: () => true }),
    });
    await extractRecord(receipt, run.context);
    expect(callsOf(run)).toEqual([
      ['first', 'cheap', 'escalated', 'calibration'],
      ['escalation', 'strong', 'extracted', undefined],
    ]);
    expect(run.outcomes).toMatchObject([{ stage: 'strong', data: { total: strong }, trial: { score: 1, agrees } }]);
  });

  test('a strong model without an answer agrees with none', async () => {
    const run = play([answer(12.5), cutOff], {
      when,
      gate: gate({ reasonAgainst: () => 'calibration', isTrial: () => true }),
    });
    await extractRecord(receipt, run.context);
    expect(run.outcomes).toMatchObject([{ status: 'rejected', trial: { score: 1, agrees: false } }]);
  });

  test('a cheap answer that the rules escalate is no trial', async () => {
    const run = play([cutOff, answer(1)], {
      when,
      gate: gate({ reasonAgainst: () => 'calibration', isTrial: () => true }),
    });
    await extractRecord(receipt, run.context);
    expect(run.outcomes[0]?.trial).toBeUndefined();
  });

  test('the score of an answer decides whether it is kept: doubt counts against it', async () => {
    const scores: number[] = [];
    const reasonAgainst: CascadeGate['reasonAgainst'] = (_, score) =>
      scores.push(score) > 0 && score >= 1 ? undefined : 'unsure';
    const sure = play([answer(12.5)], { when, gate: gate({ reasonAgainst }) });
    await extractRecord(receipt, sure.context);
    const ungrounded = play([answer(7), answer(8)], { when, gate: gate({ reasonAgainst }) });
    await extractRecord(receipt, ungrounded.context);
    const askedAgain = play([invalid, answer(12.5), answer(8)], { when, gate: gate({ reasonAgainst }) });
    await extractRecord(receipt, askedAgain.context);
    expect(scores).toEqual([1, 0, 0]);
    expect(sure.outcomes).toMatchObject([{ stage: 'cheap' }]);
    expect(callsOf(ungrounded)).toContainEqual(['first', 'cheap', 'escalated', 'unsure']);
  });
});
