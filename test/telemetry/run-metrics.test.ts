import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { RunEvent } from '../../src/run/events.ts';
import type { RunSummary } from '../../src/run/session/run-in-directory.ts';
import { MetricsFile } from '../../src/telemetry/metrics-file.ts';
import { serveMetrics } from '../../src/telemetry/metrics-server.ts';
import { RunMetrics } from '../../src/telemetry/run-metrics.ts';
import { progressOf } from '../cli/terminal/progress.ts';

const tokens = { prompt: 30, cached: 10, completion: 5, reasoning: 0, total: 35 };
const call = { id: 'secret-id', index: 0, attempt: 1 };
const night: RunEvent[] = [
  { type: 'call-start', ...call, kind: 'first' },
  { type: 'call-end', ...call, outcome: 'failed', status: 503, message: 'secret', tokens, latencyMs: 20 },
  { type: 'retry-wait', ...call, delayMs: 5 },
  { type: 'pause', reason: 'outage', pauseMs: 1000, until: 1_900_000_000_000 },
  { type: 'limit-changed', concurrencyLimit: 3 },
  { type: 'call-start', ...call, attempt: 2, kind: 'retry' },
  { type: 'call-end', ...call, attempt: 2, outcome: 'extracted', status: 200, tokens, latencyMs: 700 },
  { type: 'record-end', id: 'secret-id', index: 0, status: 'extracted', isReused: false },
  { type: 'record-end', id: 'secret-id', index: 1, status: 'extracted', isReused: true },
  { type: 'record-end', id: null, index: 2, status: 'rejected', code: 'bad_record', isReused: false },
  { type: 'call-start', ...call, index: 3, kind: 'first' },
];

async function linesOf(metrics: RunMetrics): Promise<string[]> {
  return (await metrics.text()).split('\n').filter((line) => !line.startsWith('#') && line !== '');
}

test('RunMetrics counts what happens in a run, and holds nothing of a record', async () => {
  const metrics = await RunMetrics.create('re"ceipt');
  const progress = progressOf({ extracted: 12, rejected: 1, usd: 0.5, isBudgetWait: true });
  metrics.onStart(progress);
  for (const event of night) metrics.onEvent(event);
  const lines = await linesOf(metrics);
  const label = String.raw`extraction="re\"ceipt"`;
  for (const line of [
    `gleaner_records_total{${label},status="extracted"} 1`,
    `gleaner_records_total{${label},status="reused"} 1`,
    `gleaner_records_total{${label},status="rejected"} 1`,
    `gleaner_rejects_total{${label},code="bad_record"} 1`,
    `gleaner_calls_total{${label},outcome="failed",status="503"} 1`,
    `gleaner_calls_total{${label},outcome="extracted",status="200"} 1`,
    `gleaner_retries_total{${label}} 1`,
    `gleaner_tokens_total{${label},type="prompt"} 60`,
    `gleaner_tokens_total{${label},type="cached"} 20`,
    `gleaner_call_duration_seconds_bucket{le="0.1",${label}} 1`,
    `gleaner_call_duration_seconds_bucket{le="1",${label}} 2`,
    `gleaner_calls_in_flight{${label}} 1`,
    `gleaner_concurrency_limit{${label}} 3`,
    `gleaner_paused_until_seconds{${label}} 1900000000`,
    `gleaner_run_records{${label},status="extracted"} 12`,
    `gleaner_run_cost_usd{${label}} 0.5`,
    `gleaner_waiting{${label},for="budget"} 1`,
    `gleaner_waiting{${label},for="token-quota"} 0`,
  ])
    expect(lines).toContain(line);
  expect(lines.join('\n')).not.toMatch(/secret|exit_code\{/);

  progress.usd = undefined;
  metrics.onEnd({ exitCode: 3 } as RunSummary);
  const ended = await linesOf(metrics);
  expect(ended).toContain(`gleaner_run_exit_code{${label}} 3`);
  // A price that is not known is no price of 0.
  expect(ended.join('\n')).not.toContain('cost_usd');
});

test('MetricsFile stands there from the beginning, is whole, and stays', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'metrics-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const path = join(directory, 'receipt.prom');
  const metrics = await RunMetrics.create('receipt');
  const file = new MetricsFile(path, metrics, (message) => expect.unreachable(message));
  await file.begin();
  expect(readFileSync(path, 'utf8')).not.toContain('exit_code{');
  metrics.onEnd({ exitCode: 0 } as RunSummary);
  await file.close();
  expect(readFileSync(path, 'utf8')).toMatch(/gleaner_run_exit_code\{extraction="receipt"\} 0\n/);
});

test('MetricsFile refuses a name that no collector reads, and tells once that it cannot write', async () => {
  const metrics = await RunMetrics.create('receipt');
  expect(() => new MetricsFile('metrics.txt', metrics, () => {})).toThrow('files that end in .prom only');
  const told: string[] = [];
  const file = new MetricsFile('/nowhere/at/all.prom', metrics, (message) => told.push(message));
  await file.begin();
  await file.close();
  expect(told).toEqual([expect.stringMatching(/^Metrics are not written: .*\/nowhere\/at\/all\.prom/)]);
});

test('serveMetrics gives them at /metrics, and nothing elsewhere', async () => {
  const metrics = await RunMetrics.create('receipt');
  const server = await serveMetrics(metrics, { port: 0 });
  try {
    const response = await fetch(server.url);
    expect(response.headers.get('content-type')).toContain('text/plain');
    expect(await response.text()).toContain('gleaner_calls_in_flight{extraction="receipt"} 0');
    expect((await fetch(new URL('/', server.url))).status).toBe(404);
    expect((await fetch(server.url, { method: 'POST' })).status).toBe(405);
    const port = Number(new URL(server.url).port);
    await expect(serveMetrics(metrics, { port })).rejects.toThrow(
      `Cannot serve metrics at 127.0.0.1:${port}: it is taken`,
    );
  } finally {
    await server.close();
  }
});
