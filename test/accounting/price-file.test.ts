import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parsePriceTable } from '../../src/accounting/price-file.ts';
import { priceTable } from '../../src/accounting/price-table.ts';
import { GleanerError } from '../../src/gleaner-error.ts';

const prices = { input: 1, output: 2 };

function outcomeOf(input: unknown): unknown {
  try {
    parsePriceTable(input);
  } catch (error) {
    if (!(error instanceof GleanerError)) return error;
  }
  return 'read or refused';
}

test('parsePriceTable() reads a full and a minimal row', () => {
  const full = {
    model: 'google/gemini-x',
    validFrom: '2026-01-01',
    validUntil: '2026-12-31',
    usdPer1MTokens: { input: 1, cachedInput: 0.1, output: 2 },
    longPrompt: { aboveTokens: 200_000, ...prices },
    source: 'our contract',
  };
  expect(parsePriceTable([full, { model: 'meta/llama-4', usdPer1MTokens: prices }])).toEqual([
    { ...full, model: 'gemini-x', confidence: 'given' },
    {
      model: 'meta/llama-4',
      validFrom: '0000-01-01',
      usdPer1MTokens: prices,
      source: 'price file',
      confidence: 'given',
    },
  ]);
});

test('parsePriceTable() reads the built-in table, whose periods do not overlap', () => {
  expect(parsePriceTable(structuredClone(priceTable))).toEqual(
    priceTable.map((row) => ({ ...row, confidence: 'given' })),
  );
});

describe('parsePriceTable() refuses', () => {
  const cases: { name: string; input: unknown; message: string }[] = [
    { name: 'an object', input: {}, message: 'the file: expected a JSON array of price rows' },
    { name: 'a row that is no object', input: [1], message: 'row 1: expected an object, got 1' },
    { name: 'a row without a model', input: [{ usdPer1MTokens: prices }], message: 'row 1: expected a "model"' },
    {
      name: 'a row without prices',
      input: [{ model: 'a' }],
      message: 'row 1, usdPer1MTokens: expected an object, got nothing',
    },
    {
      name: 'a misspelt key',
      input: [{ model: 'a', usdPer1MTokens: { ...prices, cached: 1 } }],
      message: '"cached" is not known, expected only input',
    },
    {
      name: 'a price as text',
      input: [{ model: 'a', usdPer1MTokens: { input: '1', output: 2 } }],
      message: 'expected "input" to be USD per million tokens',
    },
    { name: 'a negative price', input: [{ model: 'a', usdPer1MTokens: { input: 1, output: -2 } }], message: 'got -2' },
    {
      name: 'a price that is no number',
      input: [{ model: 'a', usdPer1MTokens: { input: Number.NaN, output: 2 } }],
      message: '"input"',
    },
    {
      name: 'a cached price of null',
      input: [{ model: 'a', usdPer1MTokens: { ...prices, cachedInput: null } }],
      message: '"cachedInput"',
    },
    { name: 'a missing output price', input: [{ model: 'a', usdPer1MTokens: { input: 1 } }], message: 'got nothing' },
    {
      name: 'a day that does not exist',
      input: [{ model: 'a', usdPer1MTokens: prices, validFrom: '2026-02-30' }],
      message: 'a day such as 2026-12-31, got "2026-02-30"',
    },
    {
      name: 'a date with time',
      input: [{ model: 'a', usdPer1MTokens: prices, validUntil: '2026-02-01T00:00' }],
      message: '"validUntil"',
    },
    {
      name: 'an end before the start',
      input: [{ model: 'a', usdPer1MTokens: prices, validFrom: '2026-02-02', validUntil: '2026-02-01' }],
      message: 'no earlier than',
    },
    {
      name: 'a tier without a threshold',
      input: [{ model: 'a', usdPer1MTokens: prices, longPrompt: prices }],
      message: 'row 1, longPrompt: expected "aboveTokens"',
    },
    {
      name: 'two prices for one day',
      input: [
        { model: 'a', usdPer1MTokens: prices },
        { model: 'google/a', usdPer1MTokens: prices },
      ],
      message: 'row 2: expected no day in common with row 1',
    },
  ];
  test.each(cases)('$name', ({ input, message }) => {
    expect(() => parsePriceTable(input)).toThrow(GleanerError);
    expect(() => parsePriceTable(input)).toThrow(message);
  });

  test('anything else with a GleanerError only', () => {
    const row = fc.record(
      { model: fc.jsonValue(), usdPer1MTokens: fc.jsonValue(), validFrom: fc.jsonValue() },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.oneof(fc.anything(), fc.array(row)), (input) => {
        expect(outcomeOf(input)).toBe('read or refused');
      }),
    );
  });
});
