export interface BackoffOptions {
  /** Upper bound of the first delay, in milliseconds. Default 1000. */
  baseMs?: number;
  /** Upper bound of every delay, in milliseconds. Default 60000. */
  capMs?: number;
  /** Random source in [0, 1). Default Math.random. */
  random?: () => number;
}

/**
 * Full-jitter exponential backoff: a random delay between 0 and min(cap, base * 2^retry), so that the retries of many
 * records spread out instead of coming back together.
 */
export function backoffDelayMs(retry: number, options: BackoffOptions = {}): number {
  const { baseMs = 1000, capMs = 60_000, random = Math.random } = options;
  return random() * Math.min(capMs, baseMs * 2 ** retry);
}
