import { existsSync } from 'node:fs';
import type { Budget } from '../../accounting/budget.ts';
import type { Prices } from '../../accounting/prices.ts';
import type { UsageReport } from '../../accounting/usage-report.ts';
import type { PromiseKeeper } from '../../cascade/calibration.ts';
import type { Trial } from '../../cascade/threshold.ts';
import { GleanerError, type ErrorFacts } from '../../gleaner-error.ts';
import { systemClock } from '../../pacing/system-clock.ts';
import type { AnswerCache } from '../../store/answer-cache.ts';
import type { Manifest } from '../../store/manifest.ts';
import type { RunDirectory } from '../../store/run-directory.ts';
import type { KeptAnswers } from '../../store/kept-answers.ts';
import type { RecoveredState } from '../../store/recover.ts';
import { workingLaneOf, type LaneEnd } from '../lane.ts';
import type { RecordContext, RecordTask } from '../ports.ts';
import type { PreparedExtraction } from '../prepare-extraction.ts';
import type { Outcome } from '../record/outcome.ts';
import { chooseStrategy } from '../record/choose-strategy.ts';
import type { SettledRunOptions } from '../run-options.ts';
import { checkpointKey, Checkpoints } from './checkpoints.ts';
import { completeWith } from './complete-with.ts';
import { finishRun, isConfirmation } from './finish-run.ts';
import { workingPoolOf, type PoolMember } from '../pool.ts';
import { beginWith, knownCapacity } from './known-capacity.ts';
import { openPacer } from './open-pacer.ts';
import { openRun } from './open-run.ts';
import { isKnownEnd, PendingRecords, type FeedRow } from './pending-records.ts';
import { RunJournal } from './run-journal.ts';
import { liveView } from './run-progress.ts';
import { RunSession, type RunSessionOptions, type SessionEnd } from './run-session.ts';

/** How a run ended: usage.json's content, and where everything stands. */
export interface RunSummary extends UsageReport {
  /** The run directory. */
  out: string;
  /** Records that ended in this session. Not part of usage.json. */
  session: { extracted: number; rejected: number };
  /** What the refusal that ended the run is about; absent where none did. Not part of usage.json. */
  facts?: ErrorFacts;
}

/** What a session over a run directory works through, and what it makes of the run. */
export interface SessionPlan {
  /** How a cascade keeps its promise, where it makes one. */
  calibration?: PromiseKeeper | undefined;
  /** Has the rows wait until every record that was taken has come back; set before they are read. */
  setIdle?: ((whenIdle: () => Promise<void>) => void) | undefined;
  rows: AsyncIterator<FeedRow>;
  /**
   * Tells the rows which of them nobody needs the fields of; absent where the rows or the definition may have changed unseen, so that each
   * ended record is to be compared with what was answered.
   */
  skipsKnownRows?: ((isKnown: (index: number) => boolean) => void) | undefined;
  /** The rows again, from the first on, where they can be had. */
  reopen?(): Promise<AsyncIterator<FeedRow>>;
  /** How the same record ended before, where that is taken again. */
  reuse(task: RecordTask): Promise<Outcome | undefined> | undefined;
  /** Fingerprints that the same record had under earlier versions. */
  earlierFingerprints: PreparedExtraction['earlierFingerprints'];
  /** The directory below which files lie that records name. */
  mediaRoot(previous: Manifest | undefined): string;
  /** What run.json says of the settings; no secrets. */
  settings(previous: Manifest | undefined): Manifest['settings'];
  /** How the end of the session leaves the run, and how many rows of the input were not taken, where that is known. */
  end(
    ended: SessionEnd,
    previous: Manifest | undefined,
    countRest: () => Promise<number | undefined>,
  ): Promise<{ end: SessionEnd; rest: number | undefined }>;
}

export interface DirectoryRun {
  directory: RunDirectory;
  options: SettledRunOptions;
  prepared: PreparedExtraction;
  budget: Budget;
  prices: Prices;
  cache: AnswerCache | undefined;
  identity: Manifest['identity'];
  plan: SessionPlan;
}

/** After a stop, the rest of the input is counted for at most so long. */
const COUNT_REST_MS = 5000;

/** Opens the run that the directory holds, runs one session over the plan's rows, and finishes. */
export async function runInDirectory(work: DirectoryRun): Promise<RunSummary> {
  const { directory, options, prepared, budget, prices, cache, identity, plan } = work;
  const { calibration } = plan;
  const save = (path: string, bytes: Uint8Array): void => directory.writeMedia(path, bytes);
  const strategy = await chooseStrategy(prepared, { save, maxReasks: options.maxReasks, calibration });
  const lane = workingLaneOf(options);
  const isKept = strategy.allOf !== undefined || lane?.keepsAnswers === true;
  const canSkip = plan.skipsKnownRows !== undefined && lane === undefined && !isKept;
  const key = canSkip && !existsSync(directory.file('answered')) ? checkpointKey(identity, prices) : undefined;
  const opened = openRun({
    directory,
    budget,
    prices,
    model: prepared.model,
    identity,
    outputSchema: prepared.derived.outputSchema,
    settings: plan.settings,
    onNotice: options.onNotice,
    onTrial: onTrialOf(calibration),
    checkpointKey: key,
  });
  const { recovered, tally, aggregates, manifest, previous } = opened;
  if (recovered.input !== undefined) plan.skipsKnownRows?.((index) => isKnownEnd(recovered, index));
  const answers = await keptAnswersOf(directory, isKept, recovered);
  const journal = new RunJournal({
    directory,
    answers,
    tally,
    aggregates,
    nextCall: recovered.nextCall,
    recovered: key === undefined ? undefined : recovered,
    extracted: recovered.extracted,
    reused: recovered.reused,
    rejected: recovered.rejected,
    emit: options.onEvent,
    onTrial: onTrialOf(calibration),
    onFirstEntry: () => manifest.begin(),
    onAnswer: ({ fingerprint, model, ...answer }) =>
      cache?.put(fingerprint, {
        ...answer,
        at: new Date().toISOString(),
        ...(model === undefined ? {} : { model }),
      }),
  });
  const makeFeed = (rows: AsyncIterator<FeedRow>, onEnd: (outcome: Outcome) => void): PendingRecords =>
    new PendingRecords({
      rows,
      limit: options.limit,
      prompt: prepared.prompt,
      recordId: prepared.recordId,
      mediaRoot: plan.mediaRoot(previous),
      fingerprint: prepared.fingerprint,
      earlierFingerprints: plan.earlierFingerprints,
      recovered,
      carryOver: plan.reuse,
      onEnd,
    });
  let feed = makeFeed(plan.rows, (outcome) => journal.end(outcome));
  const checkpoints =
    key === undefined ? undefined : new Checkpoints({ key, directory, opened, journal, feed, budget, prices });
  const { pacer, budget: limit, close: closeLimits } = limitsOf(work, knownCapacity(previous, identity));
  options.onStart?.(liveView({ rowsTaken: () => feed.rowsTaken, journal, tally, pacer, budget: limit, recovered }));
  const complete = await completeWith(options.client, prepared);
  const makeSession = (
    parts: Pick<RunSessionOptions, 'feed' | 'journal'> & Pick<RecordContext, 'answerFor'>,
  ): RunSession =>
    new RunSession({
      feed: parts.feed,
      pacer,
      journal: parts.journal,
      concurrency: options.concurrency,
      leavesUnanswered: true,
      storeFailure: directory.failure,
      signal: options.signal,
      stopSignal: options.stopSignal,
      record: {
        complete,
        answerFor: parts.answerFor,
        budget: limit,
        buildRequest: prepared.buildRequest,
        strategy,
        answers,
        clock: systemClock,
        logContent: options.logContent ?? false,
        maxAttempts: options.maxAttempts,
        backoff: options.backoff ?? {},
        emit: options.onEvent,
      },
    });
  const endedBefore = recovered.extracted + recovered.rejected;
  options.onEvent?.({ type: 'run-start', extraction: prepared.name, out: directory.path, endedBefore });
  const workAlong = async (): Promise<LaneEnd> => {
    if (lane === undefined) {
      const session = makeSession({ feed, journal });
      plan.setIdle?.(() => session.whenIdle());
      const end = await session.execute();
      return { end, figures: undefined, unexpected: session.unexpected };
    }
    let isFirst = true;
    return lane.work({
      ...work,
      recovered,
      answers,
      journal,
      signal: options.signal,
      stopSignal: options.stopSignal,
      onNotice: options.onNotice,
      session: makeSession,
      openPass: async (passJournal) => {
        const rows = isFirst || plan.reopen === undefined ? plan.rows : await plan.reopen();
        isFirst = false;
        answers?.rewind();
        feed = makeFeed(rows, (outcome) => passJournal.end(outcome));
        return { feed, close: async () => void (await rows.return?.()) };
      },
    });
  };
  let done: LaneEnd;
  try {
    done = await workAlong();
  } finally {
    await checkpoints?.close();
    await closeLimits();
  }
  const { end: ended, figures } = done;
  // Repeating the command on a finished run never changes its status.
  if (ended.status === 'refused' && isConfirmation({ previous, journal, recovered })) {
    throw new GleanerError('run-refused', ended.reason ?? 'The run was refused', { facts: ended.facts ?? {} });
  }
  const left = await plan.end(ended, previous, () => countRest(feed));
  const usage = finishRun({
    ...opened,
    ...left,
    isPart: options.isPart,
    ended,
    callsInFlight: journal.nextCall > recovered.nextCall ? pacer.callsBorne : undefined,
    figures,
    directory,
    journal,
    answers,
    calibration,
    extraction: prepared.name,
    model: prepared.model,
    limits: {
      totalTokens: options.maxTotalTokens ?? null,
      costUsd: options.maxCostUsd ?? null,
      maxRejectRate: options.maxRejectRate,
      minRecords: options.minRecords,
    },
    budget,
    prices,
    cache: options.cache,
  });
  const { status, reason } = left.end;
  options.onEvent?.({ type: 'session-end', status, ...(reason === undefined ? {} : { reason }) });
  if (done.unexpected !== undefined) throw done.unexpected;
  const session = {
    extracted: journal.extracted - recovered.extracted,
    rejected: journal.rejected - recovered.rejected,
  };
  return { ...usage, out: directory.path, session, ...(ended.facts === undefined ? {} : { facts: ended.facts }) };
}

/** What paces and caps the calls of a run: its own limits, within those of a pool where it is in one. */
function limitsOf(
  { directory, options, prepared, budget, prices }: DirectoryRun,
  known: number | undefined,
): PoolMember {
  const pool = workingPoolOf(options);
  if (pool === undefined) return { budget, ...openPacer({ ...options, knownCapacity: known }) };
  return pool.enter({
    directory: directory.path,
    isHeld: () => !directory.failure.aborted,
    name: prepared.name,
    service: prepared.service,
    model: prepared.model,
    isPriced: prices.worstCost({ model: undefined, promptTokens: 1, outputTokens: 1 }) !== undefined,
    budget,
    rates: options,
    openPacer: (quotas, borne) =>
      openPacer({
        concurrency: options.concurrency,
        quotas,
        knownCapacity: known ?? beginWith(borne),
        ...eventsOf(options),
      }),
    onNotice: options.onNotice,
    emit: options.onEvent,
  });
}

function eventsOf({ onEvent }: SettledRunOptions): Pick<SettledRunOptions, 'onEvent'> {
  return onEvent === undefined ? {} : { onEvent };
}

function onTrialOf(calibration: PromiseKeeper | undefined): ((trial: Trial) => void) | undefined {
  return calibration && ((trial) => calibration.add(trial));
}

/** What an earlier session was answered for records that it did not complete; undefined where nothing is kept, and nothing was. */
async function keptAnswersOf(
  directory: RunDirectory,
  isKept: boolean,
  { endedContents }: RecoveredState,
): Promise<KeptAnswers | undefined> {
  if (!isKept && !existsSync(directory.file('answered'))) return undefined;
  const { KeptAnswers: Kept } = await import('../../store/kept-answers.ts');
  return Kept.open(directory.file('answered'), (contents) => endedContents.has(contents));
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
