import { ApiError } from '../completion/api-error.ts';
import { StoreError } from '../files/store-error.ts';
import { GleanerError } from '../gleaner-error.ts';
import type { LaneRun } from '../run/lane.ts';
import type { SessionEnd } from '../run/session/run-session.ts';
import type { Shard } from './batch-state.ts';

/** How a session ends for an error outside of a pass; undefined for an error that no part of gleaner announces. */
export function endOfError(
  error: unknown,
  { directory, signal, stopSignal }: Pick<LaneRun, 'directory' | 'signal' | 'stopSignal'>,
): Omit<SessionEnd, 'unfinished'> | undefined {
  if (directory.failure.aborted) return { status: 'failed', reason: messageOf(directory.failure.reason) };
  const stopped = [signal, stopSignal].find((one) => one?.aborted === true);
  if (stopped !== undefined) return { status: 'interrupted', reason: messageOf(stopped.reason) };
  if (error instanceof StoreError) return { status: 'failed', reason: error.message };
  if (error instanceof GleanerError) return { status: 'refused', reason: error.message, facts: error.facts };
  if (error instanceof ApiError) {
    return { status: error.kind === 'credentials' ? 'refused' : 'stopped', reason: error.message };
  }
  return undefined;
}

/** How a session ends whose jobs have not: it is continued later. */
export function resumableEnd(open: readonly Shard[], waiting: number): SessionEnd {
  const lines = open.reduce((sum, shard) => sum + shard.lines, 0);
  const jobs = open.length === 1 ? '1 batch job' : `${open.length} batch jobs`;
  return {
    status: 'stopped',
    reason: `${jobs} with ${lines} ${lines === 1 ? 'record' : 'records'} ${open.length === 1 ? 'has' : 'have'} not ended yet`,
    unfinished: waiting,
  };
}

function messageOf(reason: unknown): string {
  return reason instanceof Error ? reason.message : String(reason ?? 'stopped by the caller');
}
