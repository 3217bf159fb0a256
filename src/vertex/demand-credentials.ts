import { ApiError } from '../completion/api-error.ts';
import { GleanerError } from '../gleaner-error.ts';
import { plainText } from '../text/plain-text.ts';
import type { CredentialSource } from './credentials.ts';

/**
 * Without credentials every call would fail, and a token service that does not answer holds up all of them: better said before the
 * first. One that is down may come back while the calls are repeated.
 */
export async function demandCredentials(
  source: CredentialSource,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<void> {
  try {
    await inTime(source.headers(), timeoutMs, signal);
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof GleanerError) throw error;
    if (!(error instanceof ApiError)) throw credentialError(error);
    if (error.kind === 'credentials') throw new GleanerError('credentials-missing', error.message);
    if (error.kind === 'timeout') throw error;
  }
}

/** Longest wait for what must be there before the first call. */
const LONGEST_START_MS = 30_000;

function inTime<Value>(work: Promise<Value>, timeoutMs: number, signal: AbortSignal | undefined): Promise<Value> {
  const limitMs = Math.min(timeoutMs, LONGEST_START_MS);
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal?.reason);
    // A little later than the source's own limit, which names the token service.
    const timer = setTimeout(
      () => reject(new ApiError(`No access token within ${limitMs} ms`, { kind: 'timeout', mayBeBilled: false })),
      limitMs + 250,
    );
    if (signal?.aborted === true) onAbort();
    signal?.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    });
  });
}

/** For sources that users bring: their errors are not ours to trust. */
export function credentialError(error: unknown): ApiError {
  const text = error instanceof Error ? plainText(error.message, { limit: 300 }) : 'unknown failure';
  return new ApiError(`Cannot get credentials: ${text}`, { kind: 'credentials' });
}
