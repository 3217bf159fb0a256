import { setMaxListeners } from 'node:events';
import type { ApiError } from '../../completion/api-error.ts';
import { GleanerError, type ErrorFacts } from '../../gleaner-error.ts';
import type { RunStatus } from '../../store/manifest.ts';
import { StoreError } from '../../files/store-error.ts';
import { kindAndPlaceOf } from '../../text/thrown-place.ts';
import { extractRecord } from '../record/extract-record.ts';
import { RunStop } from '../run-stop.ts';
import type { Journal, Pacer, RecordContext, RecordEnd, TaskFeed } from '../ports.ts';
import type { Outcome } from '../record/outcome.ts';
import { isAccessRefusal, refusalFacts, refusalText, ClientErrorBreaker } from './client-error-breaker.ts';
import { CircuitBreaker } from './circuit-breaker.ts';

export interface RunSessionOptions {
  feed: TaskFeed;
  pacer: Pacer;
  journal: Journal;
  /** Most calls in flight. */
  concurrency: number;
  /** Whether records are left for the next session when the service answers none of this one, whatever the calls failed with. */
  leavesUnanswered?: boolean;
  /** Aborts when the run directory can no longer be written. */
  storeFailure: AbortSignal;
  /** Aborts to give up the calls in flight as well. */
  signal: AbortSignal | undefined;
  /** Aborts to stop in order: no new records, calls in flight are awaited. */
  stopSignal: AbortSignal | undefined;
  record: Omit<RecordContext, 'stopping' | 'aborting' | 'journal' | 'pacer' | 'observer'>;
}

/** How a session ended. */
export interface SessionEnd {
  status: RunStatus;
  reason: string | undefined;
  /** Set where a cap on tokens or cost is used up: only a higher one lets the run go on. */
  isCapped?: true;
  /** What the refusal that ended it is about. */
  facts?: ErrorFacts;
  /** Records that were taken and left without an outcome. */
  unfinished: number;
}

/** Bounds the records that wait for a retry while others are worked on. */
const MOST_EXTRA_WORKERS = 64;

type HeldRecord = RecordEnd & { kind: 'refused' };

/**
 * One session over a run: workers pull records and see each through to its end, until the input ends or something stops
 * the session. The first cause to stop it is the one that is reported.
 */
export class RunSession {
  readonly #options: RunSessionOptions;
  readonly #stopping = new AbortController();
  readonly #aborting = new AbortController();
  readonly #watch = new ClientErrorBreaker();
  readonly #service: CircuitBreaker;
  /** Aborts when the session has ended. */
  readonly #ended = new AbortController();
  #isWatchingSilence = false;
  readonly #context: RecordContext;
  #held: HeldRecord[] = [];
  #inWork = 0;
  /** Records with a worker. */
  #busy = 0;
  #onIdle: (() => void)[] = [];
  #workers = 0;
  /** Records that wait for a retry: they hold no slot among the calls in flight. */
  #waiting = 0;
  #isInputEnded = false;
  #onLastWorker: () => void = () => undefined;
  #end: Omit<SessionEnd, 'unfinished'> = { status: 'finished', reason: undefined };

  constructor(options: RunSessionOptions) {
    this.#options = options;
    const { journal, pacer } = options;
    this.#service = new CircuitBreaker(() => options.record.clock.elapsed());
    // Every waiting worker listens to these; that is no leak.
    setMaxListeners(0, this.#stopping.signal, this.#aborting.signal);
    this.#context = {
      ...options.record,
      pacer,
      journal,
      observer: {
        onAnswer: () => this.#noteAnswer(),
        onFailure: (error, safeMessage) => this.#noteFailure(error, safeMessage),
        onPause: (pauseMs) => this.#tellPause('retry-after', pauseMs),
        onWait: () => {
          this.#waiting += 1;
          this.#staff();
        },
        onWaitEnd: () => (this.#waiting -= 1),
        isUnanswered: () => options.leavesUnanswered === true && !this.#watch.hasAnswered,
        onBudgetExhausted: () => this.#noteCap(),
      },
      stopping: this.#stopping.signal,
      aborting: this.#aborting.signal,
    };
  }

  async execute(): Promise<SessionEnd> {
    const { signal, stopSignal, storeFailure } = this.#options;
    const onStop = (): void => {
      this.#stop('interrupted', describeReason(stopSignal?.reason));
    };
    const onAbort = (): void => {
      this.#stop('interrupted', describeReason(signal?.reason));
      this.#aborting.abort(signal?.reason);
    };
    const onStoreFailure = (): void => this.#fail(storeFailure.reason);
    const subscriptions = [
      subscribe(stopSignal, onStop),
      subscribe(signal, onAbort),
      subscribe(storeFailure, onStoreFailure),
    ];
    try {
      await new Promise<void>((resolve) => {
        this.#onLastWorker = resolve;
        this.#staff();
        if (this.#workers === 0) resolve();
      });
      this.#judgeHeld();
    } finally {
      for (const unsubscribe of subscriptions) unsubscribe();
      this.#ended.abort();
    }
    return { ...this.#end, unfinished: this.#inWork };
  }

  /** Resolves when no worker has a record: all that were taken so far have come back. */
  whenIdle(): Promise<void> {
    return this.#busy === 0 ? Promise.resolve() : new Promise((resolve) => this.#onIdle.push(resolve));
  }

  /** A worker for each call in flight, and one more for each record that waits for its retry, within bounds. */
  get #wantedWorkers(): number {
    const { concurrency } = this.#options;
    return concurrency + Math.min(this.#waiting, concurrency, MOST_EXTRA_WORKERS);
  }

  #staff(): void {
    // A worker that finds the run stopping ends at once, so none may be started any more.
    while (!this.#isInputEnded && !this.#stopping.signal.aborted && this.#workers < this.#wantedWorkers) {
      this.#workers += 1;
      void this.#work();
    }
  }

  async #work(): Promise<void> {
    try {
      while (!this.#stopping.signal.aborted && this.#workers <= this.#wantedWorkers) {
        const task = await this.#options.feed.next();
        if (task === undefined) {
          this.#isInputEnded = true;
          break;
        }
        this.#inWork += 1;
        this.#busy += 1;
        try {
          this.#take(await extractRecord(task, this.#context));
        } finally {
          this.#busy -= 1;
          if (this.#busy === 0) for (const resolve of this.#onIdle.splice(0)) resolve();
        }
      }
    } catch (error) {
      this.#fail(error);
    }
    this.#workers -= 1;
    if (this.#workers === 0) this.#onLastWorker();
  }

  #take(end: RecordEnd): void {
    switch (end.kind) {
      case 'settled':
        this.#inWork -= 1;
        return;
      case 'unfinished':
        return;
      case 'refused':
        this.#takeRefused(end);
        return;
      default:
        end satisfies never;
    }
  }

  #takeRefused(end: HeldRecord): void {
    switch (this.#watch.judge(end.error)) {
      case 'reject-record':
        this.#reject(end.outcome);
        return;
      case 'hold-record':
        this.#held.push(end);
        return;
      case 'stop-run':
        this.#stop('refused', refusalText(end.error, end.safeMessage), refusalFacts(end.error));
        return;
    }
  }

  #noteFailure(error: ApiError, safeMessage: string): boolean {
    // A connection that was closed while it was idle says nothing of the service.
    if (!error.isRetryable || error.isStaleConnection) return false;
    this.#options.pacer.noteFailure?.();
    const verdict = this.#service.noteFailure(error, safeMessage);
    if (verdict.kind === 'probe') {
      const { pauseMs } = verdict;
      this.#options.pacer.pause(pauseMs, 'outage');
      this.#tellPause('outage', pauseMs);
    }
    if (verdict.kind === 'stop') this.#stop('stopped', verdict.reason);
    else void this.#watchSilence();
    return this.#service.isOutage;
  }

  /** Ends the session when an outage has lasted, by the clock: in a long pause no call fails that would tell. */
  async #watchSilence(): Promise<void> {
    if (this.#isWatchingSilence) return;
    this.#isWatchingSilence = true;
    const { clock } = this.#context;
    for (let at = this.#service.givesUpAt; at !== undefined; at = this.#service.givesUpAt) {
      const restMs = at - clock.elapsed();
      if (restMs <= 0) {
        this.#stop('stopped', this.#service.describeSilence());
        break;
      }
      await clock.delay(restMs, this.#ended.signal).catch(() => undefined);
      if (this.#ended.signal.aborted) return;
    }
    this.#isWatchingSilence = false;
  }

  #tellPause(reason: 'retry-after' | 'outage', pauseMs: number): void {
    const { emit, clock } = this.#context;
    const until = clock.now() + pauseMs;
    emit?.({ type: 'pause', reason, pauseMs, until, ...(reason === 'retry-after' ? { status: 429 } : {}) });
  }

  #noteAnswer(): void {
    this.#service.noteAnswer();
    this.#watch.noteAnswer();
    // A run that is ending for them leaves them for the next session, whatever still comes in.
    if (this.#end.status === 'refused') return;
    for (const { outcome } of this.#held.splice(0)) this.#reject(outcome);
  }

  /** At the end of an input for which the service never answered: was it the run, or a few odd records? */
  #judgeHeld(): void {
    const access = this.#held.find(({ error }) => isAccessRefusal(error));
    if (access !== undefined)
      this.#stop('refused', refusalText(access.error, access.safeMessage), refusalFacts(access.error));
    const unanswered = this.#held.findLast(({ error }) => error.isRetryable);
    if (unanswered !== undefined)
      this.#stop(
        'stopped',
        `the service has not answered a single call; the last failed with: ${unanswered.safeMessage}`,
      );
    if (this.#end.status !== 'finished') return;
    for (const { outcome } of this.#held.splice(0)) this.#reject(outcome);
  }

  #reject(outcome: Outcome): void {
    this.#options.journal.end(outcome);
    this.#inWork -= 1;
  }

  /** A cap that does not even cover one call is a mistake in the command; one that is used up has done its work. */
  #noteCap(): void {
    const { budget } = this.#options.record;
    const reason = budget?.describe() ?? '';
    if (budget?.isBelowOneCall === true) this.#stop('refused', reason);
    else if (this.#stop('stopped', reason)) this.#end.isCapped = true;
  }

  /** Takes no further records and starts no further calls; those in flight are awaited. */
  #stop(status: RunStatus, reason: string, facts?: ErrorFacts): boolean {
    if (this.#stopping.signal.aborted) return false;
    this.#end = { status, reason, ...(facts === undefined ? {} : { facts }) };
    this.#stopping.abort(new Error(reason));
    return true;
  }

  #fail(error: unknown): void {
    if (error instanceof GleanerError) {
      this.#stop('refused', error.message, error.facts);
    } else if (error instanceof RunStop) {
      this.#stop('stopped', error.message);
    } else if (error instanceof StoreError) {
      // Answers can no longer be written down, so paying for more of them is pointless.
      this.#stop('failed', error.message);
      this.#aborting.abort(error);
    } else {
      this.#stop('failed', `${kindAndPlaceOf(error)} was thrown where none is expected`);
      this.#unexpected ??= error;
    }
  }

  #unexpected: unknown;

  /** An error that no part of gleaner announces; for the caller to throw once everything is written. */
  get unexpected(): unknown {
    return this.#unexpected;
  }
}

function subscribe(signal: AbortSignal | undefined, listener: () => void): () => void {
  if (signal === undefined) return () => undefined;
  if (signal.aborted) {
    listener();
    return () => undefined;
  }
  signal.addEventListener('abort', listener, { once: true });
  return () => signal.removeEventListener('abort', listener);
}

function describeReason(reason: unknown): string {
  return reason instanceof Error ? reason.message : String(reason ?? 'stopped by the caller');
}
