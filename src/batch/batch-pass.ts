import { ApiError } from '../completion/api-error.ts';
import type { ChatRequest } from '../completion/request.ts';
import type { LaneRun } from '../run/lane.ts';
import type { EarlierAnswer, RecordTask, TaskFeed } from '../run/ports.ts';
import type { SessionEnd } from '../run/session/run-session.ts';
import type { AttemptKind } from '../store/entries.ts';
import type { BatchLog } from './batch-log.ts';
import { MOST_ROUNDS, type BatchSettings } from './batch-options.ts';
import type { Shard } from './batch-state.ts';
import type { Collector } from './collector.ts';
import type { LaneJournal } from './lane-journal.ts';
import type { ShardWriter } from './shard-writer.ts';

/** What a pass over the input found. */
export interface PassEnd {
  end: SessionEnd;
  unexpected: unknown;
  /** Whether it came to the end of the input. */
  isWhole: boolean;
  /** Records that are not done: in open jobs, or to be looked at by another pass. */
  waiting: number;
  /** Those of them that are in no job. */
  unplaced: number;
  /** What stands against the jobs. */
  trouble: unknown;
}

export interface PassParts {
  run: LaneRun;
  settings: BatchSettings;
  log: BatchLog;
  collector: Collector;
  journal: LaneJournal;
  writer: ShardWriter;
  /** Whether nothing waits for a job any more. */
  isOnline(): boolean;
  /** Whether nothing is submitted now: a probe is still to be looked at, or was bad. */
  holdsBack: boolean;
  /** Aborts when the run is to stop. */
  stop: AbortSignal;
}

/**
 * One pass over the input: records whose jobs have ended get their answers, those that no job has are put into one, and what is to be
 * asked for online is handed out to the session.
 */
export class BatchPass {
  readonly #parts: PassParts;
  /** One after the other, as lines are written in the order in which they come. */
  #turn: Promise<unknown> = Promise.resolve();
  #isWhole = false;
  #waiting = 0;
  #unplaced = 0;
  #trouble: unknown;

  constructor(parts: PassParts) {
    this.#parts = parts;
  }

  async run(): Promise<PassEnd> {
    const { run, journal, writer } = this.#parts;
    const { feed, close } = await run.openPass(journal);
    const session = run.session({
      feed: this.#feedOf(feed),
      journal,
      answerFor: (task, request, kind) => this.#answerFor(task, request, kind),
    });
    try {
      const end = await session.execute();
      if (end.status === 'finished') await this.#guarded(() => writer.finish());
      const { unexpected } = session;
      return {
        end,
        unexpected,
        isWhole: this.#isWhole,
        waiting: this.#waiting,
        unplaced: this.#unplaced,
        trouble: this.#trouble,
      };
    } finally {
      writer.abandon();
      await close();
    }
  }

  #feedOf(feed: TaskFeed): TaskFeed {
    return {
      next: () =>
        this.#inTurn(async () => {
          if (this.#trouble !== undefined || this.#isWhole) return undefined;
          return this.#guarded(() => this.#next(feed));
        }),
    };
  }

  async #next(feed: TaskFeed): Promise<RecordTask | undefined> {
    const { writer, stop, run } = this.#parts;
    for (;;) {
      const task = await feed.next();
      if (task === undefined) {
        // Jobs begin while others are still asked for online.
        await writer.finish();
        this.#isWhole = true;
        return undefined;
      }
      if (this.#isHandedOut(task)) return task;
      if (this.#shardOf(task) === undefined) {
        await this.#place(task, run.prepared.buildRequest(task.messages));
      } else this.#waiting += 1;
      if (stop.aborted) return undefined;
    }
  }

  /** Whether the session has something to do for a record: to ask online, or to judge what has come. */
  #isHandedOut(task: RecordTask): boolean {
    const { log, collector } = this.#parts;
    const answers = this.#answersOf(task);
    if (answers > 0) collector.noteAnswered(task, answers);
    const shard = this.#shardOf(task);
    if (shard !== undefined) return shard.stage === 'ended';
    // What comes after an answer, the strategy says.
    return answers > 0 || this.#asksOnline(log.state.roundsOf(task.index));
  }

  /** Puts a question into a job, where that may be now. */
  async #place(task: RecordTask, request: ChatRequest): Promise<void> {
    const { writer, log, holdsBack } = this.#parts;
    this.#waiting += 1;
    const round = log.state.nextRoundOf(task.index);
    const placed = holdsBack
      ? 'after-probe'
      : await writer.add(task.index, request, { round, question: this.#answersOf(task) });
    if (placed !== 'taken') this.#unplaced += 1;
  }

  async #answerFor(
    task: RecordTask,
    request: ChatRequest,
    kind: AttemptKind,
  ): Promise<EarlierAnswer | 'later' | undefined> {
    const { settings, log, collector } = this.#parts;
    if (kind !== 'first' && !(kind === 're-ask' && settings.hasReasks)) return undefined;
    const rounds = log.state.roundsOf(task.index) - this.#answersOf(task);
    const shard = this.#shardOf(task);
    if (shard === undefined) {
      if (kind === 'first' || this.#asksOnline(rounds)) return undefined;
      await this.#inTurn(() => this.#guarded(() => this.#place(task, request)));
      return 'later';
    }
    if (shard.stage === 'ended') {
      const answer = collector.answer(shard, task, request);
      if (typeof answer !== 'string') return answer;
      if (this.#asksOnline(rounds + 1)) return undefined;
      this.#unplaced += 1;
    }
    this.#waiting += 1;
    return 'later';
  }

  /** The shard that has the present question of a record. */
  #shardOf(task: RecordTask): Shard | undefined {
    return this.#parts.log.state.liveShardOf(task.index, this.#answersOf(task));
  }

  /** How many questions of a record were answered, without an end of it. */
  #answersOf(task: RecordTask): number {
    return this.#parts.run.answers?.countOf(task) ?? 0;
  }

  #asksOnline(rounds: number): boolean {
    return this.#parts.isOnline() || rounds >= MOST_ROUNDS;
  }

  #inTurn<Value>(work: () => Promise<Value>): Promise<Value> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }

  /** What stands against the jobs ends the session in its own way; what is wrong with the input is the session's to say. */
  async #guarded<Value>(work: () => Promise<Value>): Promise<Value | undefined> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof ApiError) && !this.#parts.stop.aborted) throw error;
      this.#trouble ??= error;
      return undefined;
    }
  }
}
