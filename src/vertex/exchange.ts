import type { Dispatcher } from 'undici';
import { ApiError } from '../completion/api-error.ts';
import type { Authorization } from './authorization.ts';
import type { CallDeadlines, WatchedCall } from './call-deadlines.ts';
import { decode, type HttpAnswer } from './http-answer.ts';
import { networkFailure } from './network-failure.ts';
import { plainText } from '../text/plain-text.ts';

export interface ExchangeSettings {
  readonly origin: string;
  /** The proxy in between, for messages. */
  readonly proxy: string | undefined;
  readonly timeoutMs: number;
  readonly maxResponseBytes: number;
  readonly watch: CallDeadlines;
}

/** Takes a successful answer's body as it arrives, instead of the exchange keeping it. */
export interface BodySink {
  start(answer: Pick<HttpAnswer, 'status' | 'headers'>, controller: Dispatcher.DispatchController): void;
  /** May end the exchange by `abandon`; must not throw. */
  data(chunk: Buffer): void;
}

/** Of an error's body more is never read. */
const MAX_ERROR_BYTES = 64 * 1024;

const ended = new Error('The call has ended');

/**
 * One POST and its answer, as undici's dispatcher drives it: half the cost of `pool.request` with a signal and a timer
 * of its own. It settles exactly once; whatever comes later is dropped. An error status that has arrived counts, even
 * when its body does not follow.
 */
export class Exchange implements Dispatcher.DispatchHandler, WatchedCall {
  readonly signal: AbortSignal | undefined;
  deadline = 0;
  slot = -1;
  isSettled = false;
  /** The answer, whatever its status, without what a sink took; rejects with an ApiError or the signal's reason. */
  readonly answer: Promise<HttpAnswer>;
  /** What the request was sent with, once it is. */
  authorization: Authorization | undefined;
  /** The connection that the call went out on, where it tells of itself. */
  connection: { answers: number } | undefined;

  readonly #settings: ExchangeSettings;
  readonly #sink: BodySink | undefined;
  #resolve!: (answer: HttpAnswer) => void;
  #reject!: (reason: unknown) => void;
  #controller: Dispatcher.DispatchController | undefined;
  #status = 0;
  #headers: HttpAnswer['headers'] = {};
  #chunks: Buffer[] = [];
  #size = 0;

  constructor(settings: ExchangeSettings, signal: AbortSignal | undefined, sink?: BodySink) {
    this.#settings = settings;
    this.#sink = sink;
    this.signal = signal;
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // It may have ended while it waited for a connection.
    if (this.isSettled) controller.abort(ended);
    else this.#controller = controller;
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: HttpAnswer['headers']): void {
    if (status < 200) return;
    this.#status = status;
    this.#headers = headers;
    if (!this.isSettled && !this.#isErrorStatus()) this.#sink?.start({ status, headers }, controller);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.isSettled) return;
    this.#size += chunk.length;
    if (this.#size <= (this.#isErrorStatus() ? MAX_ERROR_BYTES : this.#settings.maxResponseBytes)) {
      if (this.#sink === undefined || this.#isErrorStatus()) this.#chunks.push(chunk);
      else this.#sink.data(chunk);
      return;
    }
    this.fail(
      new ApiError(`Answer of ${this.#settings.origin} is larger than ${this.#settings.maxResponseBytes} bytes`, {
        kind: 'unreadable',
        status: this.#status,
      }),
    );
    controller.abort(ended);
  }

  onResponseEnd(): void {
    if (this.connection !== undefined) this.connection.answers += 1;
    if (this.#settle()) this.#resolve(this.#answer());
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (this.isSettled) return;
    const failure = networkFailure(error);
    const wasSent = this.#controller !== undefined;
    const { origin, proxy } = this.#settings;
    const through = proxy === undefined ? '' : ` through the proxy ${proxy}`;
    const phase = wasSent ? 'No complete answer from' : 'Cannot reach';
    // A server may close a connection that was idle just when a call goes out on it.
    const isStaleConnection = wasSent && this.#status === 0 && (this.connection?.answers ?? 0) > 0;
    const text = failure?.text ?? plainText(error.message, { limit: 200 });
    this.fail(
      new ApiError(`${phase} ${origin}${through}: ${text}`, {
        kind: 'network',
        status: this.#statusOrNone(),
        code: failure?.code,
        mayBeBilled: wasSent,
        isStaleConnection,
      }),
    );
  }

  expire(): void {
    const { origin, timeoutMs } = this.#settings;
    const wasSent = this.#controller !== undefined;
    const missing = wasSent
      ? `complete answer from ${origin}`
      : this.authorization === undefined
        ? `access token for ${origin}`
        : `free connection to ${origin}`;
    this.fail(
      new ApiError(`No ${missing} within ${timeoutMs} ms`, {
        kind: 'timeout',
        status: this.#statusOrNone(),
        mayBeBilled: wasSent,
      }),
    );
    this.#controller?.abort(ended);
  }

  abandon(reason: unknown): void {
    if (!this.#settle()) return;
    this.#reject(reason);
    this.#controller?.abort(ended);
  }

  fail(error: unknown): void {
    if (!this.#settle()) return;
    if (this.#isErrorStatus()) this.#resolve(this.#answer());
    else this.#reject(error);
  }

  #settle(): boolean {
    if (this.isSettled) return false;
    this.isSettled = true;
    this.#settings.watch.finish(this);
    return true;
  }

  #answer(): HttpAnswer {
    const [first] = this.#chunks;
    const bytes = this.#chunks.length === 1 && first !== undefined ? first : Buffer.concat(this.#chunks);
    return { status: this.#status, headers: this.#headers, ...decode(bytes) };
  }

  #isErrorStatus(): boolean {
    return this.#status >= 300;
  }

  #statusOrNone(): number | undefined {
    return this.#status === 0 ? undefined : this.#status;
  }
}
