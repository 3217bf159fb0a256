import { nextCommands, type NextCommand } from '../report/next-commands.ts';
import { terminalSummary } from '../report/terminal-summary.ts';
import { GleanerError } from '../gleaner-error.ts';
import type { RunSummary } from '../run/session/run-in-directory.ts';
import type { RunOptions } from '../run/run-options.ts';
import { adviceFor } from './advice.ts';
import { exitCodeReason, EXIT_CODES } from './exit-code.ts';
import { openClient, type Service } from './open-client.ts';
import { rejectExamples } from './reject-examples.ts';
import { paintFor } from './terminal/colour.ts';
import type { Observed } from './observers.ts';
import type { OpenedPool } from '../fleet/pool/open-pool.ts';
import { createReporter } from './terminal/create-reporter.ts';
import type { Reporter } from './terminal/reporter.ts';
import type { conductFlags } from './settings/flags/run-flags.ts';
import type { Settings } from './settings/settings.ts';
import { listenForStop } from './stop-signals.ts';
import type { Terminal } from './terminal/terminal.ts';
import type { RunObserver } from '../telemetry/run-observer.ts';
import { messageOf } from '../text/thrown-message.ts';

/** What is worked on, for people. */
export interface Work {
  extraction: string;
  input: string;
  out: string;
  /** What run.json is told beside the settings. */
  definition: string;
  /** Whether nobody wants to be told of its way. */
  isQuiet?: boolean;
  /** Whether it is known to have nothing to do, so that a notice is all there is to tell. */
  isIdle?: boolean;
  /** Where rejects are asked for again, so that what came of them is told: the input of the run that they are of. */
  retriedInput?: string;
  /** How many records the run has in all, those that ended before included; undefined where that cannot be known. */
  countRecords(endedBefore: number, signal: AbortSignal): Promise<number | undefined>;
  /** Opens what looks on at the run, where something does. */
  observe?(observed: Observed): Promise<Required<RunObserver> | undefined>;
  /** Another way to ask than call by call. Default: none. */
  openLane?: ((service: Service) => Promise<ClosableLane>) | undefined;
  /** Opens what the run shares with others. Default: nothing. */
  openPool?: () => Promise<OpenedPool>;
  /** What run.json is told of it. */
  settings?: Record<string, string>;
}

type ClosableLane = NonNullable<RunOptions['lane']> & { close(): Promise<void> };

/** The options of a run that every command which runs something takes from the same flags and surroundings. */
export type ConductedOptions = Omit<
  RunOptions,
  | 'input'
  | 'out'
  | 'format'
  | 'delimiter'
  | 'encoding'
  | 'fillShortRows'
  | 'idField'
  | 'mediaRoot'
  | 'acceptChanges'
  | 'limit'
>;

/** Runs something with these options; the service is for whatever else is to be opened with its credentials. */
type Start = (options: ConductedOptions, service: Service) => Promise<RunSummary>;

/** Surrounds a run with its client, its reports to people and its reactions to signals; returns the exit code. */
export async function runWithTerminal(
  work: Work,
  settings: Settings<typeof conductFlags>,
  terminal: Terminal,
  start: Start,
): Promise<number> {
  const reporter = await createReporter(terminal.stderr, {
    isJson: settings.isOn('json-logs'),
    runId: terminal.runId,
    paint: paintFor(terminal.stderr, terminal.environment),
    isQuiet: work.isQuiet === true,
  });
  const { extraction, out } = work;
  const observers = await work.observe?.({ extraction, out, tell: (text) => reporter.notice(text) });
  try {
    return await conduct({ work, settings, terminal, reporter, observers }, start);
  } catch (error) {
    await observers?.onFailure(
      messageOf(error),
      error instanceof GleanerError ? EXIT_CODES.refused : EXIT_CODES.stopped,
    );
    throw error;
  } finally {
    reporter.close();
    await observers?.close();
  }
}

interface Surroundings {
  work: Work;
  settings: Settings<typeof conductFlags>;
  terminal: Terminal;
  reporter: Reporter;
  observers: Required<RunObserver> | undefined;
}

async function conduct({ work, settings, terminal, reporter, observers }: Surroundings, start: Start): Promise<number> {
  const prices = await pricesOf(settings);
  const service = await openClient(settings, terminal.environment, {
    isEmulated: settings.isOn('emulator'),
    connections: settings.number('concurrency'),
  });
  const lane = work.openLane === undefined ? undefined : await openBeside(work.openLane, service);
  const pool = work.openPool === undefined ? undefined : await openBeside(work.openPool, service, lane);
  const stop = listenForStop(terminal, reporter);
  let endedBefore = 0;
  try {
    const options: ConductedOptions = {
      ...conductedOptions(settings),
      ...(prices === undefined ? {} : { prices }),
      client: service.client,
      ...(lane === undefined ? {} : { lane }),
      ...(pool === undefined ? {} : { pool }),
      ...(work.input === '-' ? { stdin: terminal.stdin } : {}),
      signal: stop.abortSignal,
      stopSignal: stop.signal,
      settings: {
        ...service.settings,
        ...work.settings,
        ...(pool === undefined ? {} : { pool: pool.name }),
        definition: work.definition,
      },
      onEvent:
        observers === undefined
          ? reporter.onEvent
          : (event) => {
              reporter.onEvent(event);
              observers.onEvent(event);
            },
      onStart: (progress) => {
        terminal.onRunBegin?.();
        const { extraction, input, out } = work;
        ({ endedBefore } = progress);
        const { isIdle } = work;
        reporter.start({ extraction, input, out, target: service.target, endedBefore, isIdle });
        if (isIdle !== true) reporter.follow(progress, (signal) => work.countRecords(endedBefore, signal));
        void observers?.onStart(progress, service.target);
      },
    };
    const summary = await start(options, service);
    reporter.end(summary, () => {
      if (work.isIdle === true && work.isQuiet !== true) return '';
      const text = terminalSummary(withAdvisedReason(summary), summary.out, {
        isEmulated: service.client.service.isEmulated,
        isUnchanged: endedBefore > 0 && endedBefore === summary.records.extracted + summary.records.rejected,
        next: nextAfter(summary, work, options.settings),
        ...(work.retriedInput !== undefined ? { retried: summary.session } : {}),
        rejectExamples: rejectExamples(summary.out, summary),
        width: terminal.stderr.columns,
      });
      const why = exitCodeReason(summary);
      return why === undefined ? text : `${text}\n${why}`;
    });
    await observers?.onEnd(withAdvisedReason(summary), service.client.service.isEmulated);
    return summary.exitCode;
  } catch (error) {
    const name = stop.received();
    if (name === undefined || error !== stop.signal.reason) throw error;
    const message = `${name}: the run was interrupted before it began; nothing was sent`;
    reporter.notice(message);
    await observers?.onFailure(message, EXIT_CODES[name]);
    return EXIT_CODES[name];
  } finally {
    stop.close();
    await lane?.close();
    await pool?.close();
    await service.close();
  }
}

/** What to type after a run that has finished; how one that has not goes on, its headline says. */
function nextAfter(
  summary: RunSummary,
  { input, retriedInput = input }: Work,
  settings: ConductedOptions['settings'],
): NextCommand | undefined {
  if (summary.status !== 'finished') return undefined;
  const manifest = { settings: { ...settings, input: retriedInput } };
  return nextCommands({ usage: summary, manifest, directory: summary.out })[0];
}

/** What is open already is closed where the next cannot be opened. */
async function openBeside<Opened>(
  open: (service: Service) => Promise<Opened>,
  service: Service,
  lane?: ClosableLane,
): Promise<Opened> {
  try {
    return await open(service);
  } catch (error) {
    await lane?.close();
    await service.close();
    throw error;
  }
}

export async function pricesOf(settings: Settings<typeof conductFlags>): Promise<ConductedOptions['prices']> {
  const path = settings.text('prices');
  if (path === undefined) return undefined;
  const { readPriceFile } = await import('../accounting/read-price-file.ts');
  return readPriceFile(path);
}

/** What a refusal midway says, with what can be done about it on the command line. */
function withAdvisedReason(summary: RunSummary): RunSummary {
  const advice = summary.facts && adviceFor(summary.facts);
  return advice === undefined ? summary : { ...summary, reason: `${summary.reason ?? 'refused'}; ${advice}` };
}

/** What of a run's options the flags of every command that conducts one say. */
export function conductedOptions(settings: Settings<typeof conductFlags>): Partial<ConductedOptions> {
  const options: Partial<ConductedOptions> = {};
  const model = settings.text('model');
  // A self-deployed endpoint serves one model and wants none named.
  if (settings.text('endpoint') !== undefined) options.model = model ?? null;
  else if (model !== undefined) options.model = model;
  const cache = settings.text('cache');
  if (cache !== undefined) options.cache = cache;
  const numbers = {
    concurrency: 'concurrency',
    requestsPerMinute: 'rpm',
    tokensPerMinute: 'tpm',
    maxAttempts: 'max-attempts',
    maxReasks: 'max-reasks',
    maxTotalTokens: 'max-total-tokens',
    maxCostUsd: 'max-cost',
    maxRejectRate: 'max-reject-rate',
    minRecords: 'min-records',
  } as const;
  for (const option of Object.keys(numbers) as (keyof typeof numbers)[]) {
    const value = settings.number(numbers[option]);
    if (value !== undefined) options[option] = value;
  }
  if (settings.isOn('stream')) options.stream = true;
  if (settings.isOn('log-content')) options.logContent = true;
  const baseMs = settings.number('retry-delay-ms');
  if (baseMs !== undefined) options.backoff = { baseMs };
  return options;
}
