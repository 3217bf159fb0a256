import type { PriceRowInput } from '../accounting/price-file.ts';
import type { CompletionClient } from '../completion/client.ts';
import type { BackoffOptions } from '../pacing/backoff.ts';
import type { ByteStream } from '../records/byte-stream.ts';
import type { RunInput } from '../records/input-source.ts';
import type { RecordFormat } from '../records/record.ts';
import { GleanerError } from '../gleaner-error.ts';
import { announcePauses } from './announce-pauses.ts';
import type { Quotas } from '../pacing/pacer.ts';
import type { EventListener } from './events.ts';
import type { Lane } from './lane.ts';
import type { Pool } from './pool.ts';
import type { Pacer } from './ports.ts';
import type { RunProgress } from './session/run-progress.ts';

/** `Fields` is the type of a record, where the program has the records. */
export interface RunOptions<Fields extends object = object> {
  /**
   * Path of a .csv, .tsv, .jsonl or .ndjson file, plain or .gz; `-` for standard input; a source of one's own; or the records
   * themselves, in order. Of what cannot be told apart before it is read, a continued run checks each record as it comes.
   */
  input: RunInput<Fields>;
  /** The run directory. One that holds an unfinished run of the same definition and input is continued. */
  out: string;
  /** Makes the calls; `createVertexClient` gives one for Vertex AI. */
  client: CompletionClient;
  /**
   * Tells one state of the definition's source from another, as `digestDefinitionSource` does. A run that was begun with another
   * one is refused, since its checks and transforms may be others. Default: the text of the functions of the definition and its
   * schema, as far as it can be seen: not what they call, nor what zod keeps in closures (`superRefine`, and `refine` of zod 3).
   */
  definitionDigest?: string;
  /** Overrides the definition's model; null sends none, as a self-deployed endpoint wants. */
  model?: string | null;
  /** Read when `input` is `-`. Default process.stdin is not touched by the library: pass it. */
  stdin?: ByteStream;
  /** Told by the file's extension when absent; needed for standard input. */
  format?: RecordFormat;
  /** Column separator; detected when absent. */
  delimiter?: string;
  /** Encoding of the input, under a name of the Encoding Standard such as `windows-1252`. Default UTF-8. */
  encoding?: string;
  /** Takes CSV rows whose last cells are left off, and passes over rows of empty cells. Default false: they are bad records. */
  fillShortRows?: boolean;
  /** Directory below which files lie that records name. Default: the input's, else the current one. */
  mediaRoot?: string;
  /** Whether the caller made `out` for this run and has files of its own there. Default: false, and a directory that holds something and no run is refused. */
  ownsOut?: boolean;
  /**
   * Whether the run is a part that is merged into another, in a directory that nobody else is given: no reports are written, and the operating
   * system is not asked for a lock. Default false.
   */
  isPart?: boolean;
  /** Takes a changed input or definition: records that are as they were keep their ends, only the others are asked for. */
  acceptChanges?: boolean;
  /** File of a cache of answers that runs share; made when it is not there. */
  cache?: string;
  /** Has answers streamed, and left as soon as they cannot become valid; overrides the definition. */
  stream?: boolean;
  /** Whether the ledger may hold answers and thoughts. Default false. */
  logContent?: boolean;
  /** Column that holds the ids; overrides the definition's `id`. */
  idField?: string;
  /** Rows of the input to take at most. */
  limit?: number;
  /** Most calls in flight. Default 16. */
  concurrency?: number;
  requestsPerMinute?: number;
  tokensPerMinute?: number;
  /** Quotas of your own, such as one that several machines share, in the place of the rates a minute. The run does not close them. */
  quotas?: Quotas;
  /** Asks first questions another way than call by call, as `createBatchLane` does by batch jobs. Default: call by call. */
  lane?: Lane;
  /**
   * What the run shares with other runs, as `openPool` gives it: rates, budget, pauses. `requestsPerMinute` and `tokensPerMinute` are then
   * those of all runs of the pool together. The run does not close it.
   */
  pool?: Pool;
  /** Decides when a call may go, in the place of the rates and quotas; `concurrency` holds besides. The run does not close it. */
  pacer?: Pacer;
  /** Most failed calls for one question before its record is rejected. Default 10. */
  maxAttempts?: number;
  /** Most times an invalid answer is sent back with what is wrong with it. Default 1. */
  maxReasks?: number;
  /** Cap on the tokens of all calls of the run, whatever becomes of the calls in flight. Default none. */
  maxTotalTokens?: number;
  /** Cap in US dollars, likewise; needs a known price. Default none. */
  maxCostUsd?: number;
  /** Share of rejects up to which a finished run is a success (exit code 0). Default 0. */
  maxRejectRate?: number;
  /** Records that the input must hold for a finished run to be a success. Default 1. */
  minRecords?: number;
  /** Prices of your own, which go before the built-in ones; `readPriceFile` reads them from a file. Default none. */
  prices?: readonly PriceRowInput[];
  /** Delays between failed calls and their retries: full jitter, from 1 s up to 60 s. */
  backoff?: BackoffOptions;
  /** Further settings to write down in run.json. Must hold no secrets. */
  settings?: { readonly [name: string]: string | number | boolean | null };
  /** Aborts the run: calls in flight are given up, what is known is written. Before the run has begun, `run` rejects with its reason. */
  signal?: AbortSignal;
  /** Aborts to stop in order: no new records, calls in flight are awaited, everything is written. */
  stopSignal?: AbortSignal;
  /** Called with every event of the run, its calls and its records, as it happens. */
  onEvent?: EventListener;
  /** Called with what the user should know, in a sentence. */
  onNotice?: (notice: string) => void;
  /** Called once when the work starts, with a live view of it. */
  onStart?: (progress: RunProgress) => void;
}

/** The options with every default in place. */
export type SettledRunOptions = RunOptions &
  Required<Pick<RunOptions, 'limit' | 'concurrency' | 'maxAttempts' | 'maxReasks' | 'maxRejectRate' | 'minRecords'>>;

/** @throws {GleanerError} naming the option that is out of range, and its value */
export function settleRunOptions(options: RunOptions): SettledRunOptions {
  const { limit = Number.POSITIVE_INFINITY, concurrency = 16, maxAttempts = 10, maxReasks = 1 } = options;
  const { maxRejectRate = 0, minRecords = 1 } = options;
  if (options.limit !== undefined) demandWhole('limit', limit, 1);
  demandWhole('concurrency', concurrency, 1);
  demandWhole('maxAttempts', maxAttempts, 1);
  demandWhole('maxReasks', maxReasks, 0);
  demandWhole('minRecords', minRecords, 0);
  if (!(maxRejectRate >= 0 && maxRejectRate <= 1)) {
    throw new GleanerError(
      'option-invalid',
      `Cannot start the run: maxRejectRate must be from 0 to 1, got ${maxRejectRate}`,
    );
  }
  for (const name of ['requestsPerMinute', 'tokensPerMinute', 'maxTotalTokens', 'maxCostUsd'] as const) {
    const value = options[name];
    if (value !== undefined && !(value > 0 && Number.isFinite(value))) {
      throw new GleanerError('option-invalid', `Cannot start the run: ${name} must be above 0, got ${value}`);
    }
  }
  refuseTwoPacers(options);
  refuseLaneInPool(options);
  return { ...options, ...signalsOf(options), limit, concurrency, maxAttempts, maxReasks, maxRejectRate, minRecords };
}

/** Sentences are events too, and what is worth one is told by events: whoever takes either misses nothing. */
function signalsOf({ onEvent, onNotice }: RunOptions): Pick<RunOptions, 'onEvent' | 'onNotice'> {
  if (onEvent === undefined && onNotice === undefined) return {};
  const notice = (message: string): void => {
    onNotice?.(message);
    onEvent?.({ type: 'notice', message });
  };
  const announce = announcePauses(notice);
  return {
    onNotice: notice,
    onEvent: (event) => {
      onEvent?.(event);
      announce(event);
    },
  };
}

/** Batch jobs are paced by nobody, and what they may cost is set aside before any of it is asked for. */
function refuseLaneInPool({ lane, pool }: RunOptions): void {
  if (lane === undefined || pool === undefined) return;
  throw new GleanerError(
    'option-invalid',
    `Cannot start the run: it asks by ${lane.way} jobs, which take no part in the pool at ${pool.name}; leave out one of the two`,
  );
}

/** Of two that set the pace, one would be passed over in silence. */
function refuseTwoPacers({ pacer, quotas, pool, requestsPerMinute, tokensPerMinute }: RunOptions): void {
  const pairs = [
    ['pool', pool, 'pacer', pacer],
    ['pool', pool, 'quotas', quotas],
    ['pacer', pacer, 'quotas', quotas],
    ['pacer', pacer, 'requestsPerMinute', requestsPerMinute],
    ['pacer', pacer, 'tokensPerMinute', tokensPerMinute],
    ['quotas.requests', quotas?.requests, 'requestsPerMinute', requestsPerMinute],
    ['quotas.tokens', quotas?.tokens, 'tokensPerMinute', tokensPerMinute],
  ] as const;
  for (const [one, first, other, second] of pairs) {
    if (first === undefined || second === undefined) continue;
    throw new GleanerError('option-invalid', `Cannot start the run: ${one} and ${other} both set its pace; give one`);
  }
}

function demandWhole(name: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw new GleanerError(
    'option-invalid',
    `Cannot start the run: ${name} must be a whole number from ${least}, got ${value}`,
  );
}
