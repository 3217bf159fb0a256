import { createBudget } from '../accounting/create-budget.ts';
import type { Extraction } from '../extraction/definition.ts';
import { GleanerError } from '../gleaner-error.ts';
import { systemClock } from '../pacing/system-clock.ts';
import { memoryRows } from '../records/memory-rows.ts';
import type { SchemaOutput, ZodSchema } from '../schema/zod-schema.ts';
import { emptyState } from '../store/recover.ts';
import type { EventListener } from './events.ts';
import { prepareExtraction, type PreparedExtraction } from './prepare-extraction.ts';
import { mediaRootOf } from './record/media-root.ts';
import type { Outcome } from './record/outcome.ts';
import { chooseStrategy } from './record/choose-strategy.ts';
import { settleRunOptions, type RunOptions } from './run-options.ts';
import { completeWith } from './session/complete-with.ts';
import { openPacer } from './session/open-pacer.ts';
import { OutcomeQueue } from './session/outcome-queue.ts';
import { PendingRecords, type FeedRow } from './session/pending-records.ts';
import { RunSession, type SessionEnd } from './session/run-session.ts';

export interface ExtractOptions extends Pick<
  RunOptions,
  | 'client'
  | 'model'
  | 'stream'
  | 'idField'
  | 'mediaRoot'
  | 'limit'
  | 'concurrency'
  | 'requestsPerMinute'
  | 'tokensPerMinute'
  | 'quotas'
  | 'pacer'
  | 'maxAttempts'
  | 'maxReasks'
  | 'maxTotalTokens'
  | 'maxCostUsd'
  | 'prices'
  | 'backoff'
  | 'signal'
  | 'stopSignal'
  | 'onNotice'
> {
  /** Called with every event of the calls and records, as it happens. */
  onEvent?: EventListener;
}

/**
 * Extracts records in memory: the same calls, retries, re-asks, quotas and caps as `run`, without a run directory. Outcomes come as
 * they are ready, not in input order; `index` is a record's place. Records are pulled as workers become free, and not while
 * `concurrency` outcomes wait to be taken. Leaving the loop aborts the calls in flight.
 *
 * @example
 * for await (const outcome of extract(receipt, records, { client, concurrency: 32 })) {
 *   if (outcome.status === 'extracted') console.log(outcome.recordId, outcome.data.total);
 * }
 *
 * @throws {GleanerError} when it cannot start, and after the last outcome when something stopped it before the end: code
 * `run-refused` where the service refuses all, `run-stopped` where a cap is used up or the service is down
 * @throws the reason of `signal` when that aborts
 */
export async function* extract<Schema extends ZodSchema, Fields extends object>(
  extraction: Extraction<Schema, Fields>,
  records: Iterable<Fields> | AsyncIterable<Fields>,
  extractOptions: ExtractOptions,
): AsyncGenerator<Outcome<SchemaOutput<Schema>>, void, undefined> {
  const options = settleRunOptions({ ...extractOptions, input: '', out: '' });
  const { onEvent: emit } = options;
  const { client, concurrency, signal, stopSignal } = options;
  signal?.throwIfAborted();
  // Names of columns are checked record by record here, so what the fields are called does not matter to the rest.
  const prepared = await prepareExtraction(extraction as unknown as Extraction, options);
  refusePromise(prepared);
  for (const warning of prepared.warnings) options.onNotice?.(warning);
  const { budget } = createBudget(options, prepared);
  await client.prepare?.({ signal });

  const leaving = new AbortController();
  const queue = new OutcomeQueue({ limit: concurrency, emit });
  const rows = pacedBy(queue, memoryRows(records));
  const { pacer, close: closePacer } = openPacer(emit === undefined ? options : { ...options, onEvent: emit });
  const session = new RunSession({
    feed: new PendingRecords({
      rows,
      limit: options.limit,
      prompt: prepared.prompt,
      recordId: prepared.recordId,
      mediaRoot: mediaRootOf(options.mediaRoot, undefined),
      fingerprint: prepared.fingerprint,
      recovered: emptyState(),
      carryOver: () => undefined,
      onEnd: (outcome) => queue.end(outcome),
    }),
    pacer,
    journal: queue,
    concurrency,
    storeFailure: new AbortController().signal,
    signal: signal === undefined ? leaving.signal : AbortSignal.any([signal, leaving.signal]),
    stopSignal,
    record: {
      complete: await completeWith(client, prepared),
      budget,
      buildRequest: prepared.buildRequest,
      strategy: await chooseStrategy(prepared, { save: refuseMedia, maxReasks: options.maxReasks }),
      clock: systemClock,
      logContent: false,
      maxAttempts: options.maxAttempts,
      backoff: options.backoff ?? {},
      emit,
    },
  });
  const working = session.execute().finally(() => queue.close());
  // Its failure is met below, where it is awaited.
  working.catch(() => undefined);
  try {
    for (let outcome = await queue.take(); outcome !== undefined; outcome = await queue.take()) {
      yield outcome as Outcome<SchemaOutput<Schema>>;
    }
    const ended = await working;
    if (session.unexpected !== undefined) throw session.unexpected;
    signal?.throwIfAborted();
    refuseEarlyEnd(ended);
  } finally {
    leaving.abort(new Error('Nobody takes outcomes any more'));
    queue.close();
    await working.catch(() => undefined);
    await closePacer();
    await rows.return?.(undefined);
  }
}

/** The rows, each pulled when there is room for its outcome. */
async function* pacedBy(
  queue: OutcomeQueue,
  rows: AsyncGenerator<FeedRow, void, undefined>,
): AsyncGenerator<FeedRow, void, undefined> {
  await queue.room();
  for await (const row of rows) {
    yield row;
    await queue.room();
  }
}

/** Which records are held against the strong model is chosen among all of them, and here each is seen once. */
function refusePromise({ name, reading }: PreparedExtraction): void {
  if (reading.cascade?.agree === undefined) return;
  throw new GleanerError(
    'run-refused',
    `Cannot extract ${name} in memory with the promise of cascade.agree: the records for that are chosen among all; use run over a file or a list, or leave cascade.agree out`,
  );
}

function refuseMedia(): never {
  throw new GleanerError(
    'media-unusable',
    'Cannot keep pictures of an answer: extract has no directory for them; use run, which writes them below its own',
  );
}

function refuseEarlyEnd({ status, reason = 'Something stopped the extraction', facts }: SessionEnd): void {
  if (status === 'finished' || status === 'interrupted') return;
  throw new GleanerError(
    status === 'refused' ? 'run-refused' : 'run-stopped',
    reason,
    facts === undefined ? {} : { facts },
  );
}
