import type { CompletionDelta } from './delta.ts';
import type { ChatRequest, GoogleOptions } from './request.ts';
import type { Completion } from './response.ts';
import type { ServiceIdentity } from './service.ts';

/** What a client adds to every request, as far as the cost of a call depends on it. */
export interface CallAdditions {
  /** Google's options for requests that do not set them themselves. */
  google?: Readonly<GoogleOptions> | undefined;
  /** Consumption options that are asked for, as `usage` names them, such as `ON_DEMAND_PRIORITY`. */
  trafficTypes?: readonly string[] | undefined;
}

/**
 * What the pipeline needs of a service. `vertex/` implements it; tests and programs may bring their own.
 * `test/completion/client-conformance.ts` holds what each implementation must do.
 */
export interface CompletionClient {
  /** Whose answers these are; read after `identify`. A client without it counts as a service of its own. */
  readonly service?: ServiceIdentity;
  /** A budget counts them in. Default: the requests go out as they are, on demand. */
  readonly additions?: CallAdditions;
  /**
   * Called once before `service` is read, where it is there: finds out what the client does not know by itself.
   *
   * @throws {ApiError} when that cannot be found out, because nothing is there to ask
   * @throws the signal's reason when the signal aborts
   */
  identify?(options?: CallOptions): Promise<void>;
  /**
   * Called once before the first call of a run, where it is there: finds out early that no call could be made.
   *
   * @throws {GleanerError} saying what is missing, such as credentials
   * @throws the signal's reason when the signal aborts
   */
  prepare?(options?: CallOptions): Promise<void>;
  /**
   * Makes exactly one call: no retry inside, so that every call is seen by the ledger.
   *
   * @throws {ApiError} for everything that can go wrong with the call
   * @throws {GleanerError} for a request that its model is known to refuse; nothing is sent then
   * @throws the signal's reason when the signal aborts
   */
  complete(request: ChatRequest, options?: CallOptions): Promise<Completion>;
}

/** A service that can also answer piece by piece. */
export interface StreamingClient extends CompletionClient {
  /**
   * Makes exactly one call, at once, whether or not the stream is read.
   *
   * @throws {GleanerError} for a request that its model is known to refuse; nothing is sent then
   */
  stream(request: ChatRequest, options?: CallOptions): CompletionStream;
}

export interface CallOptions {
  signal?: AbortSignal | undefined;
}

/**
 * An answer on its way. It can be iterated once; iterating throws what `complete` would. Leaving the loop early ends the
 * call. A slow reader slows the service down, until nothing more is sent.
 */
export interface CompletionStream extends AsyncIterable<CompletionDelta> {
  /**
   * The whole answer, assembled; rejects as iterating throws, and when the loop is left before it is there. It may be ignored, and it
   * may be awaited without iterating: the deltas then wait in memory.
   */
  readonly completion: Promise<Completion>;
  /** What has arrived so far, also after a failure; undefined before anything has. */
  partial(): Completion | undefined;
}
