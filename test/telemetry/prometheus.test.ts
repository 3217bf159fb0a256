import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { startEmulator } from '../../src/emulator/index.ts';
import { defineExtraction } from '../../src/extraction/define-extraction.ts';
import { run } from '../../src/run/run.ts';
import { serveMetrics } from '../../src/telemetry/metrics-server.ts';
import { RunMetrics } from '../../src/telemetry/run-metrics.ts';
import { createVertexClient } from '../../src/vertex/client.ts';

const root = new URL('../../', import.meta.url);
const hasPrometheus = spawnSync('prometheus', ['--version']).status === 0;

const note = defineExtraction({
  name: 'note',
  model: 'google/gemini-3.5-flash-lite',
  schema: z.object({ city: z.string() }),
  instructions: 'Extract the note.',
  prompt: '{{text}}',
});

/** A run over the emulator in which some calls fail and some records are rejected, watched by its metrics. */
async function watchedRun(directory: string): Promise<RunMetrics> {
  const emulator = await startEmulator({
    faults: { rate: 0.2, kinds: ['status-503-array', 'status-429-array'] },
    script: [{ contains: 'nothing', content: 'no', times: Number.POSITIVE_INFINITY }],
  });
  const client = createVertexClient({ baseUrl: emulator.baseUrl(), auth: { kind: 'token', token: 'x' } });
  const metrics = await RunMetrics.create('note');
  try {
    const texts = Array.from({ length: 40 }, (_, at) => ({ text: at % 10 === 0 ? 'nothing' : `City: Town ${at}` }));
    const summary = await run(note, {
      input: texts,
      out: join(directory, 'run'),
      client,
      maxReasks: 0,
      backoff: { baseMs: 1 },
      onStart: (progress) => metrics.onStart(progress),
      onEvent: (event) => metrics.onEvent(event),
    });
    metrics.onEnd(summary);
  } finally {
    await client.close();
    await emulator.close();
  }
  return metrics;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function startPrometheus(directory: string, target: string): Promise<string> {
  cpSync(new URL('examples/alerts.yml', root), join(directory, 'alerts.yml'));
  const config = [
    'global: { scrape_interval: 200ms, evaluation_interval: 200ms }',
    'rule_files: [alerts.yml]',
    `scrape_configs: [{ job_name: gleaner, static_configs: [{ targets: ['${target}'] }] }]`,
  ];
  writeFileSync(join(directory, 'prometheus.yml'), config.join('\n'));
  const check = spawnSync('promtool', ['check', 'config', 'prometheus.yml'], { cwd: directory, encoding: 'utf8' });
  expect([check.status, check.status === 0 ? '' : check.stdout + check.stderr]).toEqual([0, '']);
  const port = await freePort();
  const flags = ['--config.file=prometheus.yml', '--storage.tsdb.path=data', `--web.listen-address=127.0.0.1:${port}`];
  const server = spawn('prometheus', flags, { cwd: directory, stdio: 'ignore' });
  onTestFinished(async () => {
    const gone = new Promise((resolve) => server.once('exit', resolve));
    server.kill('SIGKILL');
    await gone;
  });
  return `http://127.0.0.1:${port}/api/v1`;
}

type Found = { metric: Record<string, string>; value: [number, string] }[];

test.skipIf(!hasPrometheus)(
  'a real Prometheus loads the alert rules and answers every query of the dashboard (skipped without prometheus)',
  async () => {
    const directory = mkdtempSync(join(tmpdir(), 'gleaner-prometheus-'));
    onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
    const served = await serveMetrics(await watchedRun(directory), { port: 0 });
    onTestFinished(() => served.close());
    const api = await startPrometheus(directory, new URL(served.url).host);
    const ask = async <Data>(path: string): Promise<Data | undefined> => {
      const response = await fetch(`${api}${path}`).catch(() => undefined);
      if (response === undefined || response.status === 503) return undefined;
      const body = (await response.json()) as { status: string; data: Data };
      expect([path, body.status]).toEqual([path, 'success']);
      return body.data;
    };
    const query = async (expression: string): Promise<Found> =>
      (await ask<{ result: Found }>(`/query?query=${encodeURIComponent(expression)}`))?.result ?? [];
    // A rate wants two scrapes.
    for (let turn = 0; turn < 300; turn += 1) {
      if (Number((await query('count_over_time(gleaner_run_exit_code[1m])'))[0]?.value[1] ?? 0) >= 3) break;
      await wait(100);
    }

    const text = readFileSync(new URL('examples/grafana.json', root), 'utf8');
    const { panels } = JSON.parse(text) as { panels: { title: string; targets: { expr: string }[] }[] };
    const silent: string[] = [];
    for (const { expr } of panels.flatMap(({ targets }) => targets)) {
      const found = await query(expr.replaceAll('$extraction', '.*'));
      if (found.length === 0) silent.push(expr.replaceAll(/\{.*?\}/g, ''));
    }
    // Whoever was not told to wait has no pause to show.
    expect(silent).toEqual(['clamp_min(gleaner_paused_until_seconds - time(), 0)']);
    const [rejected] = await query('gleaner_run_records{status="rejected"}');
    expect(rejected?.value[1]).toBe('4');

    type Rules = { groups: { rules: { name: string; health: string; lastError?: string; state: string }[] }[] };
    let rules: Rules['groups'][number]['rules'] = [];
    for (let turn = 0; turn < 100 && rules.every(({ health }) => health !== 'ok'); turn += 1) {
      rules = (await ask<Rules>('/rules'))?.groups.flatMap((group) => group.rules) ?? [];
      await wait(100);
    }
    expect(rules.map(({ name, health, lastError = '' }) => [name, health, lastError])).toEqual(
      rules.map(({ name }) => [name, 'ok', '']),
    );
    expect(rules.find(({ name }) => name === 'GleanerRunFailed')?.state).toBe('firing');
    expect(rules.find(({ name }) => name === 'GleanerServiceDown')?.state).toBe('inactive');
  },
  60_000,
);
