import { describe, expect, test } from 'vitest';
import { attempt, Budget, BudgetExhausted } from '../../../src/evolution/engine/budget.ts';
import { compareSchemas, compareWithin, DEFAULT_BUDGET } from '../../../src/evolution/engine/compare-schemas.ts';
import type { JsonObject, JsonValue } from '../../../src/json/value.ts';

describe('Budget', () => {
  test('throws once more was spent than there is', () => {
    const budget = new Budget(3);
    budget.spend(2);
    budget.spend();
    expect(() => budget.spend()).toThrow(new BudgetExhausted('the budget of 3 steps is used up'));
  });

  test('gives a share and takes back what the work left of it', () => {
    const budget = new Budget(100);
    budget.allot(0.5, () => budget.spend(20));
    expect(budget.left).toBe(80);
  });

  test('keeps the rest from work that uses up its share', () => {
    const budget = new Budget(100);
    expect(() =>
      budget.allot(0.5, () => {
        for (;;) budget.spend();
      }),
    ).toThrow(BudgetExhausted);
    expect(budget.left).toBe(50);
  });

  test('gives no more than the most', () => {
    const budget = new Budget(100);
    expect(budget.allot(1, () => budget.left, 30)).toBe(30);
    expect(budget.left).toBe(100);
  });

  test('a stack that overflows is an attempt given up, any other error is none', () => {
    const endless = (): number => 1 + endless();
    expect(attempt(endless, () => -1)).toBe(-1);
    expect(() =>
      attempt(
        () => {
          throw new RangeError('Invalid array length');
        },
        () => -1,
      ),
    ).toThrow('Invalid array length');
  });
});

function many<Value>(count: number, make: (index: number) => [string, Value]): Record<string, Value> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => make(index)));
}

function numbersFrom(first: number): number[] {
  return Array.from({ length: 20_000 }, (_, index) => first + index);
}

function nested(levels: number, around: (inner: JsonValue) => JsonValue, inner: JsonValue): JsonValue {
  let schema = inner;
  for (let level = 0; level < levels; level += 1) schema = around(schema);
  return schema;
}

/** Each definition requires the next one twice, so that the smallest document doubles with every one. */
function doubling(levels: number, last: JsonValue): JsonObject {
  return {
    $ref: '#/$defs/d0',
    $defs: {
      ...many(levels, (level): [string, JsonValue] => {
        const next = { $ref: `#/$defs/d${level + 1}` };
        return [`d${level}`, { type: 'object', properties: { x: next, y: next }, required: ['x', 'y'] }];
      }),
      [`d${levels}`]: last,
    },
  };
}

const union = (count: number, description: string): JsonValue => ({
  anyOf: Array.from({ length: count }, (_, index) => ({
    type: 'object',
    description,
    properties: { kind: { const: `k${index}` }, value: { type: 'string' } },
    required: ['kind'],
  })),
});
const renamed = (prefix: string): JsonValue => ({
  properties: many(1_500, (index): [string, JsonValue] => [`${prefix}_${index}`, { type: 'string' }]),
  additionalProperties: false,
});
const backtracking = (end: string): JsonValue => ({ type: 'string', pattern: `^(a|a|aa)+${end}$`, minLength: 60 });

const hostile: [string, JsonValue, JsonValue][] = [
  ['references that double the document', doubling(40, { type: 'string' }), doubling(40, { type: 'integer' })],
  ['a long chain of negations', nested(3_000, (not) => ({ not }), { type: 'string' }), { type: 'string' }],
  ['deeply nested constants', { const: nested(3_000, (item) => [item], 1) }, { type: 'array' }],
  [
    'deeply nested arrays',
    nested(800, (items) => ({ type: 'array', items, minItems: 1 }), { type: 'string' }),
    nested(800, (items) => ({ type: 'array', items, minItems: 1 }), { type: 'integer' }),
  ],
  ['many alternatives described anew', union(400, 'before'), union(400, 'after')],
  ['many properties under new names', renamed('before'), renamed('after')],
  ['long lists of numbers', { enum: numbersFrom(0) }, { enum: numbersFrom(1) }],
  ['a pattern that backtracks for ever', backtracking(''), backtracking('b')],
  ['an array too long to write down', { type: 'array', minItems: 1e9 }, { maxItems: 5 }],
];

test.each(hostile)('%s: comparing ends within its steps and says so', (_, older, newer) => {
  const budget = new Budget(100_000);
  const { backward, forward } = compareWithin(budget, older, newer);
  for (const { verdict, reasons } of [backward, forward]) {
    expect(['compatible', 'breaking', 'unknown']).toContain(verdict);
    if (verdict === 'unknown')
      expect(reasons.join()).toMatch(/budget of 100000 steps is used up|nested too deeply|too large to write down/);
  }
});

test('Where the budget ends, so does the list of changes, and its last one says where', () => {
  const { changes } = compareSchemas(renamed('before'), renamed('after'), { budget: 15_000 });
  expect(changes.at(-1)).toMatchObject({ rule: 'not-compared', severity: 'breaking' });
  expect(changes.length).toBeGreaterThan(10);
});

test('A comparison takes the same steps every time', () => {
  const spent = () => {
    const budget = new Budget(DEFAULT_BUDGET);
    compareWithin(budget, union(20, 'before'), union(21, 'after'));
    return DEFAULT_BUDGET - budget.left;
  };
  expect(spent()).toBe(spent());
});
