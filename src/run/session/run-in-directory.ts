import type { CompletionClient, StreamingClient } from '../../completion/client.ts';
import { Pacer } from '../../pacing/pacer.ts';
import { GleanerError } from '../../gleaner-error.ts';
import { ReportAggregates } from '../../accounting/run-profile.ts';
import { htmlReport } from '../../report/html/report.ts';
import type { UsageReport } from '../../accounting/usage-report.ts';
import { UsageTally } from '../../accounting/usage-tally.ts';
import type { AnswerCache } from '../../store/answer-cache.ts';
import type { Manifest, Session } from '../../store/manifest.ts';
import { isOfFormerCode } from '../../store/code-of-run.ts';
import { isOfFormerService } from '../../store/service-of-run.ts';
import { recover } from '../../store/recover.ts';
import type { RunDirectory } from '../../store/run-directory.ts';
import { StoreError } from '../../store/store-error.ts';
import { Superseded } from '../../store/superseded.ts';
import type { Budget } from '../../accounting/budget.ts';
import { carryOver } from './carry-over.ts';
import { ManifestWriter } from './manifest-writer.ts';
import type { RecordContext } from '../ports.ts';
import type { PreparedExtraction } from '../prepare-extraction.ts';
import { systemClock } from '../../pacing/system-clock.ts';
import { singleStage } from '../record/single-stage.ts';
import type { Prices } from '../../accounting/prices.ts';
import { PendingRecords, type FeedRow } from './pending-records.ts';
import { rejectAdvice } from './reject-advice.ts';
import { RunJournal } from './run-journal.ts';
import type { SettledRunOptions } from '../run-options.ts';
import { liveView } from './run-progress.ts';
import { RunSession, type SessionEnd } from './run-session.ts';

/** How a run ended: usage.json's content, and where everything stands. */
export interface RunSummary extends UsageReport {
  /** The run directory. */
  out: string;
}

/** After a stop, the rest of the input is counted for at most so long. */
const COUNT_REST_MS = 5000;

export interface DirectoryRun {
  directory: RunDirectory;
  options: SettledRunOptions;
  prepared: PreparedExtraction;
  budget: Budget;
  prices: Prices;
  cache: AnswerCache | undefined;
  identity: Manifest['identity'];
  rows: AsyncIterator<FeedRow>;
  /** Whether the rows are rejects of the run that get another try. Default false. */
  isRetry?: boolean;
}

/** Reads back what the directory holds, runs one session over the rows, and writes the reports. */
export async function runInDirectory({
  directory,
  options,
  prepared,
  budget,
  prices,
  cache,
  identity,
  rows,
  isRetry = false,
}: DirectoryRun): Promise<RunSummary> {
  const previous = beforeStart(() => directory.readManifest());
  const superseded = isRetry ? undefined : beforeStart(() => Superseded.open(directory.path));
  const tally = new UsageTally({
    priceCall: (entry) => prices.costOf(entry),
    model: prepared.model,
  });
  const aggregates = new ReportAggregates();
  const recovered = beforeStart(() =>
    recover(directory, {
      onResult: (entry) => aggregates.addResult(entry),
      onAttempt: (entry) => {
        tally.addAttempt(entry);
        aggregates.addAttempt(entry);
        budget.addEarlier(entry);
      },
      onReject: (entry) => {
        tally.addReject(entry.error.code);
        aggregates.addReject(entry);
      },
    }),
  );
  for (const notice of recovered.notices) options.onNotice?.(notice);
  const journal = new RunJournal({
    directory,
    tally,
    aggregates,
    nextCall: recovered.nextCall,
    extracted: recovered.extracted,
    reused: recovered.reused,
    rejected: recovered.rejected,
    onAnswer: ({ fingerprint, data, answer, model }) =>
      cache?.put(fingerprint, {
        data,
        answer,
        at: new Date().toISOString(),
        ...(model === undefined ? {} : { model }),
      }),
  });
  const earlierFingerprints = isOfFormerService({ identity })
    ? prepared.formerFingerprints
    : prepared.earlierFingerprints;
  const carried = {
    superseded,
    cache,
    isFormer: isOfFormerCode({ identity }),
    judgeAgain: prepared.judgeAgain,
    earlierFingerprints,
  };
  const feed = new PendingRecords({
    rows,
    limit: options.limit,
    prompt: prepared.prompt,
    recordId: prepared.recordId,
    fingerprint: prepared.fingerprint,
    earlierFingerprints,
    recovered,
    // Who retries wants another answer than the one that is there.
    carryOver: (task) => (isRetry ? undefined : carryOver(task, carried)),
    onEnd: (outcome) => journal.end(outcome),
  });
  const pacer = new Pacer({
    concurrency: options.concurrency,
    requestsPerMinute: options.requestsPerMinute,
    tokensPerMinute: options.tokensPerMinute,
  });
  const settings = isRetry ? { ...previous?.settings, ...options.settings } : settingsOf(options);
  const manifest = new ManifestWriter(directory, previous, identity, settings);
  // A finished run is most likely just being confirmed: its manifest is left alone until there is something to write.
  if (previous?.status !== 'finished') beforeStart(() => manifest.begin());
  options.onStart?.(liveView({ feed, journal, tally, pacer, recovered }));

  const complete = await completeWith(options.client, prepared);
  const session = new RunSession({
    feed,
    pacer,
    journal,
    concurrency: options.concurrency,
    storeFailure: directory.failure,
    signal: options.signal,
    abortSignal: options.abortSignal,
    record: {
      complete,
      budget,
      buildRequest: prepared.buildRequest,
      strategy: singleStage({
        judge: (completion, { index }) =>
          prepared.judge(completion, { index, save: (path, bytes) => directory.writeMedia(path, bytes) }),
        tools: prepared.tools,
        maxToolRounds: prepared.maxToolRounds,
        maxReasks: options.maxReasks,
      }),
      clock: systemClock,
      logContent: options.logContent ?? false,
      maxAttempts: options.maxAttempts,
      backoff: options.backoff ?? {},
    },
  });
  let ended: SessionEnd;
  try {
    ended = await session.execute();
  } finally {
    await pacer.close();
    superseded?.close();
  }
  // Whatever ends the mere confirmation of a finished run, the run stays finished.
  const isConfirmed = previous?.status === 'finished' && journal.isEmpty && recovered.openCalls === 0;
  if (isConfirmed && ended.status === 'refused')
    throw new GleanerError('run-refused', ended.reason ?? 'The run was refused');

  const areRetriesDone = isRetry && ended.status === 'finished';
  // A retry says nothing of the rows that the run itself has not come to.
  const end: SessionEnd = areRetriesDone ? endOfRun(previous, ended) : ended;
  const rest = end.status === 'finished' ? 0 : areRetriesDone ? undefined : await countRest(feed);
  if (!isConfirmed) manifest.end(end);
  const { sessions } = manifest;
  const usage: UsageReport = {
    status: end.status,
    reason: end.reason ?? null,
    extraction: prepared.extraction.name,
    model: prepared.model ?? null,
    startedAt: sessions[0]?.startedAt ?? '',
    endedAt: sessions.at(-1)?.endedAt ?? '',
    wallMs: wallMs(sessions),
    records: {
      read: journal.extracted + journal.rejected + end.unfinished,
      extracted: journal.extracted,
      rejected: journal.rejected,
      reused: journal.reused,
      remaining: rest === undefined ? null : rest + end.unfinished,
    },
    limits: { totalTokens: options.maxTotalTokens ?? null, costUsd: options.maxCostUsd ?? null },
    ...tally.report(),
  };
  if (!isConfirmed) {
    try {
      if (!directory.failure.aborted) {
        directory.flush();
        directory.checkPlaces();
      }
      directory.writeReport('profile', `${JSON.stringify(aggregates.profile(), null, 2)}\n`);
      directory.writeReport('usage', `${JSON.stringify(usage, null, 2)}\n`);
      manifest.save();
      directory.writeReport(
        'report',
        htmlReport({ usage, manifest: manifest.manifest, aggregates, advice: rejectAdvice }),
      );
      if (ended.status === 'finished') directory.endRetrying();
    } catch (error) {
      // What made the directory fail first says more than that the reports met the same.
      throw directory.failure.aborted ? directory.failure.reason : error;
    }
  }
  if (session.unexpected !== undefined) throw session.unexpected;
  return { ...usage, out: directory.path };
}

/** After a retry, a run that was not finished is what it was before. */
function endOfRun(previous: Manifest | undefined, ended: SessionEnd): SessionEnd {
  if (previous === undefined || previous.status === 'finished' || previous.status === 'running') return ended;
  return { ...ended, status: previous.status, reason: previous.sessions.at(-1)?.reason };
}

/** Undefined where the rest cannot be counted: in time, or at all. */
async function countRest(feed: PendingRecords): Promise<number | undefined> {
  try {
    return await feed.countRest(Date.now() + COUNT_REST_MS);
  } catch {
    // The run has its end already; that the input breaks off behind it is for the next session to say.
    return undefined;
  }
}

/** How a call is made: in one piece, or as a stream that is watched. */
async function completeWith(
  client: CompletionClient,
  prepared: PreparedExtraction,
): Promise<RecordContext['complete']> {
  if (!prepared.isStreamed) {
    return async (request, signal) => ({ completion: await client.complete(request, { signal }) });
  }
  if (!('stream' in client)) {
    throw new GleanerError(
      'run-refused',
      'Cannot stream answers: the client has no stream method; use createVertexClient, or leave streaming off',
    );
  }
  // Loaded here, because most runs do not stream.
  const { streamAnswer } = await import('../record/stream-answer.ts');
  const { streamSchema } = await import('../../answer/early-stop/stream-schema.ts');
  const { request, schema } = prepared.extraction;
  const thinkingBudget =
    request?.thinking !== undefined && 'budget' in request.thinking ? request.thinking.budget : undefined;
  const options = { client: client as StreamingClient, schema: streamSchema(schema), thinkingBudget };
  return (call, signal) => streamAnswer(call, signal, options);
}

/** Before anything is sent, a directory that cannot be used is a reason not to start. */
function beforeStart<Value>(action: () => Value): Value {
  try {
    return action();
  } catch (error) {
    throw error instanceof StoreError ? new GleanerError('run-refused', error.message, { cause: error }) : error;
  }
}

/** What run.json says of the settings: those that shape the run, none that could hold a secret. */
function settingsOf(options: SettledRunOptions): Manifest['settings'] {
  return {
    input: options.input,
    limit: Number.isFinite(options.limit) ? options.limit : null,
    concurrency: options.concurrency,
    requestsPerMinute: options.requestsPerMinute ?? null,
    tokensPerMinute: options.tokensPerMinute ?? null,
    maxAttempts: options.maxAttempts,
    maxReasks: options.maxReasks,
    ...options.settings,
  };
}

function wallMs(sessions: readonly Readonly<Session>[]): number {
  let sum = 0;
  for (const { startedAt, endedAt } of sessions)
    if (endedAt !== null) sum += Date.parse(endedAt) - Date.parse(startedAt);
  return sum;
}
