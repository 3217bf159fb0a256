import type { Dispatcher } from 'undici';
import { ApiError } from '../completion/api-error.ts';
import { requestBy } from '../packages/undici.ts';
import { networkFailure } from './network-failure.ts';

/** How the host of a service was found. */
export interface ReachedHost {
  origin: string;
  /** Any status shows that somebody is there: nothing is asked for. */
  status: number;
  /** What its clock says, in milliseconds since 1970; undefined where the answer has no date. */
  date: number | undefined;
  roundTripMs: number;
}

const TIMEOUT_MS = 10_000;

/**
 * Asks the host of a service for the head of its root, without credentials and without a call that could be billed.
 *
 * @throws {ApiError} of kind `network` when nobody answers
 */
export async function reachHost(dispatcher: Dispatcher, { origin }: URL): Promise<ReachedHost> {
  const startedAt = performance.now();
  try {
    const { statusCode, headers, body } = await requestBy(dispatcher, {
      origin,
      path: '/',
      method: 'HEAD',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const roundTripMs = performance.now() - startedAt;
    await body.dump();
    const date = Date.parse(String(headers['date']));
    return { origin, status: statusCode, date: Number.isNaN(date) ? undefined : date, roundTripMs };
  } catch (error) {
    const { code, text } = networkFailure(error) ?? { code: 'unknown', text: 'what came back is no answer' };
    throw new ApiError(`Cannot reach ${origin}: ${text}`, { kind: 'network', code });
  }
}
