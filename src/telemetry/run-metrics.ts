import type * as Prometheus from 'prom-client';
import type { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { RunEvent } from '../run/events.ts';
import type { RunProgress } from '../run/session/run-progress.ts';
import type { RunSummary } from '../run/session/run-in-directory.ts';
import { loadPackage } from './load-package.ts';
import type { RunObserver } from './run-observer.ts';

/** From a cached answer to one that thought for minutes. */
const DURATION_BUCKETS = [0.1, 0.25, 0.5, 1, 2, 4, 8, 16, 32, 64, 128];

type Label = 'extraction';

/** The metrics of one session of a run, in the names of docs/monitoring.md. No label holds anything of a record. */
export class RunMetrics implements RunObserver {
  readonly #prometheus: typeof Prometheus;
  readonly #registry: Registry;
  readonly #labels: Record<Label, string>;
  readonly #records: Counter<Label | 'status'>;
  readonly #rejects: Counter<Label | 'code'>;
  readonly #calls: Counter<Label | 'outcome' | 'status'>;
  readonly #retries: Counter<Label>;
  readonly #tokens: Counter<Label | 'type'>;
  readonly #durations: Histogram<Label>;
  readonly #inFlight: Gauge<Label>;
  readonly #limit: Gauge<Label>;
  readonly #pausedUntil: Gauge<Label>;
  readonly #lastAnswer: Gauge<Label>;
  readonly #started: Gauge<Label>;
  readonly #ended: Gauge<Label>;
  readonly #exitCode: Gauge<Label>;

  private constructor(prometheus: typeof Prometheus, extraction: string) {
    const registry = new prometheus.Registry();
    const registers = [registry];
    this.#prometheus = prometheus;
    this.#registry = registry;
    this.#labels = { extraction };
    const labelNames = ['extraction'] as const;
    const counter = <Names extends string>(name: string, help: string, more: readonly Names[]) =>
      new prometheus.Counter({ name, help, labelNames: [...labelNames, ...more], registers });
    const gauge = (name: string, help: string) => new prometheus.Gauge({ name, help, labelNames, registers });
    this.#records = counter('gleaner_records_total', 'Records that ended in this session', ['status']);
    this.#rejects = counter('gleaner_rejects_total', 'Rejected records by reject code', ['code']);
    this.#calls = counter('gleaner_calls_total', 'Calls by what became of them, and HTTP status', [
      'outcome',
      'status',
    ]);
    this.#retries = counter('gleaner_retries_total', 'Waits before a failed call is repeated', []);
    this.#tokens = counter('gleaner_tokens_total', 'Tokens as the service reported them', ['type']);
    this.#durations = new prometheus.Histogram({
      name: 'gleaner_call_duration_seconds',
      help: 'Time from a call to its end',
      labelNames,
      buckets: DURATION_BUCKETS,
      registers,
    });
    this.#inFlight = gauge('gleaner_calls_in_flight', 'Calls that are waited for');
    this.#limit = gauge('gleaner_concurrency_limit', 'Calls that are allowed in flight');
    this.#pausedUntil = gauge('gleaner_paused_until_seconds', 'When calls go on after a pause, in seconds since 1970');
    this.#lastAnswer = gauge('gleaner_last_answer_seconds', 'When the service last answered, in seconds since 1970');
    this.#started = gauge('gleaner_run_started_seconds', 'When this session began, in seconds since 1970');
    this.#ended = gauge('gleaner_run_ended_seconds', 'When this session ended, in seconds since 1970');
    this.#exitCode = gauge('gleaner_run_exit_code', 'Exit code of the command; absent while it runs');
    this.#inFlight.set(this.#labels, 0);
  }

  /** @throws {GleanerError} where prom-client is not installed */
  static async create(extraction: string): Promise<RunMetrics> {
    const load = (): Promise<typeof Prometheus> => import('prom-client');
    const loaded = await loadPackage(load, { names: ['prom-client'], purpose: 'give metrics' });
    // A module of CommonJS, whose names the loader may or may not have found.
    return new RunMetrics('default' in loaded ? (loaded.default as typeof loaded) : loaded, extraction);
  }

  /** All of them in Prometheus' text format. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  onStart(progress: RunProgress): void {
    this.#started.set(this.#labels, Date.now() / 1000);
    this.#limit.set(this.#labels, progress.concurrencyLimit);
    this.#watch(progress);
  }

  onEvent(event: RunEvent): void {
    const labels = this.#labels;
    switch (event.type) {
      case 'call-start':
        this.#inFlight.inc(labels);
        return;
      case 'call-end': {
        this.#inFlight.dec(labels);
        const { outcome, status, tokens, latencyMs } = event;
        this.#calls.inc({ ...labels, outcome, status: status === null ? 'none' : String(status) });
        this.#durations.observe(labels, latencyMs / 1000);
        if (status === 200) this.#lastAnswer.set(labels, Date.now() / 1000);
        for (const type of ['prompt', 'cached', 'completion', 'reasoning'] as const) {
          if (tokens[type] > 0) this.#tokens.inc({ ...labels, type }, tokens[type]);
        }
        return;
      }
      case 'retry-wait':
        this.#retries.inc(labels);
        return;
      case 'pause':
        this.#pausedUntil.set(labels, event.until / 1000);
        return;
      case 'limit-changed':
        this.#limit.set(labels, event.concurrencyLimit);
        return;
      case 'record-end':
        this.#records.inc({ ...labels, status: event.isReused ? 'reused' : event.status });
        if (event.code !== undefined) this.#rejects.inc({ ...labels, code: event.code });
        return;
      default:
    }
  }

  onEnd(summary: RunSummary): void {
    this.#end(summary.exitCode);
  }

  onFailure(_message: string, exitCode: number): void {
    this.#end(exitCode);
  }

  #end(exitCode: number): void {
    this.#ended.set(this.#labels, Date.now() / 1000);
    this.#exitCode.set(this.#labels, exitCode);
  }

  /** What is read where it is kept, when somebody asks. */
  #watch(progress: RunProgress): void {
    const { Gauge: PromGauge } = this.#prometheus;
    const labels = this.#labels;
    const registers: Registry[] = [];
    const records = new PromGauge({
      name: 'gleaner_run_records',
      help: 'Records of the run that have ended, in all its sessions',
      labelNames: ['extraction', 'status'],
      registers,
      collect() {
        this.set({ ...labels, status: 'extracted' }, progress.extracted);
        this.set({ ...labels, status: 'rejected' }, progress.rejected);
      },
    });
    const cost = new PromGauge({
      name: 'gleaner_run_cost_usd',
      help: 'US dollars for the calls of the run, in all its sessions; absent while a price is not known',
      labelNames: ['extraction'],
      registers,
      collect() {
        if (progress.usd === undefined) this.remove(labels);
        else this.set(labels, progress.usd);
      },
    });
    const waiting = new PromGauge({
      name: 'gleaner_waiting',
      help: 'Whether calls wait, by what for',
      labelNames: ['extraction', 'for'],
      registers,
      collect() {
        const { quotaWait, isBudgetWait } = progress;
        this.set({ ...labels, for: 'request-quota' }, quotaWait === 'requests' ? 1 : 0);
        this.set({ ...labels, for: 'token-quota' }, quotaWait === 'tokens' ? 1 : 0);
        this.set({ ...labels, for: 'budget' }, isBudgetWait ? 1 : 0);
      },
    });
    for (const gauge of [records, cost, waiting]) this.#registry.registerMetric(gauge as Gauge);
  }
}
