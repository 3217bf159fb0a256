import { appendFileSync } from 'node:fs';
import type { NotifyForm } from '../telemetry/notify.ts';
import type { RunObserver } from '../telemetry/run-observer.ts';
import { GleanerError } from '../gleaner-error.ts';
import { messageOf } from '../text/thrown-message.ts';
import { isTraced } from './is-traced.ts';
import { proxySettings } from './proxy-settings.ts';
import type { conductedRunFlags } from './settings/flags/run-flags.ts';
import type { Settings } from './settings/settings.ts';
import type { Terminal } from './terminal/terminal.ts';

/** What is observed, and who is told what cannot be delivered. */
export interface Observed {
  extraction: string;
  out: string;
  /** The model that is asked; undefined for an endpoint of one's own. */
  model?: string | undefined;
  tell: (message: string) => void;
}

/**
 * Those that look on at a run because a flag or the environment asks for it, as one; undefined where none does, and nothing is loaded
 * then.
 *
 * @throws {GleanerError} for what cannot work, before anything is sent
 */
export async function openObservers(
  settings: Settings<typeof conductedRunFlags>,
  terminal: Terminal,
  observed: Observed,
): Promise<Required<RunObserver> | undefined> {
  const observers: RunObserver[] = [];
  try {
    await openMetrics(observers, settings, observed);
    const url = settings.text('notify');
    if (url !== undefined) {
      const { createNotifier } = await import('../telemetry/notify.ts');
      const form = (settings.text('notify-as') ?? 'json') as NotifyForm;
      observers.push(createNotifier({ url, form, proxy: proxySettings(terminal.environment), ...observed }));
    }
    if (isTraced(terminal.environment)) await openTraces(observers, observed);
    if (settings.text('summary') !== undefined) observers.push(await markdownObserver(terminal, observed));
  } catch (error) {
    for (const { close } of observers) await close?.();
    throw error;
  }
  return observers.length === 0 ? undefined : asOne(observers, observed.tell);
}

async function openMetrics(
  observers: RunObserver[],
  settings: Settings<typeof conductedRunFlags>,
  { extraction, tell }: Observed,
): Promise<void> {
  const path = settings.text('metrics-file');
  const port = settings.number('metrics-port');
  if (path === undefined && port === undefined) return;
  const { RunMetrics } = await import('../telemetry/run-metrics.ts');
  const metrics = await RunMetrics.create(extraction);
  observers.push(metrics);
  if (port !== undefined) {
    const { serveMetrics } = await import('../telemetry/metrics-server.ts');
    const server = await serveMetrics(metrics, { port, host: settings.text('metrics-host') });
    observers.push({ onStart: () => tell(`Metrics are at ${server.url}`), close: () => server.close() });
  }
  if (path !== undefined) {
    const { MetricsFile } = await import('../telemetry/metrics-file.ts');
    const file = new MetricsFile(path, metrics, tell);
    observers.push({ onStart: () => file.begin(), close: () => file.close() });
  }
}

/** The variables are often set for a whole machine: a package that is missing is no reason to refuse a run. */
async function openTraces(observers: RunObserver[], { extraction, model, tell }: Observed): Promise<void> {
  const { createOpenTelemetry } = await import('../telemetry/open-telemetry.ts');
  try {
    observers.push(await createOpenTelemetry({ extraction, model, tell }));
  } catch (error) {
    if (!(error instanceof GleanerError)) throw error;
    tell(error.message);
  }
}

async function markdownObserver(terminal: Terminal, { extraction, out }: Observed): Promise<RunObserver> {
  const { markdownFailure, markdownSummary } = await import('../report/markdown-summary.ts');
  const page = terminal.environment['GITHUB_STEP_SUMMARY'];
  const write = (text: string): void => {
    if (page === undefined || page === '') terminal.stdout.write(text);
    else appendFileSync(page, text);
  };
  return {
    onEnd: (summary, isEmulated) => write(markdownSummary(summary, out, { isEmulated })),
    onFailure: (message, exitCode) => write(markdownFailure(extraction, message, exitCode)),
  };
}

/** Whatever fails in one of them is told once, and keeps it from nothing else. */
function asOne(observers: readonly RunObserver[], tell: (message: string) => void): Required<RunObserver> {
  const told = new Set<string>();
  const note = (error: unknown): void => {
    const message = `Monitoring failed: ${messageOf(error)}`;
    if (!told.has(message)) tell(message);
    told.add(message);
  };
  const each = async (call: (observer: RunObserver) => void | Promise<void>): Promise<void> => {
    for (const observer of observers) {
      try {
        await call(observer);
      } catch (error) {
        note(error);
      }
    }
  };
  const listeners = observers.flatMap((observer) => (observer.onEvent === undefined ? [] : [observer]));
  return {
    onStart: (progress, target) => each((observer) => observer.onStart?.(progress, target)),
    onEvent: (event) => {
      for (const observer of listeners) {
        try {
          observer.onEvent?.(event);
        } catch (error) {
          note(error);
        }
      }
    },
    onEnd: (summary, isEmulated) => each((observer) => observer.onEnd?.(summary, isEmulated)),
    onFailure: (message, exitCode) => each((observer) => observer.onFailure?.(message, exitCode)),
    close: () => each((observer) => observer.close?.()),
  };
}
