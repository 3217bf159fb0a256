import type { Dispatcher } from 'undici';
import { ApiError } from '../completion/api-error.ts';
import type { CompletionStream } from '../completion/client.ts';
import type { CompletionDelta } from '../completion/delta.ts';
import type { Completion } from '../completion/response.ts';
import type { BodySink } from './exchange.ts';
import type { HttpAnswer } from './http-answer.ts';
import { StreamReader, type StreamReaderOptions } from './stream-reader.ts';

export interface IncomingStreamOptions {
  /** Where the stream comes from, for messages. */
  origin: string;
  /** Longest silence, in milliseconds, once the answer has begun. */
  idleTimeoutMs: number;
  /** Ends the HTTP exchange; does nothing when it has ended. */
  abort(reason: unknown): void;
  /** Throws for an answer of another service; asked at the beginning, and at the end with what names the backend. */
  check(answer: Pick<HttpAnswer, 'headers'>, fingerprint?: unknown): void;
  /** Asked for when the answer begins. */
  readerOptions(): StreamReaderOptions;
}

/** Deltas that may wait for a slow reader before the connection is paused; what one read of the socket brings comes on top. */
const MAX_WAITING = 256;

/** How long the end of an HTTP exchange may lag behind the end of the answer in it. */
const LINGER_MS = 1000;

/**
 * An answer that is coming in: takes bytes from the exchange, gives deltas to whoever iterates. It ends when `[DONE]` or
 * the end of the body has come, or by the first failure.
 */
export class IncomingStream implements CompletionStream, BodySink {
  readonly #options: IncomingStreamOptions;
  readonly #completion: Promise<Completion>;
  #resolve!: (completion: Completion) => void;
  #reject!: (reason: unknown) => void;
  #controller: Dispatcher.DispatchController | undefined;
  #answer: Pick<HttpAnswer, 'status' | 'headers'> = { status: 200, headers: {} };
  #reader: StreamReader | undefined;
  #timer: NodeJS.Timeout | undefined;
  #deltas: CompletionDelta[] = [];
  #next = 0;
  #end: { error: unknown } | 'complete' | undefined;
  #isIterated = false;
  #isAwaited = false;
  #wake: (() => void) | undefined;

  constructor(options: IncomingStreamOptions) {
    this.#options = options;
    this.#completion = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // Whoever iterates learns of a failure there, and need not look here as well.
    this.#completion.catch(() => {});
  }

  get completion(): Promise<Completion> {
    this.#isAwaited = true;
    this.#flow();
    return this.#completion;
  }

  partial(): Completion | undefined {
    return this.#reader?.partial();
  }

  [Symbol.asyncIterator](): AsyncIterator<CompletionDelta, undefined> {
    if (this.#isIterated) throw new Error('Cannot iterate the stream: it has been iterated before');
    this.#isIterated = true;
    return {
      next: () => this.#pull(),
      return: () => {
        this.#leave();
        return Promise.resolve({ done: true, value: undefined });
      },
    };
  }

  start(answer: Pick<HttpAnswer, 'status' | 'headers'>, controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    this.#answer = answer;
    try {
      this.#options.check(answer);
    } catch (error) {
      this.#break(error);
      return;
    }
    this.#reader = new StreamReader(answer, this.#options.readerOptions());
  }

  data(chunk: Buffer): void {
    const reader = this.#reader;
    if (reader === undefined || this.#end !== undefined) return;
    if (this.#next >= MAX_WAITING) {
      this.#deltas.splice(0, this.#next);
      this.#next = 0;
    }
    try {
      reader.push(chunk, this.#deltas);
    } catch (error) {
      this.#break(error);
      return;
    }
    if (reader.isDone) {
      this.finish();
      // Usually the end of the exchange comes in the same packet; a connection that stays open must not be waited for.
      this.#timer = setTimeout(() => this.#options.abort(new Error('The answer has ended')), LINGER_MS).unref();
      return;
    }
    this.#watchSilence();
    if (this.#next < this.#deltas.length) this.#wakeReader();
    if (this.#deltas.length - this.#next > MAX_WAITING && (this.#isIterated || !this.#isAwaited)) {
      this.#controller?.pause();
    }
  }

  /** To be called when the whole body has come. */
  finish(): void {
    clearTimeout(this.#timer);
    if (this.#end !== undefined) return;
    try {
      const reader = this.#reader ?? new StreamReader(this.#answer);
      const completion = reader.end(this.#deltas);
      this.#options.check(this.#answer, completion.raw['system_fingerprint']);
      this.#resolve(completion);
      this.#settle('complete');
    } catch (error) {
      this.fail(error);
    }
  }

  /** Deltas that have arrived are still given out before the error. */
  fail(error: unknown): void {
    if (this.#end !== undefined) return;
    const usage = this.#reader?.usage;
    // What was reported before the failure is billed, whatever the failure says.
    const isMissing = usage !== undefined && error instanceof ApiError && error.usage === undefined;
    const isFinal = this.#reader?.isUsageFinal === true;
    const known = isMissing ? error.withUsage(usage, { isFinal }) : error;
    this.#reject(known);
    this.#settle({ error: known });
  }

  #settle(end: { error: unknown } | 'complete'): void {
    this.#end = end;
    clearTimeout(this.#timer);
    this.#wakeReader();
  }

  async #pull(): Promise<IteratorResult<CompletionDelta, undefined>> {
    for (;;) {
      const value = this.#deltas[this.#next];
      if (value !== undefined) {
        this.#next++;
        return { done: false, value };
      }
      this.#deltas = [];
      this.#next = 0;
      if (this.#end === 'complete') return { done: true, value: undefined };
      if (this.#end !== undefined) throw this.#end.error;
      this.#flow();
      await new Promise<void>((resolve) => {
        const previous = this.#wake;
        this.#wake = () => {
          previous?.();
          resolve();
        };
      });
    }
  }

  #wakeReader(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }

  #leave(): void {
    this.#deltas = [];
    this.#next = 0;
    if (this.#end === undefined) this.#break(new Error('The stream was left before its end'));
  }

  #break(error: unknown): void {
    this.fail(error);
    this.#options.abort(error);
  }

  /** Lets the connection go on, if it was paused. */
  #flow(): void {
    if (this.#controller === undefined || !this.#controller.paused || this.#end !== undefined) return;
    this.#watchSilence();
    this.#controller.resume();
  }

  #watchSilence(): void {
    if (this.#timer !== undefined) {
      this.#timer.refresh();
      return;
    }
    const { origin, idleTimeoutMs } = this.#options;
    this.#timer = setTimeout(() => {
      // While nobody reads, the silence is ours.
      if (this.#controller?.paused === true) return;
      this.#break(
        new ApiError(`No complete answer from ${origin}: nothing came for ${idleTimeoutMs} ms`, {
          kind: 'timeout',
          status: 200,
        }),
      );
    }, idleTimeoutMs).unref();
  }
}
