import type { TokenOptions } from './access-tokens.ts';
import type { FaultRate, ScriptStep } from './fault-plan.ts';
import { retiredModels as knownRetiredModels, type ModelRow } from './models.ts';
import type { Scenario } from './scenario.ts';

export interface EmulatorOptions {
  /** More options, as data: a file's path, or the object that would stand in it. Options given beside it go before. */
  scenario?: string | Scenario;
  /** Default 0: any free port. */
  port?: number;
  /** Address to listen on. Default `127.0.0.1`. */
  host?: string;
  /**
   * Names, besides its address and those of this machine's loopback, by which the server may be called, such as that of a
   * container. Requests under other names are refused, so that no web page gets at the requests. Default: none.
   */
  allowedHosts?: readonly string[];
  /** Every draw, of answers and of faults, depends on it. Default 1. */
  seed?: number;
  /** Time before an answer starts, in milliseconds. Default 0. */
  latencyMs?: number | { min: number; max: number };
  /** Quota for each model and consumption option; above it the answer is 429. Default: none. */
  requestsPerMinute?: number;
  /** Quota of prompt, completion and thinking tokens for each model. Default: none. */
  tokensPerMinute?: number;
  /** What a 429 for an exceeded quota says about waiting. Default `none`, as the service does. */
  quotaHint?: 'none' | 'retry-after' | 'retry-info';
  /** Faults by chance. Default: none. */
  faults?: FaultRate;
  /** Faults and answers for chosen requests; the first step that matches and is not used up applies. Default: none. */
  script?: readonly ScriptStep[];
  /**
   * How a schema that Gemini refuses is answered: with the documented message, with a bare 400, or as if nothing were wrong.
   * Default `documented`.
   */
  schemaGate?: 'documented' | 'bare' | 'off';
  /** Rules of models, before those that are built in; the first row that fits counts. Default: none. */
  models?: readonly ModelRow[];
  /** Whether names answer that nothing is known of; otherwise they are 404, as with the service. Default false. */
  anyModel?: boolean;
  /** Model ids that answer 404. Default: the ids known to be shut down. */
  retiredModels?: readonly string[];
  /** How bearer tokens are treated. Default: any is accepted. */
  tokens?: TokenOptions;
  /** Most functions that one generated answer calls. Default 1. */
  parallelToolCalls?: number;
  /** Share of each prompt, 0 to 1, that the usage reports as cached. Default: it says nothing of caches. */
  cachedTokens?: number;
  /** How many requests `requests()` remembers. Default 1000. */
  keepRequests?: number;
  /** Largest request body in bytes; above it the answer is 413. Default 32 MiB. */
  maxBodyBytes?: number;
  /** How long a stall lasts when the client does not leave first, in milliseconds. Default 10 minutes. */
  maxStallMs?: number;
  /** Pause between the 20 pieces of a `slow-drip` answer, in milliseconds. Default 50. */
  dripMs?: number;
  /** Pause between the events of a streamed answer, in milliseconds. Default 0. */
  eventDelayMs?: number;
}

/** The options with their defaults filled in. */
export type Settings = Required<
  Omit<
    EmulatorOptions,
    'scenario' | 'latencyMs' | 'requestsPerMinute' | 'tokensPerMinute' | 'faults' | 'tokens' | 'cachedTokens'
  >
> & {
  latencyMs: { min: number; max: number };
  requestsPerMinute: number | undefined;
  tokensPerMinute: number | undefined;
  faults: FaultRate | undefined;
  tokens: TokenOptions;
  cachedTokens: number | undefined;
};

/** @throws {RangeError} for options that make no sense, naming the option and its value */
export function readOptions(options: Omit<EmulatorOptions, 'scenario'>): Settings {
  const {
    port = 0,
    host = '127.0.0.1',
    allowedHosts = [],
    seed = 1,
    latencyMs = 0,
    requestsPerMinute,
    tokensPerMinute,
    quotaHint = 'none',
    faults,
    script = [],
    schemaGate = 'documented',
    models = [],
    anyModel = false,
    retiredModels = knownRetiredModels,
    tokens = {},
    parallelToolCalls = 1,
    cachedTokens,
    keepRequests = 1000,
    maxBodyBytes = 32 * 1024 * 1024,
    maxStallMs = 600_000,
    dripMs = 50,
    eventDelayMs = 0,
  } = options;
  const latency = typeof latencyMs === 'number' ? { min: latencyMs, max: latencyMs } : latencyMs;
  atLeast('port', port, 0);
  wholeNumber('seed', seed);
  atLeast('latencyMs', latency.min, 0);
  atLeast('latencyMs.max', latency.max, latency.min);
  if (requestsPerMinute !== undefined) atLeast('requestsPerMinute', requestsPerMinute, 1);
  if (tokensPerMinute !== undefined) atLeast('tokensPerMinute', tokensPerMinute, 1);
  if (faults !== undefined) {
    atLeast('faults.rate', faults.rate, 0);
    if (faults.rate > 1) throw badOption('faults.rate', 'at most 1', faults.rate);
  }
  if (tokens.lifetimeMs !== undefined) atLeast('tokens.lifetimeMs', tokens.lifetimeMs, 1);
  if (tokens.statedLifetimeMs !== undefined) atLeast('tokens.statedLifetimeMs', tokens.statedLifetimeMs, 1);
  atLeast('parallelToolCalls', parallelToolCalls, 1);
  if (cachedTokens !== undefined) {
    atLeast('cachedTokens', cachedTokens, 0);
    if (cachedTokens > 1) throw badOption('cachedTokens', 'at most 1', cachedTokens);
  }
  atLeast('keepRequests', keepRequests, 0);
  wholeNumber('keepRequests', keepRequests);
  atLeast('maxBodyBytes', maxBodyBytes, 1);
  atLeast('maxStallMs', maxStallMs, 0);
  atLeast('dripMs', dripMs, 0);
  atLeast('eventDelayMs', eventDelayMs, 0);
  return {
    port,
    host,
    allowedHosts,
    seed,
    latencyMs: latency,
    requestsPerMinute,
    tokensPerMinute,
    quotaHint,
    faults,
    script,
    schemaGate,
    models,
    anyModel,
    retiredModels,
    tokens,
    parallelToolCalls,
    cachedTokens,
    keepRequests,
    maxBodyBytes,
    maxStallMs,
    dripMs,
    eventDelayMs,
  };
}

function atLeast(name: string, value: number, minimum: number): void {
  if (!(value >= minimum)) throw badOption(name, `${minimum} or more`, value);
}

function wholeNumber(name: string, value: number): void {
  if (!Number.isSafeInteger(value)) throw badOption(name, 'a whole number', value);
}

function badOption(name: string, expected: string, value: unknown): RangeError {
  return new RangeError(`Cannot start the emulator: ${name} must be ${expected}, got ${String(value)}`);
}
