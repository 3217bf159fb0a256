import type * as OpenTelemetryApi from '@opentelemetry/api';
import type { Attributes, Histogram, Span, Tracer } from '@opentelemetry/api';
import type { RunEvent } from '../run/events.ts';
import type { TokenUsage } from '../completion/usage.ts';
import { plainText } from '../text/plain-text.ts';
import { loadPackage } from './load-package.ts';
import type { RunObserver } from './run-observer.ts';

const PACKAGES = [
  '@opentelemetry/api',
  '@opentelemetry/resources',
  '@opentelemetry/sdk-trace-base',
  '@opentelemetry/sdk-metrics',
  '@opentelemetry/exporter-trace-otlp-http',
  '@opentelemetry/exporter-metrics-otlp-http',
];
/** The boundaries that the conventions for generative AI advise, in seconds and in tokens. */
const DURATIONS = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];
const TOKENS = [1, 4, 16, 64, 256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216, 67_108_864];
/** A collector that does not answer holds up no end of a command for longer. */
const LONGEST_FLUSH_MS = 10_000;

/** What spans and metrics are about. */
export interface Traced {
  extraction: string;
  /** Undefined for an endpoint of one's own, which names none. */
  model: string | undefined;
  /** Told once when the collector does not take what it is sent. */
  tell: (message: string) => void;
}

/**
 * Sends a span for the run and one for each of its calls, and the two metrics of clients, after OpenTelemetry's conventions for
 * generative AI. Where to, and how, the packages read from the environment (`OTEL_EXPORTER_OTLP_ENDPOINT` and its like). Nothing of
 * a record stands in an attribute but its place in the input.
 *
 * @throws {GleanerError} where a package is not installed
 */
export async function createOpenTelemetry({ extraction, model, tell }: Traced): Promise<RunObserver> {
  const purpose = 'send traces and metrics to OpenTelemetry';
  const [api, resources, traces, metrics, traceExport, metricExport] = await loadPackage(
    () =>
      Promise.all([
        import('@opentelemetry/api'),
        import('@opentelemetry/resources'),
        import('@opentelemetry/sdk-trace-base'),
        import('@opentelemetry/sdk-metrics'),
        import('@opentelemetry/exporter-trace-otlp-http'),
        import('@opentelemetry/exporter-metrics-otlp-http'),
      ]),
    { names: PACKAGES, purpose },
  );
  let isTold = false;
  const note = (message: string): void => {
    if (!isTold) tell(`Traces and metrics are not delivered: ${plainText(message, { limit: 200 })}`);
    isTold = true;
  };
  const silent = (): void => undefined;
  api.diag.setLogger(
    { error: note, warn: silent, info: silent, debug: silent, verbose: silent },
    { logLevel: api.DiagLogLevel.ERROR, suppressOverrideMessage: true },
  );
  // What the environment says of the service goes before its default name.
  const resource = resources
    .defaultResource()
    .merge(resources.resourceFromAttributes({ 'service.name': 'gleaner' }))
    .merge(resources.detectResources({ detectors: [resources.envDetector] }));
  const tracerProvider = new traces.BasicTracerProvider({
    resource,
    spanProcessors: [new traces.BatchSpanProcessor(new traceExport.OTLPTraceExporter())],
  });
  const meterProvider = new metrics.MeterProvider({
    resource,
    readers: [new metrics.PeriodicExportingMetricReader({ exporter: new metricExport.OTLPMetricExporter() })],
  });
  const meter = meterProvider.getMeter('gleaner');
  const spans = new CallSpans(api, tracerProvider.getTracer('gleaner'), { extraction, model });
  const figures = new CallFigures(
    meter.createHistogram('gen_ai.client.operation.duration', {
      unit: 's',
      advice: { explicitBucketBoundaries: DURATIONS },
    }),
    meter.createHistogram('gen_ai.client.token.usage', {
      unit: '{token}',
      advice: { explicitBucketBoundaries: TOKENS },
    }),
  );
  return {
    onStart: (_progress, target) => spans.begin(target),
    onEvent(event) {
      spans.onEvent(event);
      if (event.type === 'call-end') figures.enter(event, spans.common);
    },
    onEnd: ({ exitCode }) => spans.end(exitCode),
    onFailure: (_message, exitCode) => spans.end(exitCode),
    async close() {
      const flushed = Promise.allSettled([tracerProvider.shutdown(), meterProvider.shutdown()]);
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(() => {
          note(`the collector has not answered within ${LONGEST_FLUSH_MS} ms`);
          resolve();
        }, LONGEST_FLUSH_MS);
      });
      await Promise.race([flushed, late]);
      clearTimeout(timer);
      api.diag.disable();
    },
  };
}

type Api = Pick<typeof OpenTelemetryApi, 'SpanKind' | 'SpanStatusCode' | 'trace' | 'ROOT_CONTEXT'>;

/** The span of a session, with one below it for each call. */
class CallSpans {
  readonly #api: Api;
  readonly #tracer: Tracer;
  readonly #about: Pick<Traced, 'extraction' | 'model'>;
  readonly #open = new Map<string, Span>();
  #run: Span | undefined;
  /** What all spans and metrics of calls have. */
  common: Attributes = {};

  constructor(api: Api, tracer: Tracer, about: Pick<Traced, 'extraction' | 'model'>) {
    this.#api = api;
    this.#tracer = tracer;
    this.#about = about;
  }

  begin(target: string): void {
    const { extraction, model } = this.#about;
    this.common = {
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': providerOf(target),
      ...(model !== undefined && { 'gen_ai.request.model': model }),
      ...(/\s/.test(target) ? {} : { 'server.address': target.replace(/:\d+$/, '') }),
    };
    this.#run = this.#tracer.startSpan(`gleaner ${extraction}`, {
      kind: this.#api.SpanKind.INTERNAL,
      attributes: { 'gleaner.extraction': extraction },
    });
  }

  onEvent(event: RunEvent): void {
    if (this.#run === undefined) return;
    if (event.type === 'call-start') {
      const { index, attempt, kind } = event;
      const { SpanKind, trace, ROOT_CONTEXT } = this.#api;
      const name = ['chat', this.#about.model].filter((part) => part !== undefined).join(' ');
      const attributes = {
        ...this.common,
        'gleaner.record.index': index,
        'gleaner.call.attempt': attempt,
        'gleaner.call.kind': kind,
      };
      const span = this.#tracer.startSpan(
        name,
        { kind: SpanKind.CLIENT, attributes },
        trace.setSpan(ROOT_CONTEXT, this.#run),
      );
      this.#open.set(`${index} ${attempt}`, span);
    } else if (event.type === 'call-end') {
      const key = `${event.index} ${event.attempt}`;
      const span = this.#open.get(key);
      this.#open.delete(key);
      if (span === undefined) return;
      const { outcome, status, tokens } = event;
      span.setAttributes({
        'gleaner.call.outcome': outcome,
        ...(status !== null && { 'http.response.status_code': status }),
        ...usageAttributes(tokens),
        ...errorType(event),
      });
      if (outcome === 'failed') span.setStatus({ code: this.#api.SpanStatusCode.ERROR });
      span.end();
    }
  }

  end(exitCode: number): void {
    for (const span of this.#open.values()) span.end();
    this.#open.clear();
    this.#run?.setAttribute('gleaner.exit_code', exitCode);
    if (exitCode !== 0) this.#run?.setStatus({ code: this.#api.SpanStatusCode.ERROR });
    this.#run?.end();
    this.#run = undefined;
  }
}

type CallEnd = Extract<RunEvent, { type: 'call-end' }>;

class CallFigures {
  readonly #durations: Histogram;
  readonly #tokens: Histogram;

  constructor(durations: Histogram, tokens: Histogram) {
    this.#durations = durations;
    this.#tokens = tokens;
  }

  enter(event: CallEnd, common: Attributes): void {
    this.#durations.record(event.latencyMs / 1000, { ...common, ...errorType(event) });
    const { prompt, completion, reasoning, total } = event.tokens;
    if (total === 0) return;
    this.#tokens.record(prompt, { ...common, 'gen_ai.token.type': 'input' });
    this.#tokens.record(completion + reasoning, { ...common, 'gen_ai.token.type': 'output' });
  }
}

/** The conventions count thinking among the output. */
function usageAttributes({ prompt, cached, completion, reasoning, total }: TokenUsage): Attributes {
  if (total === 0) return {};
  return {
    'gen_ai.usage.input_tokens': prompt,
    'gen_ai.usage.output_tokens': completion + reasoning,
    ...(cached > 0 && { 'gen_ai.usage.cache_read.input_tokens': cached }),
    ...(reasoning > 0 && { 'gen_ai.usage.reasoning.output_tokens': reasoning }),
  };
}

function errorType({ outcome, code, status }: CallEnd): Attributes {
  return outcome === 'failed' ? { 'error.type': code ?? String(status ?? 'network') } : {};
}

function providerOf(target: string): string {
  if (target.endsWith('.googleapis.com')) return 'gcp.vertex_ai';
  return /\s/.test(target) ? 'gleaner.emulator' : 'openai_compatible';
}
