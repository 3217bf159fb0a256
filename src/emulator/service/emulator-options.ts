import type { BigQueryOptions } from '../cloud/bigquery/bigquery-faults.ts';
import type { BatchOptions } from '../cloud/batch-faults.ts';
import type { TokenOptions } from './access-tokens.ts';
import type { FaultRate, ScriptStep } from './fault-plan.ts';
import type { ModelRow } from './models.ts';

/** The emulator's options as data: what a scenario file holds. */
export interface Scenario {
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
  /** How batch jobs run, and what they do wrong. Default: they end within a fifth of a second, and all is well. */
  batch?: BatchOptions;
  /** How BigQuery is slow or fails. Default: its jobs end at once, and all is well. */
  bigQuery?: BigQueryOptions;
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

export interface EmulatorOptions extends Scenario {
  /** More options, as data: a file's path, or the object that would stand in it. Options given beside it go before. */
  scenario?: string | Scenario;
}

/** The options with their defaults filled in. */
export type Settings = Required<
  Omit<Scenario, 'latencyMs' | 'requestsPerMinute' | 'tokensPerMinute' | 'faults' | 'cachedTokens'>
> &
  Pick<Scenario, 'requestsPerMinute' | 'tokensPerMinute' | 'faults' | 'cachedTokens'> & {
    latencyMs: { min: number; max: number };
  };
