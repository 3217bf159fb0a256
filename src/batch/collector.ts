import type { ApiError } from '../completion/api-error.ts';
import { zeroUsage } from '../completion/usage.ts';
import type { ChatRequest } from '../completion/request.ts';
import { readJsonLines } from '../files/read-json-lines.ts';
import { digestTexts } from '../native/digest-texts.ts';
import { toNativeContents } from '../native/native-contents.ts';
import type { Budget } from '../accounting/budget.ts';
import type { EarlierAnswer, RecordTask } from '../run/ports.ts';
import type { Outcome } from '../run/record/outcome.ts';
import type { RunJournal } from '../run/session/run-journal.ts';
import { BitSet } from '../store/bit-set.ts';
import type { AttemptEntry, Spending } from '../store/entries.ts';
import type { RunDirectory } from '../store/run-directory.ts';
import type { CollectedCounts } from './batch-event.ts';
import type { BatchLog } from './batch-log.ts';
import type { Shard } from './batch-state.ts';
import { findEnded } from './ended-records.ts';
import { JobOutput, type FoundLine } from './job-output.ts';
import type { LaneJournal } from './lane-journal.ts';
import { readLineAnswer, type LineAnswer } from './read-line.ts';
import type { Spool } from './spool.ts';

interface Collecting {
  output: JobOutput | undefined;
  /** Lines that the ledger has. */
  entered: BitSet;
  counts: CollectedCounts;
  /** What is still set aside for it. */
  held: Required<Spending>;
  /** What is given back with each line. */
  share: Required<Spending>;
}

export interface CollectorParts {
  directory: RunDirectory;
  log: BatchLog;
  spool: Spool;
  budget: Budget;
  journal: RunJournal;
  laneJournal: LaneJournal;
}

/** Takes the answers of ended jobs to their records, and each line of theirs into the ledger, once. */
export class Collector {
  readonly #parts: CollectorParts;
  readonly #work = new Map<number, Collecting>();

  constructor(parts: CollectorParts) {
    this.#parts = parts;
    const { log, directory } = parts;
    for (const shard of log.state.live) this.watch(shard, { isCommitted: true });
    if (this.#work.size === 0) return;
    for (const entry of readJsonLines(directory.file('attempts'))) this.#noteEntered(entry as unknown as AttemptEntry);
  }

  /** Follows a shard; what was set aside for it before it was planned need not be set aside again. */
  watch(shard: Shard, { isCommitted }: { isCommitted: boolean }): void {
    const { tokens, nanoUsd = 0 } = shard.mayCost;
    if (isCommitted) this.#parts.budget.hold(shard.mayCost, { isCommitted });
    const lines = Math.max(1, shard.lines);
    this.#work.set(shard.shard, {
      output: undefined,
      entered: new BitSet(),
      counts: { matched: 0, failed: 0, missing: 0, unmatched: 0, repeated: 0, paidTwice: 0, invalid: 0 },
      held: { tokens, nanoUsd },
      share: { tokens: Math.floor(tokens / lines), nanoUsd: Math.floor(nanoUsd / lines) },
    });
  }

  /** Opens the output of a job that has ended, for the pass to come. */
  async open(shard: Shard): Promise<void> {
    const collecting = this.#of(shard);
    const path = this.#parts.spool.output(shard.shard);
    if (collecting.output === undefined && this.#parts.spool.has(path)) {
      collecting.output = await JobOutput.open(path, shard.rows);
    }
  }

  /** The answer that a job has brought for a record; `failed` where it says that there is none for now. */
  answer(shard: Shard, task: RecordTask, request: ChatRequest): EarlierAnswer | 'missing' | 'failed' {
    const collecting = this.#of(shard);
    const texts = digestTexts(toNativeContents(request.messages));
    const found = collecting.output?.find(task.index, texts);
    if (found === undefined) return 'missing';
    const end = readLineAnswer(found.value);
    if ('error' in end && end.error.isRetryable) {
      this.#enterFailure(shard, collecting, { task, found, error: end.error });
      return 'failed';
    }
    return {
      end,
      entry: this.#entryOf(shard, found),
      enter: (entry, outcome) => this.#enter(collecting, entry, outcome),
    };
  }

  /**
   * Ends a shard after a pass that has come to the end of the input: enters what no record took, and gives back what was set aside. Not
   * before every line that belongs to a record has been taken by it.
   */
  finish(shard: Shard): void {
    const { log, spool, budget } = this.#parts;
    const collecting = this.#of(shard);
    const { counts, output, held } = collecting;
    if (output !== undefined) {
      this.#enterRest(shard, collecting, output);
      counts.repeated += output.repeated;
      output.close();
    }
    counts.missing = shard.isLeft ? 0 : Math.max(0, shard.lines - counts.matched - counts.failed);
    log.note({ event: 'collected', shard: shard.shard, ...counts });
    budget.giveBack(held);
    this.#work.delete(shard.shard);
    spool.remove(spool.output(shard.shard));
  }

  /** Gives back what was set aside for a shard of which nothing comes. */
  drop(shard: Shard): void {
    this.#parts.budget.giveBack(this.#of(shard).held);
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

  /** A line of the ledger of an earlier session. */
  #noteEntered({ via, job, line, outcome, code }: AttemptEntry): void {
    if (via === undefined || job === undefined || line === undefined) return;
    const shard = this.#parts.log.state.find(job);
    const collecting = shard && this.#work.get(shard.shard);
    if (collecting === undefined) return;
    collecting.entered.add(line);
    count(collecting.counts, outcome, code);
    // What it cost is counted as spent already.
    this.#parts.budget.giveBack(takeShare(collecting));
  }

  #entryOf({ createdAt, job = '', round }: Shard, { line }: FoundLine): EarlierAnswer['entry'] {
    return { at: createdAt, via: 'batch', job, round, line };
  }

  #enter(collecting: Collecting, entry: AttemptEntry, outcome: Outcome | undefined): void {
    const { journal, laneJournal, budget } = this.#parts;
    const { line = 0 } = entry;
    if (collecting.entered.has(line)) {
      if (outcome !== undefined) laneJournal.end(outcome);
      return;
    }
    collecting.entered.add(line);
    count(collecting.counts, entry.outcome, entry.code);
    entry.call = journal.takeOrdinal();
    budget.giveBack(takeShare(collecting), entry);
    laneJournal.settle(entry, outcome);
  }

  #enterFailure(
    shard: Shard,
    collecting: Collecting,
    { task, found, error }: { task: RecordTask; found: FoundLine; error: ApiError },
  ): void {
    this.#enter(
      collecting,
      { ...this.#plainEntry(shard, found, { error }), id: task.id, index: task.index, outcome: 'failed' },
      undefined,
    );
  }

  #enterRest(shard: Shard, collecting: Collecting, output: JobOutput): void {
    // Twice through, as the lines of a job that was left may be too many to be held.
    const rows = new Set<number>();
    for (const { line, row } of output.rest()) if (row !== undefined && !collecting.entered.has(line)) rows.add(row);
    const ended = findEnded(this.#parts.directory, rows);
    for (const found of output.rest()) {
      if (collecting.entered.has(found.line)) continue;
      const entry = this.#plainEntry(shard, found, readLineAnswer(found.value));
      const record = found.row === undefined ? undefined : ended.get(found.row);
      if (entry.outcome === 'failed') {
        this.#enter(collecting, { ...entry, id: record?.id ?? 'unmatched', index: found.row ?? -1 }, undefined);
      } else if (record === undefined || found.row === undefined) {
        this.#enter(collecting, { ...entry, id: 'unmatched', index: -1, code: 'unmatched' }, undefined);
      } else {
        const { id, code } = record;
        const use: Partial<AttemptEntry> = shard.isLeft
          ? { code: 'paid_twice' }
          : code === undefined
            ? { outcome: 'extracted' }
            : { code };
        this.#enter(collecting, { ...entry, ...use, id, index: found.row }, undefined);
      }
    }
  }

  /** What the ledger says of a line that no record takes. */
  #plainEntry(shard: Shard, found: FoundLine, answer: LineAnswer): AttemptEntry {
    const base: AttemptEntry = {
      call: 0,
      id: '',
      index: -1,
      attempt: 1,
      kind: 'first',
      status: null,
      outcome: 'invalid',
      tokens: { ...zeroUsage },
      ...this.#entryOf(shard, found),
    };
    if ('error' in answer) {
      const { status = null, code, kind } = answer.error;
      return { ...base, status, outcome: 'failed', code: code ?? kind };
    }
    const { usage, model, trafficType, finishReason } = answer.completion;
    return {
      ...base,
      status: 200,
      ...(usage === undefined ? {} : { tokens: usage }),
      ...(model === undefined ? {} : { model }),
      ...(trafficType === undefined ? {} : { trafficType }),
      ...(finishReason === undefined ? {} : { finishReason }),
    };
  }
}

function takeShare({ held, share }: Collecting): Required<Spending> {
  const taken = { tokens: Math.min(share.tokens, held.tokens), nanoUsd: Math.min(share.nanoUsd, held.nanoUsd) };
  held.tokens -= taken.tokens;
  held.nanoUsd -= taken.nanoUsd;
  return taken;
}

function count(counts: CollectedCounts, outcome: AttemptEntry['outcome'], code: string | undefined): void {
  if (outcome === 'failed') counts.failed += 1;
  else if (code === 'unmatched') counts.unmatched += 1;
  else if (code === 'paid_twice') counts.paidTwice += 1;
  else {
    counts.matched += 1;
    if (outcome !== 'extracted') counts.invalid += 1;
  }
}
