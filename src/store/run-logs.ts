import { AppendLog } from '../files/append-log.ts';
import type { AnsweredEntry, AttemptEntry, CallEntry, RejectEntry, ResultEntry } from './entries.ts';

/** What one finished call adds to the directory: its ledger line and, when it ended its record, the record's line. */
export interface Commit {
  attempt?: AttemptEntry;
  result?: ResultEntry;
  reject?: RejectEntry;
  /** Kept until the record is done, where it takes several calls. */
  answered?: AnsweredEntry;
}

type LogName = 'results' | 'rejects' | 'attempts' | 'inflight' | 'answered' | 'batches';

/** The files of a run's directory that grow by lines, and in what order lines of one turn go out. */
export class RunLogs {
  readonly #pathOf: (name: LogName) => string;
  #results: AppendLog;
  #rejects: AppendLog;
  #attempts: AppendLog;
  readonly #inflight: AppendLog;
  /** Most runs keep no answers. */
  #answered: AppendLog | undefined;
  /** Opened with the first event: most runs have none. */
  #batches: AppendLog | undefined;

  /** Opening cuts off torn last lines. */
  constructor(pathOf: (name: LogName) => string) {
    this.#pathOf = pathOf;
    this.#results = new AppendLog(pathOf('results'));
    this.#rejects = new AppendLog(pathOf('rejects'));
    this.#attempts = new AppendLog(pathOf('attempts'));
    this.#inflight = new AppendLog(pathOf('inflight'));
  }

  /** Queues the note of a call. */
  noteCall(entry: CallEntry): void {
    this.#inflight.append(entry);
  }

  /** Queues the lines of one ended call or record. */
  append(entries: Commit): void {
    if (entries.result !== undefined) this.#results.append(entries.result);
    if (entries.reject !== undefined) this.#rejects.append(entries.reject);
    if (entries.answered !== undefined) {
      this.#answered ??= new AppendLog(this.#pathOf('answered'));
      this.#answered.append(entries.answered);
    }
    if (entries.attempt !== undefined) this.#attempts.append(entries.attempt);
  }

  /** Hands queued lines to the operating system: a record's line before the ledger's, and that before later calls. */
  flush(): void {
    this.#results.flush();
    this.#rejects.flush();
    this.#answered?.flush();
    this.#attempts.flush();
    this.#inflight.flush();
  }

  openBatches(): AppendLog {
    this.#batches ??= new AppendLog(this.#pathOf('batches'));
    return this.#batches;
  }

  /** Hands an event of a batch job to the operating system. */
  noteBatch(event: object): void {
    const batches = this.openBatches();
    batches.append(event);
    batches.flush();
  }

  closeAnswered(): void {
    this.#answered?.close();
    this.#answered = undefined;
  }

  /** Opens a log whose file was replaced: the one that is open is that of the old file. */
  openAgain(name: 'results' | 'rejects' | 'attempts'): void {
    const log = new AppendLog(this.#pathOf(name));
    if (name === 'results') this.#results = replaced(this.#results, log);
    else if (name === 'rejects') this.#rejects = replaced(this.#rejects, log);
    else this.#attempts = replaced(this.#attempts, log);
  }

  /** Asks that what says how records ended reaches the disk. */
  async sync(): Promise<void> {
    await Promise.all([this.#results.sync(), this.#rejects.sync(), this.#attempts.sync(), this.#answered?.sync()]);
  }

  /** @throws {StoreError} when a file was moved, removed or replaced */
  checkPlaces(): void {
    for (const log of this.#all) log.checkPlace();
  }

  /** Closes all of them, whatever happens to one. */
  close(): void {
    let firstError: unknown;
    for (const log of this.#all) {
      try {
        log.close();
      } catch (error) {
        firstError ??= error;
      }
    }
    if (firstError !== undefined) throw firstError;
  }

  /** Closes all of them without what is queued. */
  abandon(): void {
    for (const log of this.#all) log.abandon();
  }

  get #all(): readonly AppendLog[] {
    const logs = [this.#results, this.#rejects, this.#attempts, this.#inflight];
    return [...logs, this.#answered, this.#batches].filter((log) => log !== undefined);
  }
}

function replaced(old: AppendLog, log: AppendLog): AppendLog {
  old.abandon();
  return log;
}
