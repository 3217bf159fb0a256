import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { EmulatorOptions } from 'gleaner/emulator';
import {
  accountFor,
  emulatorFor,
  gleaner,
  noteDefinition,
  noteRecords,
  readRun,
  temporaryDirectory,
  writeFile,
} from './harness.ts';

const RECORDS = 1000;

async function prepare(options: EmulatorOptions = {}) {
  const directory = temporaryDirectory();
  const definition = writeFile(directory, 'note.ts', noteDefinition);
  const input = writeFile(directory, 'notes.jsonl', noteRecords(RECORDS));
  const out = join(directory, 'run');
  const { emulator, flags, env } = await emulatorFor({ keepRequests: 0, ...options });
  return { emulator, out, env, command: ['run', definition, input, '--out', out, ...flags, '--retry-delay-ms', '1'] };
}

test('--max-total-tokens is never crossed, is used to 95 %, and a higher cap continues', async () => {
  const { emulator, out, env, command } = await prepare();
  const cap = 50_000;
  const capped = await gleaner([...command, '--max-total-tokens', String(cap)], { env });
  expect(capped.stderr).toMatch(
    /the budget is used up: [\d,]+ of [\d,]+ tokens are spent, and one more call might need [\d,]+ tokens/,
  );
  expect(capped.stderr).toContain('lower request.maxTokens');
  expect(capped.code).toBe(4);
  const spent = emulator.stats().tokens.total;
  expect(spent).toBeLessThanOrEqual(cap);
  expect(spent).toBeGreaterThanOrEqual(cap * 0.95);
  const first = readRun(out);
  accountFor(first);
  expect(first.usage).toMatchObject({
    status: 'stopped',
    exitCode: 4,
    tokens: { total: spent },
    limits: { totalTokens: cap, counted: { totalTokens: spent } },
  });
  expect(first.usage.records.extracted + (first.usage.records.remaining ?? 0)).toBe(RECORDS);

  const again = await gleaner([...command, '--max-total-tokens', String(cap)], { env });
  expect(again.code).toBe(4);
  expect(emulator.stats().tokens.total).toBeLessThanOrEqual(cap);
  const continued = await gleaner(command, { env });
  expect(continued.code).toBe(0);
  expect(readRun(out).usage.records).toMatchObject({ extracted: RECORDS, remaining: 0 });
  expect(emulator.stats().requests).toBe(RECORDS);
});

test('a cap that does not cover one call is a mistake, not a used-up budget', async () => {
  const { emulator, out, env, command } = await prepare();
  const { code, stderr } = await gleaner([...command, '--max-total-tokens', '5'], { env });
  expect(code).toBe(2);
  expect(stderr).toMatch(/the cap does not cover a single call: 0 of 5 tokens are spent, and one more call might need/);
  expect(emulator.stats().requests).toBe(0);
  expect(readRun(out).usage).toMatchObject({ status: 'refused', exitCode: 2 });
});

test('--max-cost holds as well, in dollars', async () => {
  const { emulator, out, env, command } = await prepare();
  const { code } = await gleaner([...command, '--max-cost', '0.05'], { env });
  expect(code).toBe(4);
  const { usd } = readRun(out).usage.cost;
  expect(usd).toBeLessThanOrEqual(0.05);
  expect(usd).toBeGreaterThanOrEqual(0.0475);
  expect(emulator.stats().requests).toBeLessThan(RECORDS);
});

test('what the service billed without telling counts against the cap', { timeout: 60_000 }, async () => {
  const kinds = ['reset-mid-body', 'truncated-body', 'missing-usage', 'status-503-array'] as const;
  const { emulator, out, env, command } = await prepare({ faults: { rate: 0.3, kinds } });
  const cap = 60_000;
  const { code } = await gleaner([...command, '--max-total-tokens', String(cap)], { env });
  expect(code).toBe(4);
  const { tokens, undelivered } = emulator.stats();
  expect(undelivered.total).toBeGreaterThan(0);
  expect(tokens.total + undelivered.total).toBeLessThanOrEqual(cap);

  const again = await gleaner([...command, '--max-total-tokens', String(cap)], { env });
  expect(again.code).toBe(4);
  const now = emulator.stats();
  expect(now.tokens.total + now.undelivered.total).toBeLessThanOrEqual(cap);
  accountFor(readRun(out));
});

test('--max-cost without a known price is refused before anything is sent', async () => {
  const { emulator, out, env, command } = await prepare();
  const { code, stderr } = await gleaner([...command, '--max-cost', '1', '--model', 'google/gemini-99-flash'], { env });
  expect(stderr).toContain('price of google/gemini-99-flash is not known');
  expect(code).toBe(2);
  expect(existsSync(out)).toBe(false);
  expect(emulator.stats().requests).toBe(0);
});

test('--prices gives a model its price, which the cap, the bill and the page go by; a wrong file is refused before a call', async () => {
  const directory = temporaryDirectory();
  const definition = writeFile(directory, 'note.ts', noteDefinition);
  const input = writeFile(directory, 'notes.jsonl', noteRecords(20));
  const out = join(directory, 'run');
  const { emulator, flags, env } = await emulatorFor();
  const model = 'google/gemini-3.5-flash-lite';
  const price = { input: 1000, output: 2000 };
  const command = (prices: string) => [
    'run',
    definition,
    input,
    '--out',
    out,
    ...flags,
    '--prices',
    writeFile(directory, 'prices.json', prices),
  ];
  for (const [prices, problem] of [
    ['[{"model":"x"', 'prices.json: it is no JSON'],
    [JSON.stringify([{ model, usdPer1MTokens: { input: '1', output: 2 } }]), 'row 1, usdPer1MTokens: expected "input"'],
    [JSON.stringify([{ model, usdPerMTokens: price }]), 'row 1: "usdPerMTokens" is not known'],
  ] as const) {
    const refused = await gleaner(command(prices), { env });
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining(problem)]);
  }
  expect(emulator.stats().requests).toBe(0);

  const mine = JSON.stringify([{ model, usdPer1MTokens: price, source: 'our contract' }]);
  const low = await gleaner([...command(mine), '--max-cost', '0.5'], { env });
  expect([low.code, low.stderr]).toEqual([2, expect.stringContaining('the cap does not cover a single call')]);
  expect((await gleaner(command(mine), { env })).code).toBe(0);
  const { usage } = readRun(out);
  const { prompt, completion } = usage.tokens;
  expect(usage.cost.usd).toBeCloseTo((prompt * price.input + completion * price.output) / 1_000_000, 9);
  expect(usage.prices).toEqual([
    { model: 'gemini-3.5-flash-lite', ...price, validFrom: '0000-01-01', source: 'our contract' },
  ]);
  expect(readFileSync(join(out, 'report.html'), 'utf8')).toContain('our contract');
});
