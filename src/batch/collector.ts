import type { ChatRequest } from '../completion/request.ts';
import { listTexts } from '../native/digest-texts.ts';
import { toNativeContents } from '../native/native-contents.ts';
import type { Budget } from '../accounting/budget.ts';
import type { EarlierAnswer, RecordTask } from '../run/ports.ts';
import type { Outcome } from '../run/record/outcome.ts';
import type { RunJournal } from '../run/session/run-journal.ts';
import type { AnsweredEntry, AttemptEntry } from '../store/entries.ts';
import type { RunDirectory } from '../store/run-directory.ts';
import type { BatchLog } from './batch-log.ts';
import type { Shard } from './batch-state.ts';
import { findEnded, type EndedRecord } from './ended-records.ts';
import { JobOutput, type FoundLine } from './job-output.ts';
import type { MediaUploads } from './media-uploads.ts';
import type { LaneJournal } from './lane-journal.ts';
import { entryOfLine, placeOf } from './line-entry.ts';
import { readLineAnswer, type LineAnswer } from './read-line.ts';
import { ShardAccount } from './shard-account.ts';
import type { Spool } from './spool.ts';

interface Collecting {
  account: ShardAccount;
  output: JobOutput | undefined;
  /** Records that have their answer, and are not done: their ids by row. */
  answered: Map<number, string>;
}

export interface CollectorParts {
  directory: RunDirectory;
  log: BatchLog;
  spool: Spool;
  budget: Budget;
  journal: RunJournal;
  laneJournal: LaneJournal;
  media: MediaUploads;
}

/** Takes the answers of ended jobs to their records, and each line of theirs into the ledger, once. */
export class Collector {
  readonly #parts: CollectorParts;
  readonly #work = new Map<number, Collecting>();

  constructor(parts: CollectorParts) {
    this.#parts = parts;
    for (const shard of parts.log.state.live) this.watch(shard, { isCommitted: true });
  }

  /** Follows a shard; what was set aside for it before it was planned need not be set aside again. */
  watch(shard: Shard, { isCommitted }: { isCommitted: boolean }): void {
    if (isCommitted) this.#parts.budget.hold(shard.mayCost, { isCommitted });
    this.#work.set(shard.shard, { account: new ShardAccount(shard), output: undefined, answered: new Map() });
  }

  /** A line of the ledger of an earlier session: what it cost is counted as spent already. */
  noteEntered(entry: AttemptEntry): void {
    const { via, job, line } = entry;
    if (via === undefined || job === undefined || line === undefined) return;
    const shard = this.#parts.log.state.find(job);
    const collecting = shard && this.#work.get(shard.shard);
    if (collecting !== undefined) this.#parts.budget.giveBack(collecting.account.enter(line, entry));
  }

  /** Opens the output of a job that has ended, for the pass to come. */
  async open(shard: Shard): Promise<void> {
    const collecting = this.#of(shard);
    const path = this.#parts.spool.output(shard.shard);
    if (collecting.output === undefined && this.#parts.spool.has(path)) {
      collecting.output = await JobOutput.open(path, shard.rows);
    }
  }

  /** Told of a record that has so many answers, and goes on: lines of these are its own, should a kill have kept them out of the ledger. */
  noteAnswered({ id, index }: RecordTask, answers: number): void {
    for (const shard of this.#parts.log.state.live) {
      if (shard.stage === 'ended' && shard.question < answers && shard.rows.has(index)) {
        this.#of(shard).answered.set(index, id);
      }
    }
  }

  /** The answer that a job has brought for a record; `failed` where it says that there is none for now. */
  answer(shard: Shard, task: RecordTask, request: ChatRequest): EarlierAnswer | 'missing' | 'failed' {
    const collecting = this.#of(shard);
    const texts = listTexts(toNativeContents(this.#parts.media.rename(request).messages));
    const found = collecting.output?.find(task.index, texts);
    if (found === undefined) return 'missing';
    const end = readLineAnswer(found.value);
    if ('error' in end && end.error.isRetryable) {
      const entry = entryOfLine(shard, found.line, end);
      this.#enter(collecting, { ...entry, id: task.id, index: task.index, outcome: 'failed' });
      return 'failed';
    }
    return {
      end,
      entry: placeOf(shard, found.line),
      enter: (entry, outcome, answered) => this.#enter(collecting, entry, outcome, answered),
    };
  }

  /**
   * Ends a shard after a pass that has come to the end of the input: enters what no record took, and gives back what was set aside. Not
   * before every line that belongs to a record has been taken by it.
   */
  finish(shard: Shard): void {
    const { log, spool, budget } = this.#parts;
    const collecting = this.#of(shard);
    const { account, output } = collecting;
    const { counts } = account;
    if (output !== undefined) {
      this.#enterRest(shard, collecting, output);
      counts.repeated += output.repeated;
      output.close();
    }
    counts.missing = shard.isLeft ? 0 : Math.max(0, shard.lines - counts.matched - counts.failed);
    log.note({ event: 'collected', shard: shard.shard, ...counts });
    budget.giveBack(account.held);
    this.#work.delete(shard.shard);
    spool.remove(spool.output(shard.shard));
  }

  /** Gives back what was set aside for a shard of which nothing comes. */
  drop(shard: Shard): void {
    this.#parts.budget.giveBack(this.#of(shard).account.held);
    this.#work.delete(shard.shard);
  }

  close(): void {
    for (const { output } of this.#work.values()) output?.close();
  }

  #of({ shard }: Shard): Collecting {
    const collecting = this.#work.get(shard);
    if (collecting === undefined) throw new Error(`Shard ${shard} is not followed`);
    return collecting;
  }

  #enter({ account }: Collecting, entry: AttemptEntry, outcome?: Outcome, answered?: AnsweredEntry): void {
    const { journal, laneJournal, budget } = this.#parts;
    const { line = 0 } = entry;
    if (account.has(line)) {
      if (outcome !== undefined) laneJournal.end(outcome);
      return;
    }
    entry.call = journal.takeOrdinal();
    budget.giveBack(account.enter(line, entry), entry);
    laneJournal.settle(entry, outcome, answered);
  }

  /** Enters what no record took: its line says nothing of one, or the record had ended before, or has its answer. */
  #enterRest(shard: Shard, collecting: Collecting, output: JobOutput): void {
    // Twice through, as the lines of a job that was left may be too many to be held.
    const rows = new Set<number>();
    for (const { line, row } of output.rest()) if (row !== undefined && !collecting.account.has(line)) rows.add(row);
    const ended = findEnded(this.#parts.directory, rows);
    for (const found of output.rest()) {
      if (collecting.account.has(found.line)) continue;
      const id = found.row === undefined ? undefined : collecting.answered.get(found.row);
      const record = found.row === undefined ? undefined : ended.get(found.row);
      this.#enter(collecting, restEntry(shard, found, { answer: readLineAnswer(found.value), record, answeredId: id }));
    }
  }
}

function restEntry(
  shard: Shard,
  { line, row = -1 }: FoundLine & { row: number | undefined },
  found: { answer: LineAnswer; record: EndedRecord | undefined; answeredId: string | undefined },
): AttemptEntry {
  const { answer, record, answeredId } = found;
  const entry = entryOfLine(shard, line, answer);
  const id = record?.id ?? answeredId;
  if (entry.outcome === 'failed') return { ...entry, id: id ?? 'unmatched', index: row };
  if (id === undefined) return { ...entry, id: 'unmatched', index: -1, code: 'unmatched' };
  const known = { ...entry, id, index: row };
  if (shard.isLeft) return { ...known, code: 'paid_twice' };
  if (record === undefined) return known;
  return record.code === undefined ? { ...known, outcome: 'extracted' } : { ...known, code: record.code };
}
