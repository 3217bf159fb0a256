import type { ReportAggregates } from '../../accounting/run-profile.ts';
import type { UsageTally } from '../../accounting/usage-tally.ts';
import type { AnsweredEntry, AttemptEntry, CallEntry, RejectEntry, ResultEntry } from '../../store/entries.ts';
import { rowsOf, type RecoveredState } from '../../store/recover.ts';
import type { KeptAnswers } from '../../store/kept-answers.ts';
import type { RunDirectory } from '../../store/run-directory.ts';
import type { Commit } from '../../store/run-logs.ts';
import type { Trial } from '../../cascade/threshold.ts';
import type { JsonValue } from '../../json/value.ts';
import type { Journal, OpenedCall } from '../ports.ts';
import type { EventListener } from '../events.ts';
import { tellRecordEnd } from '../record/call-events.ts';
import type { Outcome } from '../record/outcome.ts';
import { isPassingReject } from '../record/reject-reason.ts';

export interface RunJournalOptions {
  directory: RunDirectory;
  tally: UsageTally;
  aggregates: ReportAggregates;
  /** Where records take several calls. */
  answers: KeptAnswers | undefined;
  nextCall: number;
  /** Kept up to date with what ends, where a checkpoint is to be written. */
  recovered?: Pick<RecoveredState, 'endedRows' | 'badRows' | 'settledCalls'> | undefined;
  extracted: number;
  reused: number;
  rejected: number;
  /** Told of ends that no call decided; the others are told by whoever makes the calls. */
  emit: EventListener | undefined;
  /** Told of cheap answers that were held against the strong model's. */
  onTrial?: ((trial: Trial) => void) | undefined;
  /** Called before anything is written in this session. */
  onFirstEntry(): void;
  /** Called with every new answer. */
  onAnswer(answer: { fingerprint: string; data: JsonValue; answer: JsonValue; model: string | undefined }): void;
}

/** Writes calls and outcomes into the run directory and keeps count of them. */
export class RunJournal implements Journal {
  readonly #directory: RunDirectory;
  readonly #tally: UsageTally;
  readonly #aggregates: ReportAggregates;
  readonly #answers: KeptAnswers | undefined;
  #nextCall: number;
  readonly #recovered: RunJournalOptions['recovered'];
  readonly #onAnswer: RunJournalOptions['onAnswer'];
  readonly #onFirstEntry: () => void;
  readonly #emit: EventListener | undefined;
  readonly #onTrial: ((trial: Trial) => void) | undefined;
  #extracted: number;
  #reused: number;
  #rejected: number;
  #entries = 0;

  constructor(options: RunJournalOptions) {
    this.#directory = options.directory;
    this.#tally = options.tally;
    this.#aggregates = options.aggregates;
    this.#answers = options.answers;
    this.#nextCall = options.nextCall;
    this.#recovered = options.recovered;
    this.#onAnswer = options.onAnswer;
    this.#onFirstEntry = options.onFirstEntry;
    this.#emit = options.emit;
    this.#onTrial = options.onTrial;
    this.#extracted = options.extracted;
    this.#reused = options.reused;
    this.#rejected = options.rejected;
  }

  /** Next free call ordinal. */
  get nextCall(): number {
    return this.#nextCall;
  }

  get extracted(): number {
    return this.#extracted;
  }

  get reused(): number {
    return this.#reused;
  }

  get rejected(): number {
    return this.#rejected;
  }

  /** Whether anything was written down in this session. */
  get isEmpty(): boolean {
    return this.#entries === 0;
  }

  /** An ordinal for a call that needs no note, because nothing is sent for it. */
  takeOrdinal(): number {
    this.#nextCall += 1;
    return this.#nextCall - 1;
  }

  open({ id, index, attempt, kind, at, mayCost }: Omit<CallEntry, 'call'>): OpenedCall {
    const ordinal = this.#nextCall;
    this.#nextCall += 1;
    this.#enter();
    const note: CallEntry = { call: ordinal, id, index, attempt, kind, at };
    if (mayCost !== undefined) note.mayCost = mayCost;
    return { ordinal, isNoted: this.#directory.noteCall(note) };
  }

  settle(attempt: AttemptEntry, outcome?: Outcome, answered?: AnsweredEntry): void {
    const commit: Commit = outcome === undefined ? {} : commitOf(outcome);
    commit.attempt = attempt;
    if (this.#answers !== undefined) this.#keep(this.#answers, commit, outcome, answered);
    this.#enter();
    this.#directory.commit(commit);
    this.#count(commit);
    if (outcome?.status !== 'extracted') return;
    const { fingerprint, json: data, answer = data } = outcome;
    this.#onAnswer({ fingerprint, data, answer, model: attempt.model });
  }

  /** Enters an outcome that no further call decided. */
  end(outcome: Outcome): void {
    const commit = commitOf(outcome);
    if (this.#answers !== undefined) this.#keep(this.#answers, commit, outcome, undefined);
    this.#enter();
    this.#directory.commit(commit);
    this.#count(commit);
    if (this.#emit !== undefined) tellRecordEnd(this.#emit, outcome);
  }

  #keep(answers: KeptAnswers, commit: Commit, outcome: Outcome | undefined, answered: AnsweredEntry | undefined): void {
    if (answered !== undefined) {
      commit.answered = answered;
      answers.note(answered);
    }
    if (outcome === undefined || outcome.recordId === null || outcome.fingerprint === undefined) return;
    const { recordId: id, fingerprint } = outcome;
    // What failed in transport may be asked again, and goes on from where it was.
    const isLasting = outcome.status === 'extracted' || !isPassingReject(outcome.reason.code);
    const ended = answers.end({ id, fingerprint }, isLasting);
    // A result says that its record is done; a reject is taken back where it is asked again.
    if (ended !== undefined && outcome.status === 'rejected') commit.answered = ended;
  }

  #enter(): void {
    if (this.#entries === 0) this.#onFirstEntry();
    this.#entries += 1;
  }

  #count({ attempt, result, reject }: Commit): void {
    if (attempt !== undefined) {
      this.#tally.addAttempt(attempt);
      this.#aggregates.addAttempt(attempt);
      this.#recovered?.settledCalls.add(attempt.call);
    }
    if (result !== undefined) {
      this.#extracted += 1;
      if (result.reused === true) this.#reused += 1;
      this.#aggregates.addResult(result);
      this.#recovered?.endedRows.add(result.index);
      if (result.trial !== undefined) this.#onTrial?.(result.trial);
    }
    if (reject !== undefined) {
      this.#rejected += 1;
      this.#tally.addReject(reject.error.code);
      this.#aggregates.addReject(reject);
      if (this.#recovered !== undefined) rowsOf(this.#recovered, reject).add(reject.index);
      if (reject.trial !== undefined) this.#onTrial?.(reject.trial);
    }
  }
}

function commitOf(outcome: Outcome): Commit {
  return outcome.status === 'extracted' ? { result: resultEntry(outcome) } : { reject: rejectEntry(outcome) };
}

function resultEntry(outcome: Outcome & { status: 'extracted' }): ResultEntry {
  const {
    recordId: id,
    index,
    json: data,
    answer,
    attempts,
    usage: tokens,
    fingerprint,
    repaired,
    coerced,
    stage,
    confidence,
    logprobs,
    conflicts,
    trial,
  } = outcome;
  const entry: ResultEntry = { id, index, data, attempts, tokens, fingerprint };
  if (answer !== undefined) entry.answer = answer;
  if (outcome.isReused) entry.reused = true;
  if (repaired !== undefined) entry.repaired = repaired;
  if (coerced !== undefined) entry.coerced = coerced;
  if (stage !== undefined) entry.stage = stage;
  if (confidence !== undefined) entry.confidence = confidence;
  if (logprobs !== undefined) entry.logprobs = logprobs;
  if (conflicts !== undefined) entry.conflicts = conflicts;
  if (trial !== undefined) entry.trial = trial;
  return entry;
}

function rejectEntry(outcome: Outcome & { status: 'rejected' }): RejectEntry {
  const { recordId: id, index, reason: error, attempts, usage: tokens, record, answer, fingerprint } = outcome;
  return {
    id,
    index,
    error,
    attempts,
    tokens,
    record,
    ...(answer === undefined ? {} : { answer }),
    ...(fingerprint === undefined ? {} : { fingerprint }),
    ...(outcome.trial === undefined ? {} : { trial: outcome.trial }),
  };
}
