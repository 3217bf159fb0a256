import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { anlsScore } from '../../src/eval/anls.ts';
import { Evaluation } from '../../src/eval/evaluation.ts';
import type { JsonObject, JsonValue } from '../../src/json/value.ts';

const shared = join(import.meta.dirname, '../../../shared/data');
function linesOf(name: string): JsonObject[] | undefined {
  try {
    return readFileSync(join(shared, name), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as JsonObject);
  } catch {
    return undefined;
  }
}

test.each<[string, JsonValue, JsonValue, number]>([
  ['equal texts but for case and blanks', 'Acme  Ltd', ' acme ltd', 1],
  ['a letter of four is another', 'abcd', 'abcx', 0.75],
  ['texts that are less alike than half', 'abcd', 'xyzd', 0],
  ['a letter beyond 16 bits is one letter', 'ab😀', 'abx', 2 / 3],
  ['two letters beyond 16 bits are two letters', 'ab😀', 'ab\u{1DD00}', 2 / 3],
  ['a key that every object inherits', { constructor: 'x' }, {}, 0],
  ['a small number as Python writes it', '1e-05', 0.00001, 1],
  ['null for null', null, null, 1],
  ['an empty text where the gold has null', null, '', 1],
  ['null where the gold has an empty text', '', null, 0],
  ['a null that the gold does not name', { a: 'x' }, { a: 'x', b: null }, 0.5],
  ['numbers as they are written', 9, '9', 1],
  ['yes and no as Python writes them', true, 'True', 1],
  ['lists in any order', ['a1', 'b2'], ['b2', 'a1'], 1],
  ['a member too few', ['a1', 'b2'], ['b2'], 0.5],
  ['a member too many counts with its size', [{ a: 'x' }], [{ a: 'x' }, { a: 'y', b: 'z' }], 1 / 3],
  ['an object for a text', 'x', { a: 'x', b: 'y' }, 0],
  ['one of several texts for a text', ['one', 'two'], 'two', 1],
  ['nothing for nothing', [], [], 1],
])('%s', (_name, gold, answer, score) => {
  expect(anlsScore(gold, answer)).toBeCloseTo(score, 12);
});

const pairs = linesOf('anls-pairs.jsonl');
test.skipIf(pairs === undefined)('random trees score as the reference does, but for ties of the assignment', () => {
  const different = (pairs ?? []).filter(
    ({ gold = null, pred = null, score }) => Math.abs(anlsScore(gold, pred) - Number(score)) > 1e-9,
  );
  expect((pairs ?? []).length).toBe(400);
  expect(different.length).toBeLessThanOrEqual(2);
});

const golds = linesOf('receipts.gold.jsonl');
describe.skipIf(golds === undefined)('313 receipts whose figures are known', () => {
  const fields = ['company', 'date', 'address', 'total'];
  const answers = new Map((linesOf('receipts.answers.jsonl') ?? []).map((line) => [line['id'], line['data']]));
  const evaluation = new Evaluation({ fields, comparators: new Map() });
  for (const gold of golds ?? [])
    evaluation.add(String(gold['id']), gold, answers.get(gold['id'] as string) as JsonObject);
  const report = evaluation.report();

  test('ANLS* is that of the reference, over all and by field', () => {
    expect(report.records).toBe(313);
    expect(report.anls).toBeCloseTo(0.9391377023765701, 9);
    const known = { company: 0.951218, date: 0.985783, address: 0.9497, total: 0.86985 };
    for (const [field, score] of Object.entries(known)) expect(report.fields[field]?.anls).toBeCloseTo(score, 6);
  });

  test('precision, recall and exactness are those of texts without regard to case and blanks', () => {
    expect(report.fields['company']?.precision).toBeCloseTo(0.9073, 4);
    expect(report.fields['date']?.precision).toBeCloseTo(0.9871, 4);
    expect(report.fields['date']?.recall).toBeCloseTo(0.9808, 4);
    expect(report.exact).toBeCloseTo(0.469649, 6);
  });
});

test('no value is the same for ANLS* however the gold writes it', () => {
  const fields = ['company', 'note'];
  for (const note of [null, '', []]) {
    const evaluation = new Evaluation({ fields, comparators: new Map() });
    evaluation.add('a', { company: 'X', note }, { company: 'X', note: null });
    expect([evaluation.report().anls, evaluation.report().fields['note']?.anls]).toEqual([1, 1]);
  }
});
