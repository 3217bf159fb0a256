import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { startEmulator, type EmulatorOptions } from '../../src/emulator/index.ts';
import { estimateRun, type EstimateOptions } from '../../src/estimate/estimate-run.ts';
import { estimateText } from '../../src/estimate/estimate-text.ts';
import { defineExtraction } from '../../src/extraction/define-extraction.ts';
import { run } from '../../src/run/run.ts';
import { createVertexClient, type VertexClient } from '../../src/vertex/client.ts';

const bill = defineExtraction({
  name: 'bill',
  model: 'google/gemini-3.5-flash-lite',
  schema: z.object({
    shop: z.string(),
    total: z.number().nullable(),
    items: z.array(z.object({ name: z.string(), price: z.number() })).max(8),
  }),
  instructions: 'Extract the bill.',
  prompt: '{{text}}',
  id: 'id',
  request: { temperature: 0, maxTokens: 512, thinking: { budget: 0 } },
});

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'gleaner-estimate-test-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** Bills of one to nine lines, so that no two are of one size. */
function bills(path: string, count: number): string {
  const input = join(path, `bills-${count}.jsonl`);
  const lines = Array.from({ length: count }, (_, number) => {
    const items = Array.from({ length: 1 + (number % 9) }, (__, item) => `Article ${item} ${(number % 50) + item}.90`);
    return JSON.stringify({
      id: `b${number}`,
      text: `Shop: Kiosk ${number}\n${items.join('\n')}\nTotal: ${number}.50`,
    });
  });
  writeFileSync(input, `${lines.join('\n')}\n`);
  return input;
}

async function client(options: EmulatorOptions = {}): Promise<VertexClient> {
  const emulator = await startEmulator({ keepRequests: 0, ...options });
  const opened = createVertexClient({ baseUrl: emulator.baseUrl(), auth: { kind: 'token', token: 'x' } });
  onTestFinished(async () => {
    await opened.close();
    await emulator.close();
  });
  return opened;
}

const nobody: EstimateOptions['client'] = { service: { name: 'Vertex AI', isEmulated: false } };

describe('estimateRun', () => {
  test('from a sample of 20, what 1,000 records take lies within 10 % of what the run then reports, and the sample is not paid twice', async () => {
    const place = folder();
    const [input, cache] = [bills(place, 1000), join(place, 'answers.db')];
    const service = await client();
    const estimate = await estimateRun(bill, { input, client: service, cache, sample: 20, concurrency: 64 });
    expect(estimate).toMatchObject({ records: 1000, sample: { sent: 20, rejected: 0 }, advice: [] });

    const { calls, records } = await run(bill, { input, client: service, cache, out: join(place, 'run'), limit: 150 });
    expect(records.reused).toBeGreaterThan(0);
    expect(calls.sent).toBe(150 - records.reused);
    const whole = await run(bill, { input, client: service, out: join(place, 'whole'), concurrency: 64 });
    for (const [expected, real] of [
      [estimate.tokens.expected, whole.tokens.total],
      [estimate.usd?.expected ?? 0, whole.cost.usd ?? 0],
    ] as const) {
      expect(Math.abs(expected / real - 1)).toBeLessThan(0.1);
    }
    expect(estimate.tokens.low).toBeLessThan(whole.tokens.total);
    expect(estimate.tokens.high).toBeGreaterThan(whole.tokens.total);
    expect(estimate.batchUsd?.expected).toBeCloseTo((estimate.usd?.expected ?? 0) / 2, 5);
    expect(estimate.priorityUsd?.expected).toBeCloseTo((estimate.usd?.expected ?? 0) * 1.8, 5);
  });

  test('offline, a definition that takes several calls for a record says so', async () => {
    const { kind: _, ...plain } = bill;
    const cascaded = defineExtraction({ ...plain, cascade: { strong: 'google/gemini-3.5-flash' } });
    const { advice } = await estimateRun(cascaded, { input: bills(folder(), 5), client: nobody });
    expect(advice.join('\n')).toContain('Records may take several calls');
  });

  test('offline: nothing is sent, and the range is wide enough to hold the truth', async () => {
    const place = folder();
    const input = bills(place, 200);
    const estimate = await estimateRun(bill, { input, client: nobody });
    const real = await run(bill, { input, client: await client(), out: join(place, 'run') });
    expect(estimate.sample).toBeNull();
    expect(estimate.tokens.low).toBeLessThan(real.tokens.total);
    expect(estimate.tokens.high).toBeGreaterThan(real.tokens.total);
    expect(estimateText(estimate, { isEmulated: false, pace: '16 calls at a time' })).toMatch(
      /^bill with google\/gemini-3\.5-flash-lite: rough, as nothing was sent.*\n {2}records {3}200 to ask for\n[^]*\n {2}batch {5}up to 72 h in the queue and 24 h at work, mostly less$/,
    );
    expect(estimate.batchWait).toEqual({ queueHours: 72, workHours: 24 });
  });

  test('tells new records from changed ones, and those that the cache carries over; counts what no call would be made for', async () => {
    const place = folder();
    const cache = join(place, 'answers.db');
    const out = join(place, 'monday');
    const service = await client();
    await run(bill, { input: bills(place, 10), client: service, cache, out });
    const tuesday = join(place, 'tuesday.jsonl');
    const lines = ['b0', 'b1', 'b77', 'b77'].map((id) => JSON.stringify({ id, text: `Shop: new ${id}` }));
    writeFileSync(tuesday, `${lines.join('\n')}\nno json\n`);
    const estimate = await estimateRun(bill, { input: tuesday, client: service, cache, compareWith: out });
    expect([estimate.records, estimate.input]).toEqual([
      3,
      { read: 5, new: 1, changed: 2, carriedOver: 0, unusable: 2 },
    ]);
    const again = await estimateRun(bill, { input: bills(place, 12), client: service, cache });
    expect([again.records, again.input.carriedOver]).toEqual([2, 10]);
  });

  test("knows what a run would keep if its changes were accepted: answers that today's checks take, and rejects; a torn line is none", async () => {
    const place = folder();
    const out = join(place, 'monday');
    const service = await client({ script: [{ content: 'no', contains: 'Kiosk 3', times: Number.POSITIVE_INFINITY }] });
    await run(bill, { input: bills(place, 10), client: service, out });
    const tuesday = join(place, 'tuesday.jsonl');
    const rows = readFileSync(bills(place, 11), 'utf8').replace('Kiosk 5', 'Kiosk five');
    writeFileSync(tuesday, rows);
    const asked = async (extraction: typeof bill): Promise<unknown[]> => {
      const { records, input } = await estimateRun(extraction, { input: tuesday, client: service, out });
      return [records, input.new, input.changed, input.carriedOver];
    };
    expect(await asked(bill)).toEqual([2, 1, 1, 9]);

    // The same question with another check: answers are judged again, as the run would.
    const { kind: _, ...plain } = bill;
    const strict = defineExtraction({
      ...plain,
      schema: bill.schema.refine(({ shop }) => !shop.endsWith('7'), 'no sevens'),
    }) as unknown as typeof bill;
    expect(await asked(strict)).toEqual([3, 1, 2, 8]);

    const results = join(out, 'results.jsonl');
    writeFileSync(results, readFileSync(results).subarray(0, -20));
    expect(await asked(bill)).toEqual([3, 2, 1, 8]);
    await expect(estimateRun(bill, { input: tuesday, client: nobody, out })).rejects.toThrow(/Cannot continue the run/);
  });

  test('time follows the slowest of calls in flight, requests and tokens a minute', async () => {
    const input = bills(folder(), 60);
    const free = await estimateRun(bill, { input, client: nobody, concurrency: 60 });
    const slow = await estimateRun(bill, { input, client: nobody, concurrency: 60, requestsPerMinute: 30 });
    expect(free.seconds.expected).toBe(2);
    expect(slow.seconds).toEqual({ low: 120, expected: 120, high: 120 });
  });

  test('a sample shows what is wrong before all is paid for: empty answers, answers that are all the same, fields that stay empty', async () => {
    const place = folder();
    const input = bills(place, 50);
    const empty = await client({ script: [{ fault: 'empty-content', times: 50 }] });
    const probed = await estimateRun(bill, { input, client: empty, cache: join(place, 'a.db'), sample: 5 });
    expect(probed.sample).toMatchObject({ sent: 5, rejected: 5 });
    expect(probed.advice.join('\n')).toMatch(/5 of 5 were rejected, empty_answer: .*simplify the schema/);

    const content = JSON.stringify({ shop: 'S', total: null, items: [] });
    const same = await client({ script: [{ content, times: 50 }] });
    const { advice } = await estimateRun(bill, { input, client: same, cache: join(place, 'b.db'), sample: 5 });
    expect(advice.join('\n')).toMatch(/All 5 answers are the same.*\nNo answer has a value for total, items/);
  });

  test('no price is no cost, and a short fixed part of the prompt is no matter for a cache', async () => {
    const input = bills(folder(), 3);
    const estimate = await estimateRun(bill, { input, client: nobody, model: 'google/no-such' });
    expect([estimate.usd, estimate.batchUsd, estimate.cachedUsd]).toEqual([null, null, null]);
    const long = { ...bill, instructions: 'Read the bill carefully and extract what it says. '.repeat(400) };
    const cached = await estimateRun(long, { input, client: nobody, model: 'google/gemini-2.5-flash' });
    expect(cached.cachedUsd?.expected).toBeLessThan((cached.usd?.expected ?? 0) * 0.9);
  });
});
