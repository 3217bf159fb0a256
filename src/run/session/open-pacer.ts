import { AdaptivePacer, type PacerOptions } from '../../pacing/pacer.ts';
import type { Pacer } from '../ports.ts';
import type { SettledRunOptions } from '../run-options.ts';

/** The pacer of a run, and how the run leaves it. */
export interface OpenedPacer {
  pacer: Pacer;
  close(): Promise<void>;
}

type PacedOptions = Omit<PacerOptions, 'onLimitChange' | 'now'> & Pick<SettledRunOptions, 'pacer' | 'onEvent'>;

/** Takes the caller's pacer, which goes on after the run, or makes one of the run's limits. */
export function openPacer(options: PacedOptions): OpenedPacer {
  const { pacer: given, concurrency, requestsPerMinute, tokensPerMinute, quotas, knownCapacity, onEvent } = options;
  if (given !== undefined) return { pacer: given, close: () => Promise.resolve() };
  const pacer = new AdaptivePacer({
    concurrency,
    requestsPerMinute,
    tokensPerMinute,
    quotas,
    knownCapacity,
    onLimitChange: (concurrencyLimit) => onEvent?.({ type: 'limit-changed', concurrencyLimit }),
  });
  return { pacer, close: () => pacer.close() };
}
