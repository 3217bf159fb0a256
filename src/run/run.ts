import { join } from 'node:path';
import type { Extraction } from '../extraction/definition.ts';
import type { DefinitionIdentity } from '../extraction/definition-identity.ts';
import { endWhenStuck } from '../records/end-when-stuck.ts';
import { inputSourceOf } from '../records/input-source.ts';
import type { RecordSource } from '../records/record.ts';
import { GleanerError } from '../gleaner-error.ts';
import type { ZodSchema } from '../schema/zod-schema.ts';
import { differingParts, readManifest, type Manifest } from '../store/manifest.ts';
import { adoptCode, withCode } from '../store/code-of-run.ts';
import { StoreError } from '../files/store-error.ts';
import { fileNames } from '../store/run-directory.ts';
import { refuseLostLogs } from '../store/lost-ends.ts';
import { supersede, Superseded } from '../store/superseded.ts';
import { createBudget } from '../accounting/create-budget.ts';
import { prepareExtraction, type PreparedExtraction } from './prepare-extraction.ts';
import { runInDirectory, type RunSummary } from './session/run-in-directory.ts';
import { describeDifferences, runIdentity, adoptService } from './run-identity.ts';
import type { FeedRow } from './session/pending-records.ts';
import { findOutPromise } from './session/promise-keeper.ts';
import { inputPlan } from './session/session-plans.ts';
import { withRunDirectory } from './session/with-run-directory.ts';
import { workingLaneOf } from './lane.ts';
import { settleRunOptions, type RunOptions, type SettledRunOptions } from './run-options.ts';

/**
 * Runs an extraction over an input into a run directory, or continues the run that stands there. A finished run
 * is left as it is: its summary is returned and nothing is sent.
 *
 * @throws {GleanerError} when it cannot start: options, schema, input, or a directory that holds another run
 * @throws the reason of `signal` or `stopSignal` when that aborts before the run has begun
 * @throws {StoreError} when the reports can no longer be written at the end
 */
export async function run<Schema extends ZodSchema, Fields extends object>(
  definition: Extraction<Schema, Fields>,
  runOptions: RunOptions<NoInfer<Fields>>,
): Promise<RunSummary> {
  // What the fields of a record are called matters to those who write the definition and the records only.
  const extraction = definition as unknown as Extraction;
  const options = settleRunOptions(runOptions);
  const prepared = await prepareExtraction(extraction, options);
  for (const warning of prepared.warnings) options.onNotice?.(warning);
  const accounts = createBudget(options, prepared);
  const stops = [options.signal, options.stopSignal].filter((signal) => signal !== undefined);
  const opening = followUntilBegun(stops);
  const input = await inputSourceOf(options.input, {
    ...(options.format === undefined ? {} : { format: options.format }),
    ...(options.delimiter === undefined ? {} : { delimiter: options.delimiter }),
    ...(options.encoding === undefined ? {} : { encoding: options.encoding }),
    ...(options.fillShortRows === undefined ? {} : { fillShortRows: options.fillShortRows }),
    ...(options.stdin === undefined ? {} : { stdin: options.stdin }),
  });
  workingLaneOf(options)?.admit(prepared, input);
  const inputIdentity = await input.identity(opening.signal);
  let isKnown: ((index: number) => boolean) | undefined;
  const source = await input.open(opening.signal, { isKnown: (index) => isKnown?.(index) === true });
  const rows = source[Symbol.asyncIterator]();
  try {
    const first = await rows.next();
    checkColumns(prepared, source);
    let identity = runIdentity({
      definition: prepared.identity,
      input: inputIdentity,
      format: source.format,
      delimiter: options.delimiter,
      encoding: options.encoding,
      fillShortRows: options.fillShortRows,
      service: prepared.service.name,
      code: options.definitionDigest,
    });
    // A run that is finished is confirmed, which needs no credentials.
    if (!isFinished(options)) await opening.race(options.client.prepare?.({ signal: opening.signal }));
    // From here on a stop is the session's matter, which writes down how far it came.
    opening.end();
    return await withRunDirectory(
      { ...options, signal: stops.length === 0 ? undefined : AbortSignal.any(stops) },
      (previous) => {
        if (previous !== undefined && options.definitionDigest === undefined) {
          const hidden = prepared.identity.describeHiddenCode();
          if (hidden !== undefined) options.onNotice?.(hidden);
        }
        identity = admit(previous, identity, options, prepared.identity);
      },
      async ({ directory, cache }) => {
        const superseded = openSuperseded(directory.path);
        try {
          const rest = input.canReopen || stops.length === 0 ? rows : endWhenStuck(rows, AbortSignal.any(stops));
          const promised = await findOutPromise(prepared, options, input);
          const reopen = async (): Promise<AsyncIterator<FeedRow>> =>
            (await input.open(options.signal))[Symbol.asyncIterator]();
          const plan = inputPlan({
            rows: resume(first, rest),
            reopen,
            options,
            prepared,
            identity,
            cache,
            superseded,
            ...promised,
            skipKnownRows: (known) => (isKnown = known),
          });
          return await runInDirectory({ directory, cache, options, prepared, ...accounts, identity, plan });
        } finally {
          superseded?.close();
        }
      },
    );
  } finally {
    opening.end();
    await rows.return?.();
  }
}

/** Whether the directory holds a run that has done all that is asked for. */
function isFinished({ out, limit }: Pick<SettledRunOptions, 'out' | 'limit'>): boolean {
  try {
    const manifest = readManifest(join(out, fileNames.manifest));
    return manifest?.status === 'finished' && (manifest.settings['limit'] ?? Number.POSITIVE_INFINITY) === limit;
  } catch (error) {
    // What is wrong with it is told where the directory is opened.
    if (error instanceof StoreError) return false;
    throw error;
  }
}

/** What comes before a run ends with the reason of the signal that aborts; a run itself ends in order. */
function followUntilBegun(stops: readonly AbortSignal[]): {
  signal: AbortSignal;
  race<Value>(work: Value | Promise<Value>): Promise<Value>;
  end(): void;
} {
  const aborting = new AbortController();
  const { signal } = aborting;
  const follows = stops.map((stop) => {
    const follow = (): void => aborting.abort(stop.reason);
    if (stop.aborted) follow();
    stop.addEventListener('abort', follow, { once: true });
    return () => stop.removeEventListener('abort', follow);
  });
  return {
    signal,
    race: (work) =>
      new Promise((resolve, reject) => {
        const onAbort = (): void => reject(signal.reason);
        if (signal.aborted) onAbort();
        signal.addEventListener('abort', onAbort, { once: true });
        Promise.resolve(work)
          .then(resolve, reject)
          .finally(() => signal.removeEventListener('abort', onAbort));
      }),
    end: () => {
      for (const unfollow of follows) unfollow();
    },
  };
}

/** @throws {GleanerError} when what was set aside cannot be read */
function openSuperseded(path: string): Superseded | undefined {
  try {
    return Superseded.open(path);
  } catch (error) {
    throw error instanceof StoreError ? new GleanerError('directory-unusable', error.message, { cause: error }) : error;
  }
}

/** Where all rows have the same columns, a name that is none of them would fail every record alike. */
function checkColumns({ checkColumns: check }: PreparedExtraction, { columns }: RecordSource): void {
  const refusal = columns && check(columns);
  if (refusal !== undefined) throw new GleanerError('run-differs', refusal);
}

/** The iterator again, with the result that was taken from it in front. */
function resume<Row>(first: IteratorResult<Row, unknown>, rest: AsyncIterator<Row>): AsyncIterator<Row> {
  let isFirstGiven = false;
  return {
    next: () => {
      if (isFirstGiven) return rest.next() as Promise<IteratorResult<Row>>;
      isFirstGiven = true;
      return Promise.resolve(first as IteratorResult<Row>);
    },
  };
}

/** Lets a run be continued that is the same, or whose changes are accepted; any other is refused, saying what differs. */
function admit(
  previous: Manifest | undefined,
  now: Manifest['identity'],
  options: SettledRunOptions,
  definition: DefinitionIdentity,
): Manifest['identity'] {
  if (previous === undefined) return now;
  const mayChange = options.acceptChanges === true;
  if (!mayChange) refuseLostLogs(options.out, 'changes');
  const identity = adoptCode(previous, adoptService(previous, now, { out: options.out, mayChange }));
  const before = withCode(definition.translate(previous.identity), identity['code']);
  const parts = differingParts(before, identity);
  // Whether standard input is the same shows only when it is read, which is too late to set results aside.
  const isUnseen = options.acceptChanges === true && identity['input'] === 'standard input';
  if (parts.length === 0 && !isUnseen) return identity;
  if (options.acceptChanges === true) {
    supersede(options.out);
    return identity;
  }
  throw new GleanerError(
    'run-differs',
    `Cannot continue the run in ${options.out}: ${describeDifferences(parts, before, identity)}. ` +
      'Repeat it as it was begun, use another directory, or accept the changes to ask only for what changed',
    { facts: { advice: 'changes', parts } },
  );
}
