import type { ChatRequest } from './request.ts';
import type { Completion } from './response.ts';

/** What the pipeline needs of a service. `vertex/` implements it; tests and programs may bring their own. */
export interface CompletionClient {
  /**
   * Makes exactly one call: no retry inside, so that every call is seen by the ledger.
   *
   * @throws {ApiError} for everything that can go wrong with the call
   * @throws the signal's reason when the signal aborts
   */
  complete(request: ChatRequest, options?: { signal?: AbortSignal | undefined }): Promise<Completion>;
}
