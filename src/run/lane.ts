import type { Budget } from '../accounting/budget.ts';
import type { Prices } from '../accounting/prices.ts';
import type { BatchFigures } from '../accounting/usage-report.ts';
import type { InputSource } from '../records/input-source.ts';
import type { KeptAnswers } from '../store/kept-answers.ts';
import type { RecoveredState } from '../store/recover.ts';
import type { RunDirectory } from '../store/run-directory.ts';
import type { Journal, RecordContext, TaskFeed } from './ports.ts';
import type { PreparedExtraction } from './prepare-extraction.ts';
import type { PendingRecords } from './session/pending-records.ts';
import type { RunJournal } from './session/run-journal.ts';
import type { RunSession, SessionEnd } from './session/run-session.ts';

/** Another way to ask than call by call, as `createBatchLane` makes it. What is in it is between it and the run. */
export interface Lane {
  readonly way: 'batch';
}

/** What a run knows of its lane. */
export interface WorkingLane extends Lane {
  /** Whether answers are kept that do not end their records, because the next question may take another session. */
  readonly keepsAnswers: boolean;
  /** @throws {GleanerError} for a run that cannot go this way, before anything is written or sent */
  admit(prepared: PreparedExtraction, input: InputSource): void;
  /** Works through the records of an opened run, as far as that is possible now. */
  work(run: LaneRun): Promise<LaneEnd>;
}

/** What a lane is given of the run that it works on. */
export interface LaneRun {
  directory: RunDirectory;
  prepared: PreparedExtraction;
  budget: Budget;
  prices: Pick<Prices, 'costOf'>;
  recovered: RecoveredState;
  /** Answers of records that are not done, where they are kept. */
  answers: KeptAnswers | undefined;
  journal: RunJournal;
  signal: AbortSignal | undefined;
  stopSignal: AbortSignal | undefined;
  onNotice: ((notice: string) => void) | undefined;
  /** Begins a pass over the input, from its first row on. */
  openPass(journal: Journal): Promise<{ feed: PendingRecords; close(): Promise<void> }>;
  /** A session that asks for what a feed hands out, as any run does. */
  session(parts: { feed: TaskFeed; journal: Journal; answerFor: NonNullable<RecordContext['answerFor']> }): RunSession;
}

/** How a lane left the run. */
export interface LaneEnd {
  end: SessionEnd;
  figures: BatchFigures | undefined;
  /** An error that no part of gleaner announces; for the caller to throw once everything is written. */
  unexpected: unknown;
}

/** The one place that takes a lane for what it is. */
export function workingLaneOf({ lane }: { lane?: Lane }): WorkingLane | undefined {
  return lane as WorkingLane | undefined;
}
