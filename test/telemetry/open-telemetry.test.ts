import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import type { RunEvent } from '../../src/run/events.ts';
import type { RunSummary } from '../../src/run/session/run-in-directory.ts';
import { createOpenTelemetry } from '../../src/telemetry/open-telemetry.ts';
import { progressOf } from '../cli/terminal/progress.ts';

interface Attribute {
  key: string;
  value: { stringValue?: string; intValue?: number | string; doubleValue?: number };
}
interface SpanBody {
  name: string;
  kind: number;
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  status?: { code?: number };
  attributes: Attribute[];
}
interface MetricBody {
  name: string;
  unit: string;
  histogram: { dataPoints: { count: number | string; sum: number; attributes: Attribute[] }[] };
}
interface Collected {
  resourceSpans?: { resource: { attributes: Attribute[] }; scopeSpans: { spans: SpanBody[] }[] }[];
  resourceMetrics?: { scopeMetrics: { metrics: MetricBody[] }[] }[];
}

const saved = { ...process.env };
beforeEach(() => {
  for (const name of Object.keys(process.env)) if (name.startsWith('OTEL_')) Reflect.deleteProperty(process.env, name);
});
afterEach(() => {
  for (const name of Object.keys(process.env)) if (!(name in saved)) Reflect.deleteProperty(process.env, name);
  Object.assign(process.env, saved);
});

/** A collector on loopback that keeps what it is sent. */
async function collector(status = 200): Promise<{ url: string; bodies: Collected[]; texts: string[] }> {
  const bodies: Collected[] = [];
  const texts: string[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      texts.push(text);
      bodies.push(JSON.parse(text) as Collected);
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, bodies, texts };
}

const attributesOf = ({ attributes }: { attributes: Attribute[] }): Record<string, unknown> =>
  Object.fromEntries(
    attributes.map(({ key, value }) => [key, value.stringValue ?? value.doubleValue ?? Number(value.intValue)]),
  );

const call = { id: 'secret-id', index: 7 };
const none = { prompt: 0, cached: 0, completion: 0, reasoning: 0, total: 0 };
const night: RunEvent[] = [
  { type: 'call-start', ...call, attempt: 1, kind: 'first' },
  {
    type: 'call-end',
    ...call,
    attempt: 1,
    outcome: 'failed',
    status: 503,
    code: 'UNAVAILABLE',
    message: 'secret',
    tokens: none,
    latencyMs: 20,
  },
  { type: 'call-start', ...call, attempt: 2, kind: 'retry' },
  {
    type: 'call-end',
    ...call,
    attempt: 2,
    outcome: 'extracted',
    status: 200,
    tokens: { prompt: 30, cached: 10, completion: 5, reasoning: 100, total: 135 },
    latencyMs: 700,
  },
  { type: 'record-end', id: 'secret-id', index: 7, status: 'extracted', isReused: false },
  { type: 'call-start', ...call, index: 8, attempt: 1, kind: 'first' },
];

test('a run is a span with one for each call, and two metrics, in the words of the conventions', async () => {
  const { url, bodies, texts } = await collector();
  Object.assign(process.env, { OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_RESOURCE_ATTRIBUTES: 'service.name=nightly' });
  const told: string[] = [];
  const observer = await createOpenTelemetry({
    extraction: 'receipt',
    model: 'google/gemini-2.5-flash',
    tell: (message) => told.push(message),
  });
  await observer.onStart?.(progressOf({}), 'aiplatform.googleapis.com');
  for (const event of night) observer.onEvent?.(event);
  await observer.onEnd?.({ exitCode: 3 } as RunSummary, false);
  await observer.close?.();
  expect(told).toEqual([]);

  const traces = bodies.flatMap(({ resourceSpans = [] }) => resourceSpans);
  const [resource] = traces.map((one) => attributesOf(one.resource));
  expect(resource).toMatchObject({ 'service.name': 'nightly' });
  const spans = traces.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans));
  const run = spans.find(({ name }) => name === 'gleaner receipt');
  expect(run?.parentSpanId ?? '').toBe('');
  expect(run?.status?.code).toBe(2);
  expect(attributesOf(run ?? expect.unreachable())).toEqual({
    'gleaner.extraction': 'receipt',
    'gleaner.exit_code': 3,
  });
  const calls = spans.filter(({ name }) => name === 'chat google/gemini-2.5-flash');
  expect(calls).toHaveLength(3);
  for (const { parentSpanId, traceId, kind } of calls) {
    expect([parentSpanId, traceId, kind]).toEqual([run?.spanId, run?.traceId, 3]);
  }
  const common = {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'gcp.vertex_ai',
    'gen_ai.request.model': 'google/gemini-2.5-flash',
    'server.address': 'aiplatform.googleapis.com',
  };
  const [failed, answered] = calls.map(attributesOf);
  expect(failed).toEqual({
    ...common,
    'gleaner.record.index': 7,
    'gleaner.call.attempt': 1,
    'gleaner.call.kind': 'first',
    'gleaner.call.outcome': 'failed',
    'http.response.status_code': 503,
    'error.type': 'UNAVAILABLE',
  });
  expect(answered).toMatchObject({
    'gen_ai.usage.input_tokens': 30,
    'gen_ai.usage.output_tokens': 105,
    'gen_ai.usage.cache_read.input_tokens': 10,
    'gen_ai.usage.reasoning.output_tokens': 100,
  });

  const metrics = bodies
    .flatMap(({ resourceMetrics = [] }) => resourceMetrics)
    .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics));
  const points = (name: string) => metrics.find((metric) => metric.name === name)?.histogram.dataPoints ?? [];
  expect(points('gen_ai.client.operation.duration').map(({ sum }) => sum)).toEqual([0.02, 0.7]);
  const tokens = points('gen_ai.client.token.usage').map((point) => [
    attributesOf(point)['gen_ai.token.type'],
    point.sum,
  ]);
  expect(tokens).toEqual([
    ['input', 30],
    ['output', 105],
  ]);
  expect(texts.join('\n')).not.toContain('secret');
});

test('a collector that refuses is told once, and holds up nothing', async () => {
  const { url } = await collector(400);
  process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = url;
  const told: string[] = [];
  const observer = await createOpenTelemetry({
    extraction: 'r',
    model: undefined,
    tell: (message) => told.push(message),
  });
  await observer.onStart?.(progressOf({}), 'the embedded emulator');
  for (const event of night) observer.onEvent?.(event);
  await observer.onFailure?.('no', 2);
  await observer.close?.();
  expect(told).toEqual([expect.stringMatching(/^Traces and metrics are not delivered: /)]);
});
